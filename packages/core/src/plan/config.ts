import { shown } from '../failure/error.ts'
import { checked } from './checked.ts'
import { withoutComments } from '../infer/loose-json.ts'
import { configSchema } from './config-schema.ts'
import { readJson } from '../detect/placed-json.ts'
import type { Arg } from './plan.ts'

/**
 * The user's wishes over detection: `kiln.json`, flags, API fields. One schema (`schema/config.schema.json`); lists extend
 * (add, remove), never replace. JSON, never executed.
 */
export interface Config {
  /** where editors find the schema; ignored */
  readonly $schema?: string
  /** the edition of the default rules, such as `2026.11`; default: that of this version of Kiln */
  readonly edition?: string
  /** the directory of the source to build, when it holds several projects */
  readonly unit?: string
  readonly language?: 'python' | 'javascript' | 'typescript' | 'go' | 'static'
  /** `name`: which runtime a JavaScript or TypeScript program is for */
  readonly runtime?: { readonly name?: 'node' | 'deno' | 'bun'; readonly version?: string }
  /** one that the rules know (`fastapi`, `express`, `next`), when the source has several */
  readonly framework?: string
  readonly packageManager?: 'pip' | 'uv' | 'poetry' | 'pdm' | 'pipenv' | 'conda' | 'pixi' | 'npm' | 'pnpm' | 'yarn' | 'bun'
  /** what installs the packages of a list that is pip's; default: uv, where it does the same as pip */
  readonly installer?: 'uv' | 'pip'
  /** the file that starts, relative to the source */
  readonly entrypoint?: string
  /** argv, without a shell */
  readonly start?: readonly Arg[]
  readonly port?: number
  /** groups of dependencies to install beside the default one */
  readonly groups?: Edits<string>
  /** Python requirements in the format of pip; they take the place of what the source declares */
  readonly requirements?: string
  /** add: `httpx>=0.27`, `zod@^4`; remove: names */
  readonly dependencies?: Edits<string>
  /** Debian packages of the image */
  readonly systemPackages?: Edits<string>
  /** Debian packages that only the build needs: compilers and headers */
  readonly buildPackages?: Edits<string>
  readonly env?: { readonly add?: Readonly<Record<string, string>>; readonly remove?: readonly string[] }
  /** commands after the detected build, each an argv; or commands of the plan to leave out, as it has them */
  readonly build?: Edits<readonly string[]>
  /** the directory of the front end that is built and served; false: none is built */
  readonly frontend?: string | false
  /** paths of the source that the build of a unit sees beside what is found */
  readonly context?: { readonly add?: readonly string[] }
  readonly base?: { readonly image: string } | { readonly distro: 'bookworm' | 'trixie' }
}

export interface Edits<T> {
  readonly add?: readonly T[]
  readonly remove?: readonly T[]
}

/** Checks a Config that came as JSON. Throws `invalid_config` naming the field, with what was probably meant. */
export function parseConfig(value: unknown): Config {
  return checked(configSchema, value, { code: 'invalid_config', what: 'the configuration' })
}

/** Reads the text of a `kiln.json`: JSON in which line and block comments may stand. Throws `invalid_config` naming the field, file and line. */
export function readConfig(text: string, file: string): Config {
  const placed = readJson(withoutComments(text), file, 'invalid_config')
  return checked(configSchema, placed.value, { code: 'invalid_config', what: shown(file), placed })
}

/** Several Configs as one, the later the stronger: single values replace, lists and maps extend. */
export function mergeConfigs(weaker: Config, stronger: Config): Config {
  const merged: Record<string, unknown> = { ...weaker, ...stronger }
  for (const field of ['groups', 'dependencies', 'systemPackages', 'buildPackages', 'build', 'context'] as const)
    if (weaker[field] && stronger[field]) merged[field] = bothEdits<unknown>(weaker[field], stronger[field])
  if (weaker.env && stronger.env) merged['env'] = bothEnvs(weaker.env, stronger.env)
  if (weaker.runtime && stronger.runtime) merged['runtime'] = { ...weaker.runtime, ...stronger.runtime }
  return merged
}

function bothEdits<T>(a: Edits<T>, b: Edits<T>): Edits<T> {
  return { add: [...(a.add ?? []), ...(b.add ?? [])], remove: [...(a.remove ?? []), ...(b.remove ?? [])] }
}

function bothEnvs(a: NonNullable<Config['env']>, b: NonNullable<Config['env']>): NonNullable<Config['env']> {
  return { add: { ...a.add, ...b.add }, remove: [...(a.remove ?? []), ...(b.remove ?? [])] }
}
