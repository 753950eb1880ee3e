import type { Ecosystem, Evidence, Grade, InferredDependency, Unresolved } from '../detect/detection.ts'
import { shown } from '../failure/error.ts'
import type { Import } from './infer.ts'
import type { KnownNames } from './known.ts'
import { nearNames } from './near.ts'

/** A package as one import asks for it. */
export interface Wanted {
  readonly name: string
  readonly extras: readonly string[]
  readonly specifier: string
  readonly grade: Grade
  /** stable id of the rule that named it */
  readonly rule: string
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

  /** `near`: a known name may be meant */
  miss(module: string, import_: Import, says: string, near: boolean): void {
    if (!this.#unresolved.has(module)) this.#unresolved.set(module, { import: import_, says, near })
  }

  dependencies(): readonly InferredDependency[] {
    return [...this.#wanted].sort(byKey).map(([name, wants]) => {
      const best = wants.reduce((one, other) => (other.from.grade < one.from.grade ? other : one))
      const extras = unique(wants.flatMap(({ from }) => from.extras))
      return {
        origin: 'inferred',
        ecosystem: this.#ecosystem,
        name,
        ...(extras.length > 0 ? { extras } : {}),
        specifier: unique(wants.map(({ from }) => from.specifier).filter((specifier) => specifier !== '')).join(','),
        group: 'default',
        grade: best.from.grade,
        imports: unique(wants.map(({ module }) => module)),
        evidence: evidence(best.from.rule, best.import, `imports ${shown(best.module)}`),
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
        near: near && index < maxNear ? nearNames(this.#ecosystem === 'pypi' ? name.split('.', 1)[0]! : name, this.#known().all) : [],
        evidence: evidence(`${this.#ecosystem === 'pypi' ? 'python' : 'javascript'}.import.unknown`, import_, says),
      }))
  }
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
