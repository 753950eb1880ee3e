import type { Grade, InferredDependency, Unresolved } from '../detect/detection.ts'
import { Gathered } from './gather.ts'
import type { Import } from './infer.ts'
import { knownNpm } from './known.ts'

/** `default`: to run; `optional`: the program runs without it; `dev`: to build it and check its types; `tools`: beside it, never installed */
export type Group = 'default' | 'optional' | 'dev' | 'tools'

/** One reason for a package. */
export interface Need {
  readonly name: string
  /** a range of npm; `*` for any */
  readonly version: string
  readonly group: Group
  readonly grade: Grade
  /** stable id of the rule that named it */
  readonly rule: string
  readonly says: string
  readonly file: string
  readonly line: number
  /** the specifier, where an import asks for it */
  readonly module?: string
}

/** Adds up what a unit needs: one dependency for each package. Names that are not on the list are never taken. */
export class NpmNeeds {
  readonly #needs = new Map<string, Need[]>()
  readonly #misses = new Gathered('npm', knownNpm)

  /** False where the name is not known. */
  add(need: Need): boolean {
    if (!knownNpm().has(need.name)) return false
    const needs = this.#needs.get(need.name)
    if (needs === undefined) this.#needs.set(need.name, [need])
    else needs.push(need)
    return true
  }

  miss(name: string, import_: Import, says: string): void {
    this.#misses.miss(name, import_, says, true)
  }

  has(name: string): boolean {
    return this.#needs.has(name)
  }

  /** in a group that the running program has */
  runs(name: string): boolean {
    return this.#needs.get(name)?.some(({ group }) => group === 'default') ?? false
  }

  names(): readonly string[] {
    return [...this.#needs.keys()]
  }

  /** The first reason of a package. */
  first(name: string): Need | undefined {
    return this.#needs.get(name)?.[0]
  }

  dependencies(): readonly InferredDependency[] {
    return [...this.#needs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, needs]) => dependency(name, needs))
  }

  unresolved(): readonly Unresolved[] {
    return this.#misses.unresolved()
  }
}

const groups: readonly Group[] = ['default', 'optional', 'dev', 'tools']

function dependency(name: string, needs: readonly Need[]): InferredDependency {
  const best = needs.reduce((one, other) => (better(other, one) ? other : one))
  const versions = [...new Set(needs.map(({ version }) => version).filter((version) => version !== '*'))].sort()
  const modules = new Set(needs.flatMap(({ module }) => module ?? []))
  const { rule, file, line, says } = best
  return {
    origin: 'inferred',
    ecosystem: 'npm',
    name,
    specifier: versions.length === 0 ? '*' : versions.join(' || '),
    group: best.group,
    grade: best.grade,
    imports: [...modules].sort(),
    evidence: { rule, ...(file === '' ? {} : { file, line }), says },
  }
}

/** Nearer to the running program, then surer. */
function better(one: Need, other: Need): boolean {
  const difference = groups.indexOf(one.group) - groups.indexOf(other.group)
  return difference < 0 || (difference === 0 && one.grade < other.grade)
}
