import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Engine } from '@kiln/core'
import express from 'express'
import { describe, expect, test } from 'vitest'
import { Response as Plain } from '../../src/answer.ts'
import { listen, toNodeListener, type Listening, type ListenOptions, type NodeListener } from '../../src/node/node.ts'
import type { HandlerOptions } from '../../src/index.ts'
import { good, serve, streams } from '../fixtures/api.ts'

async function up(options: Partial<HandlerOptions> = {}, how: Partial<ListenOptions> = {}): Promise<Listening & { port: number }> {
  const served = serve(options)
  const listening = await listen({ handler: () => served.handler, ...how })
  return Object.assign(listening, { port: Number(new URL(listening.address).port) })
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Everything on the wire, one write for `text`. */
async function raw(port: number, text: string | Buffer, { end = false } = {}): Promise<{ chunks: string[]; socket: Socket; all: string }> {
  const socket = connect(port, '127.0.0.1')
  const chunks: string[] = []
  socket
    .setEncoding('latin1')
    .on('data', (chunk: string) => chunks.push(chunk))
    .on('error', () => undefined)
  socket.write(text)
  if (end) socket.end()
  await Promise.race([once(socket, 'close'), new Promise<void>((resolve) => socket.once('data', () => setTimeout(resolve, 50)))])
  return { chunks, socket, all: chunks.join('') }
}

function call(
  address: string,
  path: string,
  { method = 'GET', headers = {}, body = undefined as string | undefined } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest(address + path, { method, headers: { ...good, ...headers }, agent: false }, (answer) => {
      let text = ''
      answer
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }))
    })
    asking.on('error', reject).end(body)
  })
}

const json = { 'content-type': 'application/json' }

test('an answer that HTTP does not allow breaks its own connection, and none that leaves with it', async () => {
  const listener = toNodeListener(async ({ url }) => (url.endsWith('/wrong') ? new Plain('no', { status: 42 }) : new Plain('yes')))
  await using server = await serverOf(listener)
  const paths = ['/right', '/wrong', '/right', '/wrong', '/right']
  const ended = await Promise.allSettled(paths.map((path) => call(server.address, path)))
  expect(ended.map((one) => (one.status === 'fulfilled' ? one.value.body : one.status))).toEqual([
    'yes',
    'rejected',
    'yes',
    'rejected',
    'yes',
  ])
})

