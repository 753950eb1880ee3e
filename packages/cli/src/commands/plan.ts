import { planChanges, type PlanChange, type Planned } from '@kiln/core'
import type { Io } from '../io.ts'
import { overviewLines } from '../overview.ts'
import { fallsBack, notPlanned, planSource, replan, type PlanOptions } from '../planning.ts'
import { stylesFor, type Styles } from '../terminal/style.ts'
import { plainText } from '../terminal/text.ts'
import { becauseOf } from './explain.ts'

type Ok = Extract<Planned, { ok: true }>

/** `kiln plan`: the plan as JSON, or what stands in it for people; with --edition what that edition changes. */
export async function plan(io: Io, where: string, options: PlanOptions): Promise<number> {
  const { source, planned } = await planSource(io, where, options)
  await using _ = source
  if (!planned.ok) {
    if (!options.json && fallsBack(planned, source)) io.stderr.write('kiln: no plan; kiln build would use the Dockerfile of the source.\n')
    throw notPlanned(planned)
  }
  if (options.edition !== undefined) return tellChanges(io, replan(io, source, { ...options, edition: undefined }), planned, options)
  if (options.json) io.stdout.write(`${JSON.stringify(planned.plan, null, 2)}\n`)
  else io.stdout.write(text(overviewLines(planned, stylesFor(io, io.stdout))))
  return 0
}

/** What an edition changes for this source, against the one it has. */
function tellChanges(io: Io, before: Planned, after: Ok, options: PlanOptions): number {
  if (!before.ok) throw notPlanned(before)
  const changes = planChanges(before, after).filter(({ field }) => field !== 'edition')
  const [from, to] = [before.plan.edition, after.plan.edition]
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, from, to, changes, plan: after.plan }, null, 2)}\n`)
  else io.stdout.write(text(changeLines(from, to, changes, stylesFor(io, io.stdout))))
  return 0
}

function changeLines(from: string, to: string, changes: readonly PlanChange[], styles: Styles): readonly string[] {
  const head = styles.bold(`edition ${from} -> ${to}`)
  if (from === to) return [`${head}: that is the edition this source has`]
  if (changes.length === 0) return [`${head}: nothing changes for this source`]
  return [
    head,
    ...changes.flatMap((change) => [
      `${styles.bold(plainText(change.field))} ${shownValue(change.from)} ${styles.faint('->')} ${styles.cyan(shownValue(change.to))}`,
      `  because  ${becauseOf(change.evidence, styles)}`,
      ...(change.override === '' ? [] : [`  override ${styles.faint(plainText(change.override))} in kiln.json`]),
    ]),
    styles.faint(`to take it: "edition": "${to}" in kiln.json`),
  ]
}

function shownValue(value: string | null): string {
  return value === null ? '(none)' : plainText(value)
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
