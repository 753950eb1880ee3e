import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  BuildError,
  editionOf,
  mergeConfigs,
  ownConfig,
  parseConfig,
  plan,
  readConfig,
  shown,
  type Config,
  type Opening,
  type Planned,
  type Source,
} from '@kiln/core'
import type { Io } from './io.ts'
import { openSource, type OpenedSource } from './open-source.ts'

/** The options of every command that plans: the fields of a Config a person sets by hand. */
export interface PlanOptions {
  readonly json?: true
  readonly config?: string
  readonly unit?: string
  readonly entrypoint?: string
  readonly port?: string
  readonly framework?: string
  readonly language?: string
  readonly runtimeVersion?: string
  readonly packageManager?: string
  readonly base?: string
  readonly edition?: string | undefined
  readonly systemPackage?: readonly string[]
  readonly keep?: readonly string[]
}

export interface PlannedSource extends OpenedSource {
  /** what the caller says over the kiln.json of the source */
  readonly config: Config
  /** all of it: kiln.json and flags */
  readonly wishes: Config
  readonly planned: Planned
}

/** Opens and plans a source. The caller disposes of the source. */
export async function planSource(io: Io, where: string, options: PlanOptions, opening: Opening = {}): Promise<PlannedSource> {
  const opened = await openSource(io, where, { ...opening, ...(options.keep && { keep: options.keep }) })
  try {
    const config = configOf(io, options)
    const wishes = options.config === undefined ? mergeConfigs(ownConfig(opened.source), config) : config
    return { ...opened, config, wishes, planned: plan(opened.source, config) }
  } catch (error) {
    await opened.source[Symbol.asyncDispose]()
    throw error
  }
}

/** The same source once more, with other options. */
export function replan(io: Io, source: Source, options: PlanOptions): Planned {
  return plan(source, configOf(io, options))
}

/**
 * What is said over the kiln.json of the source: the file of --config, and the flags. Planning reads the source's own by itself: said
 * twice, a command of it would run twice. Throws `invalid_config`.
 */
export function configOf(io: Io, options: PlanOptions): Config {
  const flags = parseConfig(flagConfig(options))
  return options.config === undefined ? flags : mergeConfigs(givenConfig(io, options.config), flags)
}

function givenConfig(io: Io, path: string): Config {
  let text: string
  try {
    text = readFileSync(resolve(io.cwd, path), 'utf8')
  } catch (cause) {
    throw new BuildError('invalid_config', `--config: ${shown(path)} cannot be read.`, { cause })
  }
  return readConfig(text, path)
}

function flagConfig(options: PlanOptions): Record<string, unknown> {
  const { unit, entrypoint, framework, language, packageManager } = options
  const given = {
    edition: options.edition === undefined ? undefined : editionOf(options.edition).name,
    unit: unit?.replace(/\/+$/, ''),
    entrypoint: entrypoint?.replace(/^\.\//, ''),
    framework,
    language,
    packageManager,
    port: options.port === undefined ? undefined : /^\d+$/.test(options.port) ? Number(options.port) : options.port,
    runtime: options.runtimeVersion === undefined ? undefined : { version: options.runtimeVersion },
    base: options.base === undefined ? undefined : { image: options.base },
    systemPackages: options.systemPackage && { add: options.systemPackage },
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

type Unplanned = Extract<Planned, { ok: false }>

/** A source that cannot be planned, as the error of a command. */
export function notPlanned(planned: Unplanned): BuildError {
  const { code, message, hint, candidates, file, line } = planned
  return new BuildError(code, message, { hint, data: { candidates: JSON.parse(JSON.stringify(candidates)), file, line } })
}

/** Where nothing can be planned but the source has a Dockerfile of its own, that one is used. */
export function fallsBack(planned: Planned, source: Source): planned is Unplanned {
  if (planned.ok || (planned.code !== 'nothing_detected' && planned.code !== 'unsupported_project')) return false
  return hasDockerfile(source)
}

function hasDockerfile(source: Source): boolean {
  return source.aside?.has('Dockerfile') || source.entry('Dockerfile')?.kind === 'file'
}
