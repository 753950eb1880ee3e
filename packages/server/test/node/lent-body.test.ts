import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, test } from 'vitest'
import { lentBody } from '../../src/input/lent-body.ts'
import { NodeRequest } from '../../src/node/request.ts'

const body = Buffer.alloc(1_000_000, 'abc')

interface Read {
  readonly bytes: Buffer
  /** lengths of all chunks but the last, once the next one was there */
  readonly left: readonly number[]
}

/** What a reader of the lent body sees. */
async function read(incoming: IncomingMessage, own: boolean): Promise<Read> {
  const left: number[] = []
  const copies: Buffer[] = []
  let before: Uint8Array | undefined
  for await (const chunk of lentBody(new NodeRequest(incoming, own) as unknown as Request)!) {
    if (before) left.push(before.length)
    copies.push(Buffer.from(chunk))
    before = chunk
  }
  return { bytes: Buffer.concat(copies), left }
}

/** Sends the body to an application, and says what it has read. */
async function sent(
  own: boolean,
  use: (app: express.Express) => void = () => {},
  look: (incoming: IncomingMessage) => void = () => {},
): Promise<Read> {
  const found = Promise.withResolvers<Read>()
  const app = express()
  use(app)
  app.use((incoming, outgoing) => {
    look(incoming)
    read(incoming, own)
      .then(found.resolve, found.reject)
      .finally(() => outgoing.end())
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const asking = request({ port: (server.address() as AddressInfo).port, method: 'POST', agent: false })
  asking.end(body)
  try {
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    answer.resume()
    return await found.promise
  } finally {
    server.close()
  }
}

test('a chunk of our own server is let go of when the next one is asked for', async () => {
  const { bytes, left } = await sent(true)
  expect(bytes.equals(body)).toBe(true)
  expect(left.length).toBeGreaterThan(3)
  expect(new Set(left)).toEqual(new Set([0]))
})

test('not one of a host, where somebody else may keep it', async () => {
  const { bytes, left } = await sent(false)
  expect(bytes.equals(body)).toBe(true)
  expect(left.length).toBeGreaterThan(3)
  expect(left.filter((length) => length === 0)).toEqual([])
})

test('not what a body parser before has kept', async () => {
  let kept: Buffer | undefined
  const { bytes } = await sent(
    true,
    (app) => app.use(express.raw({ type: () => true, limit: '2mb' })),
    (incoming) => (kept = (incoming as IncomingMessage & { body: Buffer }).body),
  )
  expect(bytes.equals(body)).toBe(true)
  expect(kept!.equals(body)).toBe(true)
})

test('a body that is gone is refused', async () => {
  const gone = new Request('http://kiln.example/', { method: 'POST', body: 'x' })
  await gone.text()
  expect(() => lentBody(gone)).toThrow('has read the body')
})
