import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BuildError, parsePlan, shown, type BuildRequest, type Notice, type Opening, type Platform, type Plan } from '@kiln/core'
import type { OpenOptions } from '@kiln/kiln'
import type { BuildOptions } from './commands/build.ts'
import type { Io } from './io.ts'
import { holdsDockerfile, openSource, type OpenedSource } from './open-source.ts'
import { indexOf } from './data-dir.ts'
import { fallsBack, notPlanned, planSource } from './planning.ts'
import { duration } from './terminal/units.ts'

type How = NonNullable<BuildRequest['how']>

export interface Wanted extends OpenedSource {
  readonly how: How
  readonly notices: readonly Notice[]
}

/** Opens the source in the way its Dockerfile or plan asks for. The caller disposes of the source. */
export async function openWanted(io: Io, where: string, options: BuildOptions, signal: AbortSignal): Promise<Wanted> {
  checkTogether(options)
  const opening = { signal, hash: { index: await indexOf(io, options.dataDir) } }
  if (options.file !== undefined) return openWithDockerfile(io, where, options, opening)
  if (options.plan !== undefined) return openWithPlan(io, where, options, opening)
  // what may be opened anew for a Dockerfile of its own would be read for nothing
  const found = await planSource(io, where, options, holdsDockerfile(io, where) ? { signal } : opening)
  const { planned, source, config } = found
  if (planned.ok) return { ...found, how: { config }, notices: planned.notices }
  try {
    if (!fallsBack(planned, source)) throw notPlanned(planned)
    const notice = { code: 'dockerfile_used', message: `Built with the Dockerfile of the source: ${planned.message}`, file: 'Dockerfile' }
    const how = { dockerfile: 'Dockerfile', ...(options.target !== undefined && { target: options.target }) }
    // What a person's own Dockerfile copies is theirs to say: the default deny list is for planned builds. An archive is as it is.
    const opened =
      found.kind === 'directory' ? await openSource(io, where, { ...opening, ignore: 'as-given', dockerfile: 'Dockerfile' }) : found
    if (opened !== found) await source[Symbol.asyncDispose]()
    const others = planned.notices.filter(({ file }) => file !== 'Dockerfile') // what it says of a plan beside it is not so here
    return { ...opened, how, notices: [...others, notice] }
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw error
  }
}

function checkTogether(options: BuildOptions): void {
  const clash = options.file !== undefined && options.plan !== undefined
  if (clash) throw new BuildError('invalid_argument', '--file and --plan cannot be used together.')
  if (options.registry !== undefined && options.repository !== undefined)
    throw new BuildError('invalid_argument', '--registry and --repository cannot be used together.', {
      hint: `--repository is the whole name: --repository ${shown(joined(options.registry, options.repository))}`,
    })
}

/** What was probably meant by a registry and a repository in it. */
function joined(registry: string, repository: string): string {
  const host = registry.replace(/\/+$/, '')
  return repository.startsWith(`${host}/`) ? repository : `${host}/${repository}`
}

async function openWithDockerfile(io: Io, where: string, options: BuildOptions, opening: Opening): Promise<Wanted> {
  const dockerfile = options.file!.replace(/^(\.\/+)+/, '')
  // known before the ignore file beside it is looked for, whose name would be the one in the message
  if (dockerfile.startsWith('/') || dockerfile.split('/').includes('..'))
    throw new BuildError('dockerfile_not_found', `--file: ${shown(options.file!)} is not inside the source.`, {
      hint: 'Name it as seen from the root of the source, or build the directory that holds it.',
    })
  const opened = await openSource(io, where, { ...opening, ignore: 'as-given', dockerfile })
  return { ...opened, how: { dockerfile, ...(options.target !== undefined && { target: options.target }) }, notices: [] }
}

async function openWithPlan(io: Io, where: string, options: BuildOptions, opening: Opening): Promise<Wanted> {
  const plan = readPlan(io, options.plan!)
  return { ...(await openSource(io, where, { ...opening, ...(options.keep && { keep: options.keep }) })), how: { plan }, notices: [] }
}

