import { pid } from 'node:process'
import { BuildError, files, shown, type Engine, type Kiln, type Limits, type Probe } from '@kiln/core'
import type { Logger } from '@kiln/server'
import { dataDirOf, openEngine } from '../data-dir.ts'
import { listenForInterrupts } from '../interrupts.ts'
import type { Io } from '../io.ts'
import { duration, wholeNumber } from '../terminal/units.ts'
import { plainText } from '../terminal/text.ts'
import { readRegions } from '../serve/regions.ts'

export interface ServeOptions {
  readonly json?: true
  readonly port: string
  readonly host: string
  readonly dataDir?: string
  readonly registry?: string
  readonly sharedBase: readonly string[]
  readonly driver?: string
  readonly publicUrl?: string
  readonly basePath?: string
  readonly regions?: string
  readonly concurrency: string
  readonly memory: string
  readonly cpus: string
  readonly timeout: string
  readonly grace: string
  readonly metrics?: boolean
}

const hour = 3600_000

/** `kiln serve`: answers until a signal asks it to end, then drains. A second signal leaves at once. */
export async function serve(io: Io, options: ServeOptions): Promise<number> {
  const { createHandler, createKeys, jsonLines, nativeWithKeys, pipecat, runagents, scale, systemTenant } = await import('@kiln/server')
  const { tuneHeap, listen } = await import('@kiln/server/node')
  tuneHeap()
  const port = wholeNumber(options.port, '--port')
  if (port > 65_535) throw new BuildError('invalid_argument', `--port: there is no port ${port}.`)
  const graceMs = duration(options.grace, '--grace')
  const log = jsonLines(
    (line) => io.stderr.write(line),
    () => io.now(),
  )
  const regions = options.regions === undefined ? undefined : readRegions(io, options.regions)
  const images = options.registry ? `pushed to ${registryOf(options.registry)}` : 'kept in the builder of this machine'
  const dataDir = await dataDirOf(io, options.dataDir)
  await using engine = await openEngine(io, options.dataDir, engineOptions(options))
  const keys = createKeys(engine.for(systemTenant).documents, { now: () => io.now() })
  using interrupts = listenForInterrupts(io)
  const server = await listening(options.host, port, () =>
    listen({
      port,
      host: options.host,
      engine,
      graceMs,
      handler: (address) =>
        createHandler({
          engine,
          authenticate: keys.authenticate,
          publicUrl: options.publicUrl ?? address,
          apis: [nativeWithKeys(keys), runagents, scale, pipecat],
          images,
          dataDir,
          logger: log,
          now: () => io.now(),
          metrics: options.metrics ?? isLoopback(options.host),
          ...(options.basePath !== undefined && { basePath: options.basePath }),
          ...(regions && { regions }),
        }),
    }),
  )
  await say(io, options, engine, { address: server.address, images, dataDir, first: (await keys.list()).length === 0 }, log)
  void warmUp(engine.for(systemTenant))
  const tidying = setInterval(() => void tidy(engine, log), hour)
  tidying.unref()
  await interrupts.asked
  clearInterval(tidying)
  log.info({ graceMs }, 'draining')
  await server.drain()
  log.info({}, 'stopped')
  return 0
}

/** The first plan of a thread loads what planning needs: nobody's first build has to wait for it. */
async function warmUp(kiln: Kiln): Promise<void> {
  const source = await files({ 'main.py': 'import requests\n', 'package.json': '{}' })
  await Promise.allSettled([1, 2].map(() => kiln.plan(source)))
}

/** The address cannot be had: the caller's to change. */
async function listening<T>(host: string, port: number, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen()
  } catch (cause) {
    const { syscall, code } = cause as NodeJS.ErrnoException
    if (syscall === undefined) throw cause
    throw new BuildError('invalid_argument', `Cannot listen on ${shown(host)} port ${port} (${code}).`, {
      hint: 'Choose another --port (0: any free one) or --host.',
      cause,
    })
  }
}

function engineOptions(options: ServeOptions): Parameters<Io['openKiln']>[0] {
  // whatever the driver has for defaults: a server's builds are bounded
  const limits: Limits = { memory: size(options.memory), cpus: processors(options.cpus) }
  const concurrency = wholeNumber(options.concurrency, '--concurrency')
  if (concurrency < 1) throw new BuildError('invalid_argument', '--concurrency: at least 1.')
  const run = duration(options.timeout, '--timeout')
  if (run < 1000) throw new BuildError('invalid_argument', '--timeout: at least 1s.')
  return {
    // one tenant's source must not hold up the answers to the others
    planning: 'apart',
    // a burst of equal requests asks the registry once
    reuseCheckMs: 1000,
    queue: { perTenant: 1000, total: 10_000 },
    worker: { concurrency, perTenant: concurrency },
    limits,
    // tenants are strangers to each other
    sharedBases: options.sharedBase,
    ...(options.registry && { registry: registryOf(options.registry) }),
    ...(options.driver !== undefined && { driver: options.driver }),
    timeouts: { run },
  }
}

