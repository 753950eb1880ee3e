import type { Ecosystem, Evidence, Grade, InferredDependency, Unresolved } from '../detect/detection.ts'
import { shown } from '../failure/error.ts'
import type { Import } from './infer.ts'
import type { KnownNames } from './known.ts'
import { nearNames } from './near.ts'
import { isTaken } from './python-rules.ts'

/** A package as one import asks for it. */
export interface Wanted {
  readonly name: string
  readonly extras: readonly string[]
  readonly specifier: string
  readonly grade: Grade
  /** stable id of the rule that named it */
  readonly rule: string
  /** one short sentence; without it the import is told */
  readonly says?: string
  /** the specifier is a custom, which gives way to a bound that the code asks for */
  readonly floor?: boolean
}

/** Adds up what imports ask for: one dependency for each package, one unresolved for each name. */
export class Gathered {
  readonly #ecosystem: Ecosystem
  readonly #known: () => KnownNames
  readonly #wanted = new Map<string, { readonly from: Wanted; readonly import: Import; readonly module: string }[]>()
  readonly #unresolved = new Map<string, { readonly import: Import; readonly says: string; readonly near: boolean }>()

  constructor(ecosystem: Ecosystem, known: () => KnownNames) {
    this.#ecosystem = ecosystem
    this.#known = known
  }

  need(from: Wanted, import_: Import, module: string): void {
    const wants = this.#wanted.get(from.name) ?? []
    wants.push({ from, import: import_, module })
    this.#wanted.set(from.name, wants)
  }

  has(name: string): boolean {
    return this.#wanted.has(name)
  }

  some(test: (name: string) => boolean): boolean {
    return [...this.#wanted.keys()].some(test)
  }

  /** the import that asked for a package first */
  first(name: string): Import | undefined {
    return this.#wanted.get(name)?.[0]?.import
  }

  /** `near`: a known name may be meant */
  miss(module: string, import_: Import, says: string, near: boolean): void {
    if (!this.#unresolved.has(module)) this.#unresolved.set(module, { import: import_, says, near })
  }

  dependencies(): readonly InferredDependency[] {
    return [...this.#wanted].sort(byKey).map(([name, wants]) => {
      const best = wants.reduce((one, other) => (isBetter(other.from, one.from) ? other : one))
      const extras = unique(wants.flatMap(({ from }) => from.extras))
      return {
        origin: 'inferred',
        ecosystem: this.#ecosystem,
        name,
        ...(extras.length > 0 ? { extras } : {}),
        specifier: joined(wants.map(({ from }) => from)),
        group: 'default',
        grade: best.from.grade,
        imports: unique(wants.map(({ module }) => module).filter((module) => module !== '')),
        evidence: evidence(best.from.rule, best.import, best.from.says ?? `imports ${shown(best.module)}`),
      }
    })
  }

  unresolved(): readonly Unresolved[] {
    return [...this.#unresolved]
      .sort(byKey)
      .slice(0, maxUnresolved)
      .map(([name, { import: import_, says, near }], index) => ({
        import: name,
        ecosystem: this.#ecosystem,
        grade: this.#ecosystem === 'pypi' && isTaken(name) ? 'E' : 'F',
        near: near && index < maxNear ? nearNames(this.#ecosystem === 'pypi' ? name.split('.', 1)[0]! : name, this.#known().all) : [],
        evidence: evidence(`${this.#ecosystem === 'pypi' ? 'python' : 'javascript'}.import.unknown`, import_, says),
      }))
  }
}

/** The surer one tells why; among equals the one that decides the version. */
function isBetter(one: Wanted, other: Wanted): boolean {
  if (one.grade !== other.grade) return one.grade < other.grade
  return decides(one) && !decides(other)
}

function decides({ specifier, floor }: Wanted): boolean {
  return specifier !== '' && floor !== true
}

/** All specifiers together; a floor goes where code asks for something older, and an upper bound where other code asks for something newer. */
function joined(wants: readonly Wanted[]): string {
  const asked = wants.filter(decides)
  const floors = wants.filter(({ specifier, floor }) => specifier !== '' && floor === true)
  const all = unique([...asked, ...(asked.length > 0 ? [] : floors)].flatMap(({ specifier }) => specifier.split(',')))
  const lowest = all.flatMap((clause) => /^>=(\d+)/.exec(clause)?.[1] ?? []).map(Number)
  return all.filter((clause) => !lowest.some((low) => low >= Number(/^<(\d+)$/.exec(clause)?.[1] ?? Infinity))).join(',')
}

/** Looking for like names costs a pass over the list each. */
const maxNear = 20
/** More names than this that nobody knows are no program. */
const maxUnresolved = 200

function evidence(rule: string, import_: Import, says: string): Evidence {
  return { rule, ...(import_.file === '' ? {} : { file: import_.file, line: import_.line }), says }
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1
}
