import type { Json } from '../failure/error.ts'

/** Why a value was found: the rule, and where in the source it fired. */
export interface Evidence {
  /** stable id such as `python.version.requires-python`; docs/detection.md lists them */
  readonly rule: string
  readonly file?: string
  /** 1-based */
  readonly line?: number
  /** one short sentence for people */
  readonly says: string
}

/** A value together with its evidence, and what lost against it. */
export interface Finding<T> {
  readonly value: T
  readonly evidence: Evidence
  readonly lost: readonly { readonly value: T; readonly evidence: Evidence }[]
  /** the path of the Config field that overrides it, such as `runtime.version` */
  readonly override: string
}

/** One way to go on where the source alone does not decide: what to set in the Config, and why it is likely. */
export interface Candidate {
  /** a patch of the Config, such as `{ entrypoint: 'api.py' }` */
  readonly config: { readonly [key: string]: Json }
  readonly title: string
  readonly evidence: Evidence
}

/** Something worth saying that did not stop the work. */
export interface Notice {
  /** stable id in snake_case; docs/detection.md lists them */
  readonly code: string
  readonly message: string
  readonly file?: string
  readonly line?: number
  /** a patch of the Config that settles it */
  readonly fix?: Json
}

/** A package the source needs. */
export type Dependency = DeclaredDependency | InferredDependency

export interface DeclaredDependency {
  readonly origin: 'declared'
  readonly ecosystem: Ecosystem
  /** normalised (PEP 503 for PyPI) */
  readonly name: string
  readonly extras?: readonly string[]
  /** as the manifest says it, such as `>=1.0`; empty when it says nothing */
  readonly specifier: string
  /** `default` for what the program needs to run, else the name of the group, such as `dev` */
  readonly group: string
  readonly evidence: Evidence
}

export interface InferredDependency {
  readonly origin: 'inferred'
  readonly ecosystem: Ecosystem
  readonly name: string
  readonly extras?: readonly string[]
  readonly specifier: string
  readonly group: string
  /** how sure: A table, B namespace rule, C ranked name equal to the import, D ranked by affix; E and F are never installed */
  readonly grade: Grade
  /** the imports it stands for */
  readonly imports: readonly string[]
  readonly evidence: Evidence
}

export type Ecosystem = 'pypi' | 'npm'
export type Grade = 'A' | 'B' | 'C' | 'D'

/** An import no known package stands for: reported, never installed. */
export interface Unresolved {
  readonly import: string
  readonly ecosystem: Ecosystem
  /** E: a package of this name is on the index, but nothing says that it is meant; F: none is known */
  readonly grade: 'E' | 'F'
  /** known names that look alike, best first, at most 3 */
  readonly near: readonly string[]
  readonly evidence: Evidence
}