function readPlan(io: Io, path: string): Plan {
  try {
    return parsePlan(JSON.parse(readFileSync(resolve(io.cwd, path), 'utf8')))
  } catch (cause) {
    if (cause instanceof SyntaxError || (cause as NodeJS.ErrnoException).syscall)
      throw new BuildError('invalid_plan', `--plan: ${shown(path)} cannot be read as JSON.`, { cause })
    throw cause
  }
}

/** The flags of `kiln build` as a request. Throws `invalid_argument`. */
export function requestOf(io: Io, wanted: Wanted, options: BuildOptions): BuildRequest {
  if (options.target !== undefined && !('dockerfile' in wanted.how))
    throw new BuildError('invalid_argument', '--target is for a Dockerfile of the source.', { hint: 'Add --file Dockerfile.' })
  return {
    name: options.name ?? wanted.name,
    source: wanted.source,
    how: wanted.how,
    args: argumentsOf(io, options.buildArg ?? []),
    ...(options.secret && { secrets: pairs(options.secret, '--secret', 'id=env:NAME') }),
    ...(options.label && { labels: pairs(options.label, '--label', 'name=value') }),
    ...(options.platform && { platforms: options.platform.flatMap((one) => one.split(',')) as Platform[] }),
    ...(options.tag && { tags: options.tag }),
    ...(options.driver !== undefined && { driver: options.driver }),
    output: options.push ? 'push' : 'load',
    cache: options.cache ? 'use' : 'refresh',
    pull: options.pull === true,
    ...(options.maxAge !== undefined && { maxAge: duration(options.maxAge, '--max-age') }),
    ...(options.timeout !== undefined && { runMs: duration(options.timeout, '--timeout') }),
    // One user's own machine: what the stat index and xxh64 say of a directory is taken.
    verify: wanted.kind === 'directory' ? 'fast' : 'trusted',
  }
}

/** Where images go, and where secrets come from. Throws `invalid_argument`. */
export function engineOptions(io: Io, options: BuildOptions): OpenOptions {
  const secret: NonNullable<OpenOptions['secret']> = async (_tenant, reference) => readSecret(io, reference)
  if (!options.push) return { secret }
  const registry = options.registry ?? io.env['KILN_REGISTRY']
  const { repository } = options
  if (repository !== undefined) return { secret, repository: () => repository }
  if (!registry)
    throw new BuildError('invalid_argument', '--push needs a registry.', { hint: 'Add --registry host/path, or set KILN_REGISTRY.' })
  return { secret, registry: registry.replace(/\/+$/, '') }
}

function argumentsOf(io: Io, given: readonly string[]): Record<string, string> {
  const all: Record<string, string> = {}
  for (const one of given) {
    const at = one.indexOf('=')
    const value = at < 0 ? io.env[one] : one.slice(at + 1)
    if (value !== undefined) all[at < 0 ? one : one.slice(0, at)] = value
  }
  return all
}

function pairs(given: readonly string[], option: string, form: string): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=')
      if (at < 1) throw new BuildError('invalid_argument', `${option}: "${shown(one)}" is not ${form}.`)
      return [one.slice(0, at), one.slice(at + 1)] as const
    }),
  )
}

function readSecret(io: Io, reference: string): Uint8Array {
  const [, kind, name = ''] = /^(env|file):(.+)$/s.exec(reference) ?? []
  if (kind === 'env') {
    const value = io.env[name]
    if (value === undefined) throw new BuildError('invalid_argument', `The variable ${shown(name)} of a secret is not set.`)
    return new TextEncoder().encode(value)
  }
  if (kind !== 'file')
    throw new BuildError('invalid_argument', `"${shown(reference)}" is no reference to a secret.`, { hint: 'Use env:NAME or file:PATH.' })
  try {
    return readFileSync(resolve(io.cwd, name))
  } catch (cause) {
    throw new BuildError('invalid_argument', `The file ${shown(name)} of a secret cannot be read.`, { cause })
  }
}
