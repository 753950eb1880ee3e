import type { Arg, Step } from '../plan/plan.ts'
import type { Evidence, Finding, Notice } from './detection.ts'
import type { Install } from './install.ts'

export type Language = 'python' | 'javascript' | 'typescript' | 'go' | 'static'
export type RuntimeName = 'python' | 'node' | 'go' | 'deno' | 'bun'

/** What a source is, in one language: all that can be known without inferring packages from imports. */
export interface Project {
  readonly language: Finding<Language>
  readonly runtime: { readonly name: RuntimeName; readonly version: Finding<string> }
  readonly framework?: Finding<string>
  /** undefined when nothing declares the packages, so that they are inferred from the imports */
  readonly install?: Install
  /** other managers that have files here, and lost */
  readonly otherManagers: readonly { readonly value: string; readonly evidence: Evidence }[]
  /** relative to the unit */
  readonly entrypoint?: Finding<string>
  readonly start: Finding<readonly Arg[]>
  /** null: a program that listens nowhere, such as a worker */
  readonly port: Finding<number | null>
  /** the program that serves, which must be among the packages */
  readonly server?: Server
  /** commands of a build stage, and what of it the image needs */
  readonly build?: Build
  /** all steps but those of the distribution's packages and the user's own commands, where no package manager of ours makes them */
  readonly steps?: readonly Step[]
  /** an image that suits the program better than its runtime's; not where packages of the distribution are needed, or the Config names one */
  readonly base?: { readonly ref: string; readonly evidence: Evidence }
  /** files that Kiln writes beside the source, such as a small server for what has none */
  readonly generated?: readonly { readonly path: string; readonly text: string }[]
  /** paths of the source that it needs as they lie beside its unit, such as the root of its workspace */
  readonly beside?: readonly string[]
  /** groups of dependencies the program needs to run, beside the default one */
  readonly groups: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly notices: readonly Notice[]
  /** `strong`: something says how it starts; `weak`: a file name does */
  readonly strength: 'strong' | 'weak'
}

export interface Server {
  /** the package, such as `uvicorn` */
  readonly name: string
  readonly specifier: string
  /** packages that bring it along: `fastapi[standard]` only with the extra, others always */
  readonly broughtBy?: readonly { readonly name: string; readonly extras?: readonly string[] }[]
  readonly evidence: Evidence
}

export interface Build {
  readonly argv: readonly string[]
  /** commands of the same stage, before and after it */
  readonly before?: readonly (readonly string[])[]
  readonly after?: readonly (readonly string[])[]
  /** in the build stage, with tools that the image does not get: of a language whose builds happen in the image otherwise */
  readonly apart?: boolean
  /** directories the build writes; empty when they are not known, so that all is taken */
  readonly outputs: readonly string[]
  /** what the image takes is the whole program: neither the source nor packages come with it; `to` is below /app */
  readonly alone?: readonly { readonly from: string; readonly to: string }[]
  /** it writes into the installed packages (Prisma's client), so that the image takes those of the build */
  readonly inPackages?: boolean
  readonly evidence: Evidence
}
