import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../src/limits/limits.ts'
import { readBody } from '../../src/input/body.ts'
import { NodeRequest } from '../../src/node/request.ts'

interface Seen {
  /** what was here without a wait */
  readonly here: string | undefined
  /** what was asked a second time */
  readonly again: string | undefined
  readonly used: boolean
}

interface Exchanged {
  readonly seen: readonly Seen[]
  readonly answers: readonly string[]
  /** whether a stream had to flow for the body */
  readonly streamed: readonly boolean[]
  /** what the messages told of their ends */
  readonly ends: readonly string[]
}

/** Sends pieces over one connection, and says what was seen of each request; an answer is the body as it was read. */
async function exchange(requests: number, pieces: readonly string[], look: boolean, encoding?: 'utf8'): Promise<Exchanged> {
  const seen: Seen[] = []
  const [streamed, ends]: [boolean[], string[]] = [[], []]
  const server = createServer((incoming, outgoing) => {
    if (encoding) incoming.setEncoding(encoding)
    for (const end of ['end', 'close']) incoming.on(end, () => ends.push(end))
    const request = new NodeRequest(incoming)
    void (async () => {
      // as after a look at the key: until then the parser has not come to the body
      await Promise.resolve()
      if (look) {
        const [here, again] = [textOf(request.here()), textOf(request.here())]
        seen.push({ here, again, used: request.bodyUsed })
        outgoing.end(here ?? '')
      } else {
        const body = await readBody(request as unknown as Request, 1000, defaultLimits)
        streamed.push(incoming.listenerCount('data') > 0)
        outgoing.end(Buffer.isBuffer(body) ? body : 'no bytes')
      }
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  for (const piece of pieces) {
    socket.write(piece)
    await sleep(20)
  }
  while (text.split('HTTP/1.1 200').length <= requests && !socket.destroyed) await sleep(5)
  socket.destroy()
  server.close()
  const answers = text.split('HTTP/1.1 200 OK').slice(1)
  return { seen, streamed, ends, answers: answers.map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4)) }
}

const head = (length: number): string => `POST / HTTP/1.1\r\nhost: here\r\ncontent-length: ${length}\r\n\r\n`
const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString()

test('a body that came with its head is here, once, and the connection goes on', async () => {
  const { seen, ends } = await exchange(3, [`${head(5)}first${head(6)}second`, `${head(5)}third`], true)
  expect(ends.toSorted()).toEqual(['close', 'close', 'close', 'end', 'end', 'end'])
  expect(seen).toEqual(['first', 'second', 'third'].map((here) => ({ here, again: undefined, used: true })))
})

test('one that is not all here yet, or empty, is not', async () => {
  for (const pieces of [[head(5), 'later'], [`${head(5)}lat`, 'er'], [head(0)]]) {
    const { seen } = await exchange(1, pieces, true)
    expect(seen).toEqual([{ here: undefined, again: undefined, used: false }])
  }
})

test('however it comes it is read whole', async () => {
  const pieces = [`${head(5)}first${head(6)}sec`, 'ond', head(5), 'thi', 'rd', `${head(6)}fourth`]
  const { answers, streamed } = await exchange(4, pieces, false)
  expect(answers).toEqual(['first', 'second', 'third', 'fourth'])
  expect(streamed).toEqual([false, true, true, false])
})

test('also where a host has texts made of it', async () => {
  const { answers } = await exchange(3, [`${head(6)}fürst`, `${head(6)}sec`, 'ond', `${head(5)}third`], false, 'utf8')
  expect(answers).toEqual(['fürst', 'second', 'third'])
})
