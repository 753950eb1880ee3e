import type { DeclaredDependency, Evidence, Notice } from './detection.ts'

/** What a package manager's files say about installing: the input of the `python` and `node` steps. */
export interface Install {
  readonly manager: 'pip' | 'uv' | 'poetry' | 'pdm' | 'pipenv' | 'conda' | 'pixi' | 'npm' | 'pnpm' | 'yarn' | 'bun'
  /** what carries the installation out, where it is not the manager itself */
  readonly installer?: 'pip'
  readonly evidence: Evidence
  /** files of the unit that the install step needs and nothing else; the first is the one to install from */
  readonly manifests: readonly string[]
  /** files that Kiln writes; a manifest may be one of them */
  readonly generated: readonly { readonly path: string; readonly text: string }[]
  readonly dependencies: readonly DeclaredDependency[]
  /** everything the lock installs: normalised names to versions; undefined without a lock */
  readonly locked?: ReadonlyMap<string, string>
  /** why the whole source must be there before the install step */
  readonly wholeSource?: Evidence
  /** scripts of the project that the install step leaves out, such as a `prepare` that only sets up a checkout */
  readonly without?: readonly string[]
  /** scripts of the project run while installing, and may need packages for development */
  readonly runsScripts?: boolean
  /** some package is fetched by git */
  readonly git: boolean
  /** packages of the distribution that the manifest itself names */
  readonly system?: readonly string[]
  /** the manager itself, where the base does not bring it */
  readonly toolchain?: { readonly name: string; readonly version: string }
  readonly notices: readonly Notice[]
}
