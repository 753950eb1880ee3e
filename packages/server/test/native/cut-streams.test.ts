import { finished, readContext, type FakeBuild } from '@kiln/testkit/driver'
import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { native } from '../../src/apis/native/native.ts'
import { createHandler, type Handler } from '../../src/handler.ts'
import { toNodeListener } from '../../src/node/node.ts'
import { request, world, type World } from './world.ts'

// R11 of the fault tests: a stream that is cut at any byte, also by a restart, is joined without a gap or a repeat.

const cuts = Number(process.env['KILN_FAULTS_CUTS'] ?? 30)
const lines = cuts * 60
const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

test.each(['while it is written', 'when it is finished'])(
  `a log that is cut ${cuts} times at any byte, %s, is joined byte by byte`,
  async (when) => {
    const random = randomNumbers(Number(process.env['KILN_FAULTS_SEED'] ?? Date.now() % 1e9))
    const started = Promise.withResolvers<void>()
    const at = world({ build: talking(random, when === 'while it is written' ? started.promise : undefined) })
    const server = restartable(at)
    open.push(at, server)
    const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
    const build = (await at.engine.for('acme').get(id))!
    if (when === 'when it is finished') await build.result()
    started.resolve()

    const mean = (lines * 120) / cuts
    let [joined, made] = [Buffer.alloc(0), 0]
    for (let last: number | undefined; ; made++) {
      if (made % 7 === 6) await server.restart()
      const piece = await read(await server.port(), `/kiln/v1/builds/${id}/events`, last, made < cuts ? random() * 2 * mean : undefined)
      joined = Buffer.concat([joined, piece])
      const ids = [...piece.toString().matchAll(/^id: (\d+)$/gm)]
      if (ids.length > 0) last = Number(ids.at(-1)![1])
      if (piece.includes('"type":"state","state":"succeeded"')) break
    }
    const stored = await Array.fromAsync(build.events({ follow: false }))
    const whole = stored.map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
    expect(joined.equals(Buffer.from(whole)), `seed ${random.seed}`).toBe(true)
    expect(stored.filter(({ type }) => type === 'log')).toHaveLength(lines)
    // oxlint-disable-next-line no-console -- each fault test prints its figure
    console.log(`R11: ${made} cuts, ${joined.length} bytes joined ${when}: 0 gaps, 0 repeats (seed ${random.seed})`)
  },
  // a cut stream was sent as far as the sockets have room, so that more cuts of a longer log take their square
  20_000 + cuts ** 2,
)

function talking(random: () => number, start: Promise<void> | undefined): FakeBuild {
  const texts = ['line', '\ndata: x\n\nid: 7', 'a\r\nb', '€😀ü', '\u001b[31m', 'x'.repeat(400)]
  return async (job, io) => {
    const tar = await readContext(job, io.signal)
    await start
    for (let i = 0; i < lines; i++) {
      io.emit({ step: '1', type: 'log', stream: 'out', text: `${i} ${texts[Math.floor(random() * texts.length)]!}` })
      if (start && i % 100 === 0) await sleep(1 + random() * 30)
    }
    return finished(job, io, tar)
  }
}

/** The whole blocks of a stream behind an event; after `max` bytes the connection is gone. */
async function read(port: number, path: string, after: number | undefined, max = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const headers = { authorization: 'Bearer acme', ...(after !== undefined && { 'last-event-id': String(after) }) }
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const asked = get({ port, path, headers, agent: false }, (answer) => {
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        if (size >= max) return
        chunks.push(chunk.subarray(0, max - size))
        size += chunk.length
        if (size >= max) asked.destroy()
      })
      answer.on('close', resolve)
      answer.on('error', () => undefined)
    })
    asked.on('error', reject)
  })
  const all = Buffer.concat(chunks)
  const end = all.lastIndexOf('\n\n')
  return end < 0 ? Buffer.alloc(0) : all.subarray(0, end + 2)
}

interface Restartable extends AsyncDisposable {
  port(): Promise<number>
  restart(): Promise<void>
}

/** A server whose store outlives it. */
function restartable({ engine }: World): Restartable {
  const authenticate = async (): Promise<{ tenant: string; id: string; kind: 'user'; scopes: Set<'read'> }> => ({
    tenant: 'acme',
    id: 'acme',
    kind: 'user',
    scopes: new Set(['read'] as const),
  })
  const start = async (): Promise<{ server: Server; handler: Handler }> => {
    const handler = createHandler({ engine, authenticate, publicUrl: 'http://kiln.test', apis: [native] })
    const server = createServer(toNodeListener(handler)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return { server, handler }
  }
  const stop = async ({ server, handler }: { server: Server; handler: Handler }): Promise<void> => {
    await handler[Symbol.asyncDispose]()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  let running = start()
  return {
    port: async () => ((await running).server.address() as AddressInfo).port,
    async restart() {
      await stop(await running)
      running = start()
      await running
    },
    [Symbol.asyncDispose]: async () => stop(await running),
  }
}

function randomNumbers(seed: number): { (): number; readonly seed: number } {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return Object.assign(next, { seed })
}
