import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, table } from './measure.ts'

// A multipart upload of 500 MB into Kiln's blobs, beside a handler that only writes the body to a file: rate, memory, and what other
// requests feel meanwhile. All on the loopback, in processes of their own, in turn.

const bytes = Number(process.env['MB'] ?? 500) * 2 ** 20
const rounds = Number(process.env['ROUNDS'] ?? 5)
const variants = ['bare', 'kiln', 'kiln-md5'] as const

interface Figures {
  readonly ms: number
  /** bytes above the server that has answered one upload before */
  readonly memory: number
  /** ms of the server's processor */
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** False when a target of issue 4 is not met. */
export default async function main(): Promise<boolean> {
  const found = new Map<string, Figures[]>(variants.map((variant) => [variant, []]))
  for (let round = 0; round < rounds; round++) for (const variant of variants) found.get(variant)!.push(await measured(variant))
  const rows = variants.flatMap((variant) => found.get(variant)!.map((figures) => [variant, ...cells(figures)]))
  console.log(table(['server', 'ms', 'MB/s', 'CPU ms', 'memory MiB', 'ping p50 ms', 'p99 ms', 'max ms'], rows))
  const of = (variant: string, figure: keyof Figures): number => median(found.get(variant)!.map((one) => one[figure]))
  const claims = [
    claim('rate of an upload, times the bare handler', of('bare', 'ms') / of('kiln', 'ms'), (value) => value >= 0.7, '>= 0.7'),
    claim('memory, MiB', of('kiln', 'memory') / 2 ** 20, (value) => value <= 64, '<= 64'),
    claim('p99 of others, ms', of('kiln', 'p99'), (value) => value < 50, '< 50'),
    claim('rate with MD5 (Pipecat), times the bare handler', of('bare', 'ms') / of('kiln-md5', 'ms'), (value) => value >= 0.7, '>= 0.7'),
  ]
  console.log(
    table(
      ['what (medians)', 'measured', 'target', 'met'],
      claims.map(({ row }) => row),
    ),
  )
  return claims.every(({ met }) => met)
}

async function measured(variant: string): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'kiln-upload-'))
  const children: ChildProcess[] = []
  const stop = cleaned(directory, children)
  const start = async (file: string, ...args: readonly string[]): Promise<readonly [ChildProcess, Readonly<Record<string, number>>]> => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), args)
    children.push(child)
    return [child, await told(child)]
  }
  try {
    const [server, { port }] = await start('./upload/server.ts', variant, directory)
    const clients = [
      ['ping', 0],
      ['send', 2 ** 26],
      ['send', bytes],
    ] as const
    const started = clients.map(async ([what, count]) => (await start('./upload/clients.ts', what, String(port), String(count)))[0])
    const [ping, warm, sender] = (await Promise.all(started)) as [ChildProcess, ChildProcess, ChildProcess]
    await asked(warm, 'go')
    const before = await asked(server, 'reset')
    await asked(ping, 'waits')
    const { ms } = await asked(sender, 'go')
    const after = await asked(server, 'report')
    const { waits } = (await asked(ping, 'waits')) as unknown as { readonly waits: readonly number[] }
    const sorted = waits.toSorted((a, b) => a - b)
    const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
    return { ms: ms!, memory: after['peak']! - before['peak']!, cpu: cpu(after) - cpu(before), p50: at(0.5), p99: at(0.99), most: at(1) }
  } finally {
    await closed(children)
    await rm(directory, { recursive: true, force: true })
    stop()
  }
}

async function closed(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children.toReversed()) {
    if (!child.connected) continue
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  }
}

/** What a signal would leave is removed before it ends this process. */
function cleaned(directory: string, children: readonly ChildProcess[]): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // at once: nothing else of this process is to run, and tell of children that have gone
  const clean = (signal: NodeJS.Signals): void => {
    stop()
    for (const child of children) child.kill('SIGKILL')
    // a child may still write its last
    rmSync(directory, { recursive: true, force: true, maxRetries: 20 })
    process.kill(process.pid, signal)
  }
  const stop = (): void => {
    for (const signal of signals) process.off(signal, clean)
  }
  for (const signal of signals) process.on(signal, clean)
  return stop
}

async function asked(child: ChildProcess, order: string): Promise<Readonly<Record<string, number>>> {
  const answer = told(child)
  child.send(order)
  return answer
}

async function told(child: ChildProcess): Promise<Readonly<Record<string, number>>> {
  const message = once(child, 'message')
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('A process of the benchmark has ended.')))
  const [answer] = (await Promise.race([message, ended])) as [Readonly<Record<string, number>>]
  ended.catch(() => undefined)
  return answer
}

function cpu(report: Readonly<Record<string, unknown>>): number {
  const { user, system } = report['cpu'] as { readonly user: number; readonly system: number }
  return (user + system) / 1000
}

function cells({ ms, memory, cpu: used, p50, p99, most }: Figures): readonly string[] {
  const rate = bytes / 2 ** 20 / (ms / 1000)
  return [ms.toFixed(0), rate.toFixed(0), used.toFixed(0), (memory / 2 ** 20).toFixed(1), p50.toFixed(1), p99.toFixed(1), most.toFixed(1)]
}

function claim(
  what: string,
  value: number,
  meets: (value: number) => boolean,
  target: string,
): { readonly met: boolean; readonly row: string[] } {
  const met = meets(value)
  return { met, row: [what, value.toFixed(2), target, met ? 'yes' : 'NO'] }
}
