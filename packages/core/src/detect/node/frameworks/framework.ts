import type { Arg } from '../../../plan/plan.ts'
import type { Evidence, Notice } from '../../detection.ts'
import type { Tree } from '../../tree.ts'
import type { ConfigFile } from '../config-file.ts'
import type { BuiltFrameworkName } from '../framework-names.ts'
import type { PackageJson } from '../package-json.ts'

/** What a framework asks of a unit. */
export interface Facts {
  readonly tree: Tree
  readonly manifest: PackageJson
  /** a package that is declared, in any group, by its exact name */
  readonly has: (name: string) => boolean
  readonly script: (name: string) => string | undefined
  /** of a package, by the lock, else by what is asked for */
  readonly major: (name: string) => number | undefined
  /** a configuration that is a program: `next.config.*` */
  readonly config: (...stems: readonly string[]) => ConfigFile | undefined
}

/** How the programs of one framework are built and started; see the tables in docs/detection/node.md. */
export interface Framework {
  readonly name: BuiltFrameworkName | 'trigger.dev'
  /** one of these packages is declared */
  readonly packages: readonly string[]
  /** undefined where the package alone does not make it a program of this framework */
  readonly serve: (facts: Facts) => Serving | Refused | undefined
}

export type Serving = Served | Site

interface Common {
  /** where and why, beside the package itself */
  readonly evidence?: Evidence
  /** without `scripts.build` */
  readonly build?: readonly string[]
  /** variables of the build command */
  readonly buildEnv?: Readonly<Record<string, string>>
  readonly notices?: readonly Notice[]
}

/** A program that serves. */
export interface Served extends Common {
  readonly kind: 'served'
  /** after `node`; with the port of the plan */
  readonly start: (port: string) => readonly Arg[]
  readonly port: number | null
  readonly env?: Readonly<Record<string, string>>
  /** files that start scripts run in the framework's own way, though they are no outputs below the unit */
  readonly scripted?: readonly string[]
  /** directories that the build writes and the program needs, beside source and packages */
  readonly outputs?: readonly string[]
  /** what the build writes is the whole program; the first one has to be there */
  readonly alone?: readonly { readonly from: string; readonly to: string }[]
  /** directories that the build leaves and nobody needs */
  readonly remove?: readonly string[]
  /** a package that the start needs: it comes along where it is not declared, and stays where it is one of development */
  readonly needs?: { readonly name: string; readonly specifier: string; readonly says: string }
  /** false: there is nothing to build */
  readonly builds?: boolean
  /** files of ours that the start runs */
  readonly files?: readonly { readonly path: string; readonly text: string }[]
}

/** A build that leaves files. */
export interface Site extends Common {
  readonly kind: 'site'
  readonly out: string
  /** paths that no file has are routes of the application in the browser */
  readonly fallback: boolean
}

/** Known, and known not to run in a container as it stands. */
export interface Refused {
  readonly kind: 'refused'
  readonly says: string
  readonly hint: string
}

/** A command of an installed package, for a build: what lies there is a link or a script, by the manager. */
export function tool(name: string): string {
  return `node_modules/.bin/${name}`
}

/** A file of an installed package, for a start: node itself runs it. */
export function bin(name: string, file: string): string {
  return `node_modules/${name}/${file}`
}

export function site(out: string, fallback: boolean, build?: readonly string[], evidence?: Evidence): Site {
  return { kind: 'site', out, fallback, ...(build ? { build } : {}), ...(evidence ? { evidence } : {}) }
}

/** A path as people write it, without `./` before and `/` behind; undefined when it leaves the unit. */
export function plainPath(path: string | boolean | number | undefined): string | undefined {
  if (typeof path !== 'string') return undefined
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return path.startsWith('/') || parts.includes('..') || parts.length === 0 || /[\\\0]/.test(path) ? undefined : parts.join('/')
}

/** The evidence of a literal in a configuration. */
export function saidBy(config: ConfigFile, text: string, says: string): Evidence {
  return { rule: 'node.start.framework', file: config.file, line: config.line(text), says }
}
