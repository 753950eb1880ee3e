import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Response } from '../../src/answer.ts'
import { listen } from '../../src/node/listen.ts'

/** So many connections at once, each with a request: how many were accepted when the first was handled, and how many were answered. */
async function burst(count: number): Promise<{ readonly accepted: number; readonly answered: number }> {
  let [accepted, first] = [0, 0]
  const accepts = (): void => void (accepted += 1)
  const handler = Object.assign(
    async () => {
      first ||= accepted
      return new Response('yes')
    },
    { drain() {}, async [Symbol.asyncDispose]() {} },
  )
  await using server = await listen({ handler: () => handler })
  diagnostics.subscribe('net.server.socket', accepts)
  try {
    const sockets = Array.from({ length: count }, () => connect(Number(new URL(server.address).port), '127.0.0.1'))
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const answers = await Promise.all(sockets.map(answerOf))
    return { accepted: first, answered: answers.filter((text) => text.startsWith('HTTP/1.1 200')).length }
  } finally {
    diagnostics.unsubscribe('net.server.socket', accepts)
  }
}

async function answerOf(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString()
}

test('connections that come together are all accepted before the first request is handled', async () => {
  expect(await burst(40)).toEqual({ accepted: 40, answered: 40 })
})

test('who has been here longer does not wait for those who come', async () => {
  const asked: string[] = []
  const handler = Object.assign(
    async ({ url }: Request) => {
      asked.push(new URL(url).pathname)
      return new Response('yes')
    },
    { drain() {}, async [Symbol.asyncDispose]() {} },
  )
  await using server = await listen({ handler: () => handler })
  const port = Number(new URL(server.address).port)
  const old = connect(port, '127.0.0.1')
  old.write('GET /old/0 HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(old, 'data')
  const come = Array.from({ length: 40 }, () => connect(port, '127.0.0.1'))
  for (const socket of come) socket.write('GET /new HTTP/1.1\r\nhost: x\r\n\r\n')
  old.write('GET /old/1 HTTP/1.1\r\nhost: x\r\n\r\n')
  await Promise.all([answerOf(old), ...come.map(answerOf)])
  expect(asked.slice(0, 2)).toEqual(['/old/0', '/old/1'])
})

test('a client that has gone while it waited is let go of', async () => {
  let handled = 0
  const handler = Object.assign(async () => new Response(String((handled += 1))), { drain() {}, async [Symbol.asyncDispose]() {} })
  await using server = await listen({ handler: () => handler })
  const port = Number(new URL(server.address).port)
  const leaving = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'))
  for (const socket of leaving) {
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    socket.once('connect', () => setImmediate(() => socket.resetAndDestroy()))
  }
  await Promise.all(leaving.map((socket) => once(socket, 'close')))
  const staying = connect(port, '127.0.0.1')
  staying.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  expect(await answerOf(staying)).toContain('200 OK')
  expect(handled).toBeLessThan(30)
})

test('requests do not wait for connections without end', async () => {
  const { accepted, answered } = await burst(300)
  expect(accepted).toBeLessThan(100)
  expect(answered).toBe(300)
})
