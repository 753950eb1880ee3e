import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import { pathToFileURL } from 'node:url'
import { createServer } from 'node:http'
import type { Build, BuildEvent, Kiln } from '@kiln/core'
import { toNodeListener } from '../../packages/server/src/node/node.ts'
import { tuneHeap } from '../../packages/server/src/node/heap.ts'
import { createLogs } from '../../packages/server/src/logs/create-logs.ts'

// The server of benchmarks/sse.ts, in a process of its own: one endless log, read by all. argv: kiln | hono, lines of a
// tick, lines that are kept, the package.json that knows @hono/node-server

const [variant, lines, keptLines, packageJson] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4]), process.argv[5]!]
const log = createLog()
const listener = variant === 'kiln' ? kiln() : await hono()
const listening = (): boolean => process.send!({ port: (listener.address() as AddressInfo).port })
if (listener.listening) listening()
else listener.once('listening', listening)

const idle = process.memoryUsage.rss()
let peak = idle
setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50).unref()
process.on('message', (order: { readonly tick?: true; readonly report?: true }) => {
  if (order.tick) log.tick()
  if (order.report) process.send!({ report: { emitted: log.emitted(), idle, peak, cpu: process.cpuUsage() } })
})
process.on('disconnect', () => {
  listener.close()
  process.exit()
})

interface Log {
  tick(): void
  emitted(): number
  /** everything after `after`, then as it comes */
  follow(after: number, live: boolean, signal?: AbortSignal): AsyncGenerator<readonly BuildEvent[]>
}

/** In a ring, since it counts as the server's memory: what a Map has let go of lives until the next full collection. */
function createLog(): Log {
  const kept = Math.ceil(keptLines / lines)
  const ticks: (readonly BuildEvent[])[] = []
  let count = 0
  let wake = Promise.withResolvers<void>()
  const there = async (tick: number, live: boolean): Promise<readonly BuildEvent[] | undefined> => {
    if (tick === count && live) await wake.promise
    if (tick <= count - kept) throw new Error('too slow')
    return ticks[tick % kept]
  }
  return {
    tick() {
      const at = performance.timeOrigin + performance.now()
      const line = (i: number): BuildEvent => ({
        seq: count * lines + i,
        at: 1_790_000_000_000,
        attempt: 1,
        type: 'log',
        step: '1',
        stream: 'out',
        text: `at=${at.toFixed(1)} ${'x'.repeat(40)}`,
      })
      ticks[count % kept] = Array.from({ length: lines }, (_, i) => line(i))
      count += 1
      wake.resolve()
      wake = Promise.withResolvers()
    },
    emitted: () => count * lines,
    async *follow(after, live, signal) {
      for (let next = Math.floor((after + 1) / lines); ; next++) {
        const more = await there(next, live)
        if (!more || signal?.aborted) return
        yield more
      }
    },
  }
}

/** Ours as it is served: the hub over a build that is this log, on our own listener, in a process as `kiln serve` sets it up. */
function kiln(): Server {
  tuneHeap()
  const logs = createLogs({ streams: 10_000, streamsPerKey: 10_000, streamBuffer: 2 ** 20 })
  const build = {
    async *events({ after = -1, follow = true, signal }: NonNullable<Parameters<Build['events']>[0]> = {}) {
      for await (const tick of log.follow(after, follow, signal)) for (const event of tick) if (event.seq > after) yield event
    },
  } as unknown as Build
  const view = { get: async () => build } as unknown as Kiln
  const form = { name: 'bench', write: (event: BuildEvent) => `data: ${JSON.stringify(event)}\n\n`, ping: ': ping\n\n' }
  const answer = ({ signal }: Request): Promise<Response> => logs.stream(view, 'build', form, { tenant: 'a', caller: 'b', signal })
  return createServer(toNodeListener(answer)).listen(0, '127.0.0.1')
}

/** The peer as its documentation shows it: Hono's own helper, a line at a time. */
async function hono(): Promise<Server> {
  const [{ Hono }, { streamSSE }] = await Promise.all([import('hono'), import('hono/streaming')])
  const app = new Hono()
  app.get('/', (context) =>
    streamSSE(context, async (stream) => {
      for await (const tick of log.follow(-1, true)) for (const event of tick) await stream.writeSSE({ data: JSON.stringify(event) })
    }),
  )
  const module = pathToFileURL(createRequire(packageJson).resolve('@hono/node-server')).href
  const node = (await import(module)) as { serve(options: { fetch: typeof app.fetch; port: number; hostname: string }): Server }
  return node.serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
}
