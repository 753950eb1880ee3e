import { getEventListeners, once } from 'node:events'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { defaultLimits } from '../../src/limits/limits.ts'
import { createLogs } from '../../src/logs/create-logs.ts'
import { pipeLog } from '../../src/logs/log-response.ts'
import { form, written } from './world.ts'

/** A log on a real server; what a client that sends `request` is given, to the last byte. */
async function raw(request: string, around: (outgoing: ServerResponse) => void = () => undefined) {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  const { signal } = new AbortController()
  const answer = async (_: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    around(outgoing)
    pipeLog(await logs.stream(world.kiln, world.build.record.id, form, { tenant: 'acme', caller: 'key', signal }), outgoing)
  }
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(request))
  let text = ''
  socket.setEncoding('utf8').on('data', (data: string) => (text += data))
  await vi.waitFor(() => expect(text).toContain('building'))
  const listening = getEventListeners(signal, 'abort').length
  await world.write('one ü', 'two')
  await vi.waitFor(() => expect(text).toContain('two'))
  await world.end()
  await once(socket, 'end')
  server.close()
  return { text, listening, stored: await world.stored() }
}

const head = 'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'

/** Of a chunked body, which has to be whole. */
function unchunked(text: string): string {
  let rest = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4))
  const pieces: Buffer[] = []
  for (;;) {
    const line = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.toString('latin1', 0, line), 16)
    pieces.push(rest.subarray(line + 2, line + 2 + size))
    expect(rest.toString('latin1', line + 2 + size, line + 4 + size)).toBe('\r\n')
    rest = rest.subarray(line + 4 + size)
    if (size === 0) return Buffer.concat(pieces).toString()
  }
}

test('on a socket of its own a log is whole chunks, and ends with the last one', async () => {
  const { text, stored } = await raw(head)
  expect(unchunked(text)).toBe(stored)
})

test('a client of HTTP/1.0 gets no chunks', async () => {
  const { text, stored } = await raw('GET / HTTP/1.0\r\n\r\n')
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(stored)
})

test('what a host has put around the message sees every piece', async () => {
  const seen: string[] = []
  const { stored } = await raw(head, (outgoing) => {
    const write = outgoing.write.bind(outgoing)
    outgoing.write = ((bytes: Uint8Array) => {
      seen.push(Buffer.from(bytes).toString())
      return write(bytes)
    }) as typeof write
  })
  expect(seen.join('')).toBe(stored)
})

test('an answer that waits for the one before it on the same connection comes after it', async () => {
  const { text } = await raw(`${head.replace('connection: close\r\n', '')}${head}`)
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  const second = text.lastIndexOf('HTTP/1.1 200')
  expect(unchunked(text.slice(0, second))).toBe(unchunked(text.slice(second)))
})

test('a message tells itself when its client has gone: nothing is left on the signal', async () => {
  expect((await raw(head)).listening).toBe(0)
})

test('a socket that takes nothing is cut off once too much waits for it', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streamBuffer: 2000 })
  const socket = new Duplex({ read: () => undefined, write: () => undefined }) as Socket
  const incoming = Object.assign(new IncomingMessage(socket), { httpVersionMajor: 1, httpVersionMinor: 1 })
  const outgoing = new ServerResponse(incoming)
  outgoing.assignSocket(socket)
  const { signal } = new AbortController()
  pipeLog(await logs.stream(world.kiln, world.build.record.id, form, { tenant: 'acme', caller: 'key', signal }), outgoing)
  await world.write('x'.repeat(1000))
  expect(outgoing.destroyed).toBe(false)
  await world.write('y'.repeat(1000))
  await vi.waitFor(() => expect(outgoing.destroyed).toBe(true))
})
