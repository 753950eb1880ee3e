import { BuildError, shown } from '../failure/error.ts'
import type { Evidence, Finding, Notice } from './detection.ts'

/** A wish for a version of the runtime: one place of the source that names it, strongest first in a list. */
export interface Constraint {
  /** as written */
  readonly text: string
  readonly evidence: Evidence
  /** names one version or release line; a range does not */
  readonly pin: boolean
  /** the whole version when the place names one, such as `3.12.4` */
  readonly exact?: string
  /** true when a release line (`3.12`, `22`) has a version that fits */
  allows(line: string): boolean
}

export interface RuntimeRules {
  readonly name: string
  /** release lines that are chosen by themselves, best first */
  readonly supported: readonly string[]
  /** further lines, chosen only where the source leaves nothing else, best first */
  readonly others: readonly string[]
  readonly standard: { readonly line: string; readonly evidence: Evidence }
  /** the line of an exact version: `3.12.4` is of `3.12` */
  lineOf(version: string): string
}

export interface SolvedVersion {
  readonly version: Finding<string>
  /** pins that a stronger pin overruled */
  readonly overruled: readonly Constraint[]
}

/**
 * The version that satisfies all constraints together: exact where a pin says so, else the newest supported line. Of
 * pins that contradict each other the strongest counts; ranges hold always, and `wishes` where they leave a choice. Throws
 * `conflicting_constraints`, also where one of them names what no release line of the edition is.
 */
export function solveVersion(rules: RuntimeRules, constraints: readonly Constraint[], wishes: readonly Constraint[] = []): SolvedVersion {
  const standard = { value: rules.standard.line, evidence: rules.standard.evidence }
  const first = constraints[0]
  if (!first) return unconstrained(rules, wishes)
  const leader = constraints.find((constraint) => constraint.pin)
  const overruled = constraints.filter((one) => one.pin && leader !== undefined && one !== leader && !together(rules, one, leader))
  const kept = constraints.filter((constraint) => !overruled.includes(constraint))
  const exact = kept.find((constraint) => constraint.exact !== undefined)
  const capped = wishes.length > 0 ? newest(rules, [...kept, ...wishes]) : undefined
  const value = exact ? pinned(exact, kept) : (capped ?? newest(rules, kept))
  if (value === undefined) throw conflict(rules, kept)
  const winner = exact ?? first
  const winning =
    exact || winner.pin ? winner.evidence : { ...winner.evidence, says: `${winner.evidence.says}; ${why(rules, value, kept, wishes)}` }
  const lost = constraints.filter((constraint) => constraint !== winner).map(({ text, evidence }) => ({ value: text, evidence }))
  return { version: { value, evidence: winning, lost: [...lost, standard], override: 'runtime.version' }, overruled }
}

/** The default of the edition, unless a wish is against it. */
function unconstrained(rules: RuntimeRules, wishes: readonly Constraint[]): SolvedVersion {
  const standard = { value: rules.standard.line, evidence: rules.standard.evidence }
  const against = wishes.find((wish) => !wish.allows(standard.value))
  const value = against && newest(rules, wishes)
  if (value === undefined) return { version: { ...standard, lost: [], override: 'runtime.version' }, overruled: [] }
  return { version: { value, evidence: against!.evidence, lost: [standard], override: 'runtime.version' }, overruled: [] }
}

// A range leaves a choice, and the newest line may be newer than what people had in mind.
function why(rules: RuntimeRules, value: string, kept: readonly Constraint[], wishes: readonly Constraint[]): string {
  const best = newest(rules, kept)
  const cap = best === value || best === undefined ? undefined : wishes.find((wish) => !wish.allows(best))
  if (cap)
    return `${value} is the newest for which ${cap.evidence.says.replace(/ has wheels.*/, '')} has wheels too; set runtime.version for another`
  const names = [...new Set(kept.map(({ text }) => shown(text)))].join(' and ')
  const which = rules.supported.includes(value) ? 'the newest that' : 'the best that'
  return `${value} is ${which} ${names} ${kept.length > 1 ? 'allow' : 'allows'}; set runtime.version for another`
}

/** What to say about pins that lost. */
export function overruledNotices({ version, overruled }: SolvedVersion): readonly Notice[] {
  return overruled.map(({ evidence }) => ({
    code: 'overruled_version',
    message: `${evidence.says}, which ${version.evidence.file ?? 'the configuration'} overrules with ${version.value}.`,
    ...(evidence.file === undefined ? {} : { file: evidence.file }),
    ...(evidence.line === undefined ? {} : { line: evidence.line }),
  }))
}

function together(rules: RuntimeRules, one: Constraint, leader: Constraint): boolean {
  if (one.exact !== undefined) return leader.allows(one.exact)
  if (leader.exact !== undefined) return one.allows(leader.exact)
  return newest(rules, [one, leader]) !== undefined
}

function pinned(exact: Constraint, constraints: readonly Constraint[]): string | undefined {
  return constraints.every((constraint) => constraint.allows(exact.exact!)) ? exact.exact : undefined
}

function newest(rules: RuntimeRules, constraints: readonly Constraint[]): string | undefined {
  return [...rules.supported, ...rules.others].find((line) => constraints.every((constraint) => constraint.allows(line)))
}

function conflict(rules: RuntimeRules, constraints: readonly Constraint[]): BuildError {
  const places = constraints.map(said)
  const unknown = constraints.find((one) => one.exact === undefined && newest(rules, [one]) === undefined)
  const lines = [...rules.supported, ...rules.others].sort(newestFirst)
  const message = unknown
    ? `${said(unknown)}, and of ${rules.name} there is ${lines.join(', ')}`
    : `no version of ${rules.name} satisfies all of: ${places.join('; ')}`
  const { file, line, rule } = (unknown ?? constraints[0]!).evidence
  const field = rule === 'config.runtime.version' ? 'runtime.version' : undefined
  return new BuildError('conflicting_constraints', message, {
    ...(unknown && { hint: `Ask for a version of ${rules.name} that there is, also with "runtime.version" in kiln.json.` }),
    data: { file, line, field, constraints: places, places: constraints.flatMap(({ evidence }) => placeData(evidence)) },
  })
}

function said({ text, evidence }: Constraint): string {
  return `${place(evidence)} says ${shown(text)}`
}

function newestFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true })
}

function placeData({ file, line }: Evidence): { file: string; line?: number }[] {
  return file === undefined ? [] : [{ file, ...(line === undefined ? {} : { line }) }]
}

function place({ file, line }: Evidence): string {
  return file === undefined ? 'the configuration' : `${shown(file)}${line === undefined ? '' : `:${line}`}`
}