/** Told at the start, not by the first push. */
function registryOf(text: string): string {
  const registry = text.replace(/\/+$/, '')
  if (/^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(registry))
    return registry
  throw new BuildError('invalid_argument', `--registry: "${shown(text)}" is not host/path.`, {
    hint: 'Write it as ghcr.io/me or localhost:5000/kiln: without https://, the path in lower case.',
  })
}

function size(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([mg]?)$/i.exec(text) ?? []
  if (count === undefined) throw new BuildError('invalid_argument', `--memory: "${shown(text)}" is not as 2g or 512m.`)
  return Number(count) * { '': 1, m: 2 ** 20, g: 2 ** 30 }[unit.toLowerCase() as 'm']
}

function processors(text: string): number {
  if (/^\d{1,4}(\.\d{1,2})?$/.test(text) && Number(text) > 0) return Number(text)
  throw new BuildError('invalid_argument', `--cpus: "${shown(text)}" is no number of processors.`)
}

interface Started {
  readonly address: string
  readonly images: string
  readonly dataDir: string
  readonly first: boolean
}

/** Where it answers, what builds, where images go, and how to get in. */
async function say(
  io: Io,
  options: ServeOptions,
  engine: Engine,
  { address, images, dataDir, first }: Started,
  log: Logger,
): Promise<void> {
  const [builder] = await engine.probe({ signal: AbortSignal.timeout(10_000) })
  const driver = builder?.driver ?? 'none'
  // a Docker Engine that is not up yet will be shared as well
  const shared = builder?.probe.ready ? builder.probe.can.isolation === 'shared-daemon' : driver === 'docker'
  const warning = `Builds of all tenants share one daemon through the driver "${driver}": give keys only to people you would let use it. See docs/security.md.`
  const missing = builder?.probe.ready === true ? undefined : plainText(builder?.probe.message ?? 'there is none')
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ url: address, driver })}\n`)
    if (missing !== undefined) log.warn({ driver, why: missing }, 'The driver is not ready: until it is, no build is taken.')
    if (shared) log.warn({ driver }, warning)
    return
  }
  const state = builder?.probe.ready === true ? builder.probe.version : `not ready: ${missing}`
  const lines = [
    `kiln serves at ${address}${placeText(options)}`,
    `  driver  ${driver} (${state})`,
    `  images  ${images}`,
    `  data    ${plainText(dataDir)}`,
    `  limits  ${limitsText(options, builder?.probe)}`,
    ...(shared ? ["  network the builder's own, never the host's; it may reach a metadata address: see docs/security.md"] : []),
    `  process ${pid}: Ctrl-C or SIGTERM lets running builds end, then ends it`,
    `  keys    ${first ? `none yet: kiln keys create --tenant NAME --data ${plainText(dataDir)}` : `kiln keys ls --data ${plainText(dataDir)}`}`,
    ...(shared ? [`  warning ${warning}`] : []),
  ]
  io.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** What the address alone does not say. */
function placeText({ host, basePath, publicUrl }: ServeOptions): string {
  const everywhere = host === '0.0.0.0' || host === '::'
  return [
    ...(basePath ? [`, below ${basePath}`] : []),
    ...(everywhere ? [', on every address of this machine'] : []),
    ...(publicUrl ? [`, known as ${publicUrl}`] : []),
  ].join('')
}

/** What holds for a build, and what the driver cannot hold. */
function limitsText({ memory, cpus, timeout, concurrency }: ServeOptions, probe: Probe | undefined): string {
  const exceptions = probe?.ready ? exceptionsOf(probe) : []
  const but = exceptions.length > 0 ? ` (${exceptions.join('; ')})` : ''
  return `a step: ${memory} of memory, ${cpus} processors${but}; a build: ${timeout}; builds at once: ${concurrency}`
}

function exceptionsOf({ can, facts }: Extract<Probe, { ready: true }>): readonly string[] {
  const not = (['memory', 'cpus'] as const).filter((one) => !can.limits.includes(one))
  const exception = facts['limits']
  return [...(not.length > 0 ? [`not held by this driver: ${not.join(', ')}`] : []), ...(exception ? [plainText(exception)] : [])]
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

async function tidy(engine: Engine, log: Logger): Promise<void> {
  try {
    log.info({ ...(await engine.prune()) }, 'pruned')
  } catch (err) {
    log.error({ err }, 'pruning failed')
  }
}