async function serverOf(listener: NodeListener): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('listen', () => {
  test('answers on a free port; head and body are one write', async () => {
    await using server = await up()
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { chunks, socket } = await raw(server.port, 'GET /one/things/7 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n\r\n')
    socket.destroy()
    expect(chunks).toHaveLength(1)
    expect(chunks[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 26\r\n[\s\S]*\r\n\r\n\{"id":"7","tenant":"acme"\}$/i)
  })

  test('refusals, HEAD and nothing at all have a length too', async () => {
    await using server = await up()
    expect(await call(server.address, '/one/nothing')).toMatchObject({ status: 404, headers: { 'content-length': expect.any(String) } })
    expect(await call(server.address, '/one/things/7', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect(await call(server.address, '/one/things/7', { method: 'OPTIONS' })).toMatchObject({
      status: 204,
      headers: { allow: 'GET, HEAD, OPTIONS' },
      body: '',
    })
  })

  test('reads JSON, told its length or not', async () => {
    await using server = await up()
    const body = JSON.stringify({ files: { 'é.py': 'ü'.repeat(50_000) } })
    expect(JSON.parse((await call(server.address, '/one/things', { method: 'POST', headers: json, body })).body)).toEqual({
      got: [['é.py', 'ü'.repeat(50_000)]],
    })
    const chunked = await call(server.address, '/one/things', {
      method: 'POST',
      headers: { ...json, 'transfer-encoding': 'chunked' },
      body,
    })
    expect(chunked.status).toBe(200)
    for (const method of ['GET', 'POST'])
      expect(
        (
          await call(server.address, method === 'GET' ? '/one/things/1' : '/one/things', {
            method,
            headers: { ...json, 'content-length': '0' },
          })
        ).status,
      ).toBe(200)
  })

  test('two Authorization headers are nobody, and the Host is nothing', async () => {
    await using server = await up()
    const two = await raw(
      server.port,
      'GET /one/things/7 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\nauthorization: Bearer good\r\n\r\n',
    )
    two.socket.destroy()
    expect(two.all).toMatch(/^HTTP\/1\.1 401 /)
    const odd = await raw(server.port, 'GET /one/things/7 HTTP/1.1\r\nhost: "><script>\r\nauthorization: Bearer good\r\n\r\n')
    odd.socket.destroy()
    expect(odd.all).toMatch(/^HTTP\/1\.1 200 /)
  })

  test.each([
    [
      'a length and chunks',
      'POST /one/things HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a folded header', 'GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\n\r\n', 400],
    ['a head of 20 KiB', `GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${'a'.repeat(20_480)}\r\n\r\n`, 431],
    ['the whole address', 'GET http://evil/one/things/7 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n\r\n', 200],
    ['OPTIONS of everything', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', 404],
    ['a percent alone', 'GET /one/things/% HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n\r\n', 200],
    ['bytes in the path', 'GET /one/things/\xff HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n\r\n', 400],
  ])('%s', async (_what, text, status) => {
    await using server = await up()
    const { all, socket } = await raw(server.port, Buffer.from(text, 'latin1'))
    socket.destroy()
    expect(all).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(all.toLowerCase()).toContain('content-type: application/json')
    expect((await call(server.address, '/healthz')).status).toBe(200)
  })

  test('a body that is too large is answered before its end, and the client may send all of it', async () => {
    await using server = await up({ limits: { json: 1000 } })
    const size = 30 * 2 ** 20
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
    socket.write(
      `POST /one/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`,
    )
    const part = Buffer.alloc(2 ** 20, 0x20)
    for (let sent = 0; sent < size; sent += part.length)
      await new Promise((resolve, reject) => socket.write(part, (error) => (error ? reject(error) : resolve(undefined))))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    // the connection is still good
    answer = ''
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })

  test('also one whose length nobody told, which was read half', async () => {
    await using server = await up({ limits: { json: 1000 } })
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
    const head = 'POST /one/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\n'
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
    const chunk = `100000\r\n${' '.repeat(2 ** 20)}\r\n`
    for (let sent = 0; sent < 30; sent += 1)
      await new Promise((resolve, reject) => socket.write(chunk, (error) => (error ? reject(error) : resolve(undefined))))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    answer = ''
    socket.write('0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })

  test('a body that stops is told and closed', async () => {
    await using server = await up({ limits: { bodyRate: 100, bodyRateMs: 100 } })
    for (const length of [50, 5000]) {
      const { all, socket } = await raw(
        server.port,
        `POST /one/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n{"a`,
      )
      expect(all).toMatch(/^HTTP\/1\.1 408 /)
      if (!socket.closed) await once(socket, 'close')
    }
  })

  test('a stream ends when its reader has gone', async () => {
    await using server = await up()
    const { socket, chunks } = await raw(server.port, 'GET /one/stream HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect.poll(() => chunks.join('')).toContain(': ping')
    expect(streams.size).toBe(1)
    const [signal] = streams
    socket.destroy()
    await expect.poll(() => streams.size).toBe(0)
    expect(signal!.aborted).toBe(true)
  })

  test('a body that fails while its reader takes nothing is broken off', async () => {
    let fail: (error: Error) => void = () => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        fail = (error) => controller.error(error)
        for (let at = 0; at < 64; at += 1) controller.enqueue(new Uint8Array(2 ** 20))
      },
    })
    const closed = Promise.withResolvers<void>()
    const listener = toNodeListener(async () => new Response(body))
    const server = createServer((incoming, outgoing) => {
      outgoing.on('close', closed.resolve)
      listener(incoming, outgoing)
      const waits = setInterval(() => {
        if (!outgoing.writableNeedDrain) return
        clearInterval(waits)
        fail(new Error('the body broke'))
      }, 5)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
    socket.pause().write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect(closed.promise).resolves.toBeUndefined()
    socket.destroy()
    server.close()
  })

  test('a taken port is an error', async () => {
    await using server = await up()
    await expect(up({}, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('drain', () => {
  test('reads are answered while builds end, then the socket closes', async () => {
    const held = Promise.withResolvers<void>()
    let handedBack = false
    const engine = {
      drain: async ({ signal }: { signal: AbortSignal }) => (signal.addEventListener('abort', () => (handedBack = true)), held.promise),
    } as unknown as Engine
    const server = await up({}, { engine })
    const drained = server.drain()
    expect((await call(server.address, '/readyz')).status).toBe(503)
    expect((await call(server.address, '/one/things/7')).status).toBe(200)
    expect((await call(server.address, '/one/things', { method: 'POST' })).status).toBe(503)
    held.resolve()
    await drained
    expect(handedBack).toBe(false)
    await expect(call(server.address, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('after the grace time, or at a second word, what runs is handed back', async () => {
    const waits = (): Engine =>
      ({
        drain: ({ signal }: { signal: AbortSignal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
      }) as unknown as Engine
    await expect((await up({}, { engine: waits(), graceMs: 20 })).drain()).resolves.toBeUndefined()
    const asked = new AbortController()
    const drained = (await up({}, { engine: waits() })).drain(asked.signal)
    asked.abort()
    await expect(drained).resolves.toBeUndefined()
  })

  test('an open stream and an idle connection do not hold it up', async () => {
    const server = await up()
    const one = await raw(server.port, 'GET /one/stream HTTP/1.1\r\nhost: x\r\n\r\n')
    const idle = await raw(server.port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await server.drain()
    await expect.poll(() => [one.socket.closed, idle.socket.closed]).toEqual([true, true])
  })
})

describe('behind other frameworks', () => {
  async function behind(
    listener: (kiln: NodeListener) => Parameters<typeof createServer>[1],
    options: Partial<HandlerOptions> = {},
  ): Promise<{ address: string } & AsyncDisposable> {
    const served = serve(options)
    const server = createServer(listener(toNodeListener(served.handler))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        server.close()
        server.closeAllConnections()
        await served[Symbol.asyncDispose]()
      },
    }
  }
  const body = '{"files":{"__proto__":"x"},"note":"n"}'
  const posted = { method: 'POST', headers: json, body }

  test('node:http', async () => {
    await using server = await behind((kiln) => kiln)
    expect(await call(server.address, '/one/things', posted)).toMatchObject({ status: 200, body: '{"got":[["__proto__","x"]],"note":"n"}' })
  })

  test('Express, under a path that is its base path', async () => {
    await using server = await behind((kiln) => express().use('/deep/kiln', kiln as never), { basePath: '/deep/kiln' })
    expect(await call(server.address, '/deep/kiln/one/things/7?limit=2')).toMatchObject({
      status: 200,
      body: '{"id":"7","tenant":"acme","limit":2}',
    })
    expect((await call(server.address, '/deep/kiln/one/things', posted)).status).toBe(200)
  })

  test('behind express.json() JSON still works', async () => {
    await using server = await behind((kiln) =>
      express()
        .use(express.json())
        .use(kiln as never),
    )
    expect(await call(server.address, '/one/things', posted)).toMatchObject({ status: 200, body: '{"got":[["__proto__","x"]],"note":"n"}' })
    expect((await call(server.address, '/one/things', { method: 'POST', headers: json, body: '' })).status).toBe(200)
  })

  test.each([
    ['express.raw()', express.raw({ type: () => true })],
    ['express.text()', express.text({ type: () => true })],
  ])('behind %s JSON is what was sent', async (_name, parser) => {
    await using server = await behind((kiln) =>
      express()
        .use(parser)
        .use(kiln as never),
    )
    expect(await call(server.address, '/one/things', posted)).toMatchObject({ status: 200, body: '{"got":[["__proto__","x"]],"note":"n"}' })
  })

  test('bytes that a parser kept are there to be read, as an upload needs them', async () => {
    const asked: unknown[] = []
    const listener = toNodeListener(async (request) => {
      asked.push(request.bodyUsed, await request.text())
      return new Response(null)
    })
    await using server = await behind(() => express().use(express.raw({ type: () => true }), listener) as never)
    await call(server.address, '/', { method: 'POST', headers: { 'content-type': 'application/gzip' }, body: 'bytes' })
    expect(asked).toEqual([false, 'bytes'])
  })

  test('what was read and not kept is refused at once, with what to do', async () => {
    await using server = await behind((kiln) => (incoming, outgoing) => void incoming.resume().on('end', () => kiln(incoming, outgoing)))
    for (const headers of [json, { ...json, 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      const answer = await call(server.address, '/one/things', { ...posted, headers })
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.body)).toMatchObject({
        api: 'one',
        code: 'body_consumed',
        hint: expect.stringContaining('before any body parser'),
      })
    }
  })
})
