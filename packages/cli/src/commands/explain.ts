import type { Dependency, Evidence, Planned } from '@kiln/core'
import type { Io } from '../io.ts'
import { noticeLine, packageText, stepText } from '../overview.ts'
import { notPlanned, planSource, type PlanOptions } from '../planning.ts'
import { stylesFor, type Styles } from '../terminal/style.ts'
import { plainText } from '../terminal/text.ts'

type Ok = Extract<Planned, { ok: true }>

/** `kiln explain`: for every decision the rule that won and where, what lost, and how to override it. */
export async function explain(io: Io, where: string, options: PlanOptions): Promise<number> {
  const { source, planned } = await planSource(io, where, options)
  await using _ = source
  if (!planned.ok) throw notPlanned(planned)
  const left = source.ignored.denied
  if (options.json)
    io.stdout.write(
      `${JSON.stringify({ version: 1, plan: planned.plan, evidence: planned.evidence, notices: planned.notices, leftOut: left }, null, 2)}\n`,
    )
  else
    io.stdout.write(
      explanation(planned, left, stylesFor(io, io.stdout))
        .map((line) => `${line}\n`)
        .join(''),
    )
  return 0
}

function explanation(planned: Ok, leftOut: readonly string[], styles: Styles): readonly string[] {
  const { values, dependencies, unresolved, steps } = planned.evidence
  return [
    ...values.flatMap((one) => [
      `${styles.bold(one.field)} ${styles.faint('=')} ${styles.cyan(plainText(one.value))}`,
      `  because  ${becauseOf(one.evidence, styles)}`,
      ...one.lost.map((loser) => `  not      ${plainText(loser.value)}: ${becauseOf(loser.evidence, styles)}`),
      `  override ${styles.faint(plainText(one.override))} in kiln.json`,
    ]),
    ...section(
      'Packages (override: dependencies in kiln.json)',
      dependencies.map((one) => dependencyLine(one, styles)),
      styles,
    ),
    ...section(
      'Steps',
      planned.plan.steps.flatMap((step, at) => [
        `  ${styles.faint(step.in.padEnd(5))} ${plainText(stepText(step))}`,
        `        because ${becauseOf(steps[at]!, styles)}`,
      ]),
      styles,
    ),
    ...section(
      'Imports without a known package: not installed',
      unresolved.map(
        (one) =>
          `  ${plainText(one.import)}${one.near.length > 0 ? ` (similar: ${plainText(one.near.join(', '))})` : ''}: ${becauseOf(one.evidence, styles)}`,
      ),
      styles,
    ),
    ...section(
      'Left out by default (--keep PATTERN to keep)',
      leftOut.map((path) => `  ${plainText(path)}`),
      styles,
    ),
    ...section(
      'Notes',
      planned.notices.map((notice) => `  ${noticeLine(notice, styles)}`),
      styles,
    ),
  ]
}

function section(title: string, lines: readonly string[], styles: Styles): readonly string[] {
  return lines.length === 0 ? [] : ['', styles.bold(title), ...lines]
}

function dependencyLine(one: Dependency, styles: Styles): string {
  const how = one.origin === 'inferred' ? `inferred, grade ${one.grade}` : 'declared'
  const group = one.group === 'default' ? '' : styles.faint(` (group ${plainText(one.group)})`)
  return `  ${plainText(packageText(one)).padEnd(28)} ${how.padEnd(18)} ${becauseOf(one.evidence, styles)}${group}`
}

export function becauseOf({ says, rule, file, line }: Evidence, styles: Styles): string {
  const place = file === undefined ? '' : ` ${plainText(file)}${line === undefined ? '' : `:${line}`}`
  return `${plainText(says)}${styles.faint(`${place} [${rule}]`)}`
}
