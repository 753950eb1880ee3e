import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { median, table } from './measure.ts'

// One log, many readers: our hub beside Hono's streamSSE. Server and readers are processes of their own, on the loopback.
// Flood: as many ticks as keep `window` lines on their way to all readers together. Steady: a tick every 400 ms, ready or not.

const rounds = Number(process.env['ROUNDS'] ?? 1)
const ms = Number(process.env['MS'] ?? 10_000)
const window = 160_000
const out = here('../node_modules/.cache/kiln-sse')

interface Case {
  readonly variant: 'kiln' | 'hono'
  readonly readers: number
  readonly lines: number
  readonly steady: boolean
}

interface Figures {
  /** delivered to all readers */
  readonly linesPerSecond: number
  /** of the server, µs for a delivered line */
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  /** of the server, MB: before the first reader, and at most */
  readonly idle: number
  readonly rss: number
  /** readers that lost their connection */
  readonly broken: number
}

/** False when a target of issue 4 (§5) is not met. */
export default async function main(): Promise<boolean> {
  const only = process.env['ONLY']
  const cases = [
    ...[200, 1000].flatMap((readers) => [1, 20].map((lines) => ({ readers, lines, steady: false }))),
    ...[200, 1000].map((readers) => ({ readers, lines: 20, steady: true })),
  ].filter(({ readers, lines, steady }) => only === undefined || only === `${steady ? 'steady' : 'flood'} ${readers} ${lines}`)
  await bundle()
  const rows: string[][] = []
  const failed: string[] = []
  for (const one of cases) {
    const found = { hono: [] as Figures[], kiln: [] as Figures[] }
    for (let round = 0; round < rounds; round++)
      for (const variant of ['hono', 'kiln'] as const) found[variant].push(await measured({ variant, ...one }))
    for (const variant of ['hono', 'kiln'] as const) for (const figures of found[variant]) rows.push(rowOf({ variant, ...one }, figures))
    failed.push(...missed(one, found))
  }
  console.log(
    table(['log', 'readers', 'lines/tick', 'server', 'lines/s', 'CPU µs/line', 'p50 ms', 'p99 ms', 'idle MB', 'peak MB', 'broken'], rows),
  )
  await rm(out, { recursive: true, force: true })
  for (const line of failed) console.log(`NOT MET: ${line}`)
  return failed.length === 0
}

function missed(one: Omit<Case, 'variant'>, { hono, kiln }: Record<Case['variant'], readonly Figures[]>): string[] {
  const name = `${one.readers} readers, ${one.lines} lines, ${one.steady ? 'steady' : 'flood'}`
  const ratio = rate(kiln) / rate(hono)
  if (!one.steady) console.log(`${name}: ${ratio.toFixed(1)} times streamSSE`)
  return [
    ...(!one.steady && one.lines === 20 && ratio < 5 ? [`${name}: ${ratio.toFixed(1)} times streamSSE, not 5`] : []),
    ...(kiln.some(({ p99 }) => p99 >= 1000) ? [`${name}: p99 of 1 s or more`] : []),
    ...(kiln.some(({ rss }) => rss > 120) ? [`${name}: more than 120 MB`] : []),
    ...(kiln.some(({ broken }) => broken > 0) ? [`${name}: readers were broken off`] : []),
  ]
}

function rate(found: readonly Figures[]): number {
  return median(found.map(({ linesPerSecond }) => linesPerSecond))
}

async function measured({ variant, readers, lines, steady }: Case): Promise<Figures> {
  // four times what is on its way to a reader
  const server = start('server', variant, lines, (4 * window) / readers)
  try {
    const { port } = await told<{ port: number }>(server, 'port')
    const clients = start('clients', port, readers)
    try {
      await sleep(500 + readers / 2)
      return await run(server, clients, { lines: lines * readers, steady })
    } finally {
      await stop(clients)
    }
  } finally {
    await stop(server)
  }
}

/** One second to warm up, then the measured time. */
async function run(
  server: ChildProcess,
  clients: ChildProcess,
  how: { readonly lines: number; readonly steady: boolean },
): Promise<Figures> {
  let [received, sent] = [0, 0]
  const tick = (): void => {
    server.send({ tick: true })
    sent += how.lines
  }
  clients.on('message', (message: { received?: number }) => {
    if (message.received === undefined) return
    received = message.received
    for (let free = window - sent + received; !how.steady && free > 0; free -= how.lines) tick()
  })
  const ticking = how.steady ? setInterval(tick, 400) : undefined
  await sleep(1000)
  clients.send({ reset: true })
  const [before, from, begun] = [await report<Server>(server), received, performance.now()]
  await sleep(ms)
  const [after, to, seconds] = [await report<Server>(server), received, (performance.now() - begun) / 1000]
  const seen = await report<Clients>(clients)
  clearInterval(ticking)
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system
  return { linesPerSecond: (to - from) / seconds, cpu: cpu / (to - from), idle: after.idle / 1e6, rss: after.peak / 1e6, ...seen }
}

interface Server {
  readonly idle: number
  readonly peak: number
  readonly cpu: NodeJS.CpuUsage
}

type Clients = Pick<Figures, 'p50' | 'p99' | 'broken'>

/** As it is shipped: types are stripped before, since a process that does it itself is 30 MB larger. */
async function bundle(): Promise<void> {
  await build({
    entry: [here('sse/server.ts'), here('sse/clients.ts')],
    outDir: out,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    noExternal: [/./],
    config: false,
    silent: true,
    clean: false,
    dts: false,
    esbuildOptions: (options) => {
      options.conditions = ['kiln-source']
      options.banner = { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url)" }
    },
  })
}

function start(what: string, ...args: readonly (string | number)[]): ChildProcess {
  return fork(join(out, `${what}.js`), [...args.map(String), here('../packages/server/package.json')], { execArgv: [] })
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.disconnect()
  const late = setTimeout(() => child.kill('SIGKILL'), 2000)
  await ended
  clearTimeout(late)
}

async function report<T>(child: ChildProcess): Promise<T> {
  const answer = told<{ report: T }>(child, 'report')
  child.send({ report: true })
  return (await answer).report
}

/** The next message with the field, of any that come together. Throws when the process ends, or says nothing for half a minute. */
async function told<T>(child: ChildProcess, field: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const hear = (message: object): void => {
    if (field in message) resolve(message as T)
  }
  const ended = (code: number | null, by: string | null): void =>
    reject(new Error(`a process of the benchmark has ended with ${code ?? by}`))
  const late = setTimeout(() => reject(new Error(`a process of the benchmark does not tell its ${field}`)), 30_000)
  child.on('message', hear).on('exit', ended)
  try {
    return await promise
  } finally {
    clearTimeout(late)
    child.off('message', hear).off('exit', ended)
  }
}

function rowOf({ variant, readers, lines, steady }: Case, figures: Figures): string[] {
  const { linesPerSecond, cpu, p50, p99, idle, rss, broken } = figures
  const numbers = [
    Math.round(linesPerSecond).toLocaleString('en'),
    cpu.toFixed(2),
    p50.toFixed(0),
    p99.toFixed(0),
    idle.toFixed(0),
    rss.toFixed(0),
  ]
  return [steady ? 'steady' : 'flood', String(readers), String(lines), variant, ...numbers, String(broken)]
}
