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

test('requests do not wait for connections without end', async () => {
  const { accepted, answered } = await burst(300)
  expect(accepted).toBeLessThan(100)
  expect(answered).toBe(300)
})
