import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
// blobs as `kiln serve` has them
import { directoryBlobs } from '../../../store-sqlite/src/blobs.ts'
import { agentName, create, tarGz, world, type Answer, type World } from './world.ts'

const mib = 2 ** 20
const aborts = Number(process.env['UPLOAD_ABORTS'] ?? 60)
const limits = { upload: 4 * mib, ratePerMinute: 100_000 }

let directory: string
let one: World
let port: number

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiln-wire-'))
  one = world({}, { blobs: await directoryBlobs({ directory }) }, { limits })
  port = Number(new URL(await one.serve()).port)
})

afterAll(async () => {
  await one[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

interface Sent {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  // oxlint-disable-next-line typescript/no-explicit-any -- any answer
  readonly body: any
}

/** Sends all, whatever comes back meanwhile, and reads the answer then: as the SDK's HTTP library does. */
function send(body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sending = request({ port, host: '127.0.0.1', path: '/v5/builds', method: 'POST', headers: { 'x-api-key': 'acme', ...headers } })
    let answer = (): void => undefined
    sending.on('error', reject)
    sending.on('response', (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      incoming.on('error', reject).on('end', () => {
        answer = () => resolve({ status: incoming.statusCode!, headers: incoming.headers, body: JSON.parse(text) })
        if (sending.writableFinished) answer()
      })
    })
    // closed: the server did not want the rest
    sending.on('finish', () => answer()).on('close', () => answer())
    sending.end(body)
  })
}

async function bytesOf(form: FormData): Promise<{ readonly body: Buffer; readonly type: string }> {
  const whole = new Response(form)
  return { body: Buffer.from(await whole.arrayBuffer()), type: whole.headers.get('content-type')! }
}

async function nothingLeft(): Promise<void> {
  // on a busy machine the last writers are told late that their senders have gone
  await expect.poll(() => readdir(join(directory, '.temporary')), { timeout: 15_000 }).toEqual([])
}

const total = async (): Promise<number> => (await one.ask('/v5/builds')).body.total

describe('an upload over a socket', () => {
  test('may be chunked, of unknown length', async () => {
    const { body, type } = await bytesOf(create())
    const { status, body: build } = await send(body, { 'content-type': type, 'transfer-encoding': 'chunked' })
    expect({ status, name: build.image_name }).toEqual({ status: 200, name: 'web' })
  })

  test('is answered with its refusal, although most of it was not wanted', async () => {
    const before = await total()
    const archive = new File([randomBytes(3 * mib)], 'x')
    const { body, type } = await bytesOf(create({ image_name: 'Not A Name', context_archive: archive }))
    expect(await send(body, { 'content-type': type })).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'image_name'] }] } })
    const { body: random, type: other } = await bytesOf(create({ context_archive: archive }))
    expect(await send(random, { 'content-type': other })).toMatchObject({ status: 400, body: { code: 'invalid_archive' } })
    expect(await total()).toBe(before)
    await nothingLeft()
  })

  test.each([
    ['told', {}],
    ['chunked', { 'transfer-encoding': 'chunked' }],
  ])('that is too large is 413 (%s)', async (_how, more) => {
    for (const size of [4 * mib + 1, 12 * mib]) {
      const { body, type } = await bytesOf(create({ context_archive: new File([Buffer.alloc(size)], 'x') }))
      expect(await send(body, { 'content-type': type, ...more })).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
    }
    await nothingLeft()
  })

  test('whose fields are too much together is 413, whatever each is', async () => {
    const fields = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'x'.repeat(0.9 * mib)]))
    const { body, type } = await bytesOf(create(fields))
    expect(await send(body, { 'content-type': type })).toMatchObject({
      status: 413,
      body: { detail: 'The fields have more than 4194304 bytes.', code: 'payload_too_large' },
    })
  })

  test('whose fields have no room beside others in memory is 429, until those are answered', async () => {
    await using small = world({}, {}, { limits: { jsonPerTenant: 3000, jsonInAll: 5000 } })
    const large = (): Promise<Answer> => small.post(create({ build_args: JSON.stringify({ A: 'x'.repeat(2000) }) }))
    const answers = await Promise.all([large(), large()])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]))
    const refused = answers.find(({ status }) => status === 429)!
    expect(refused).toMatchObject({ body: { detail: expect.any(String), code: 'too_many_bodies' } })
    expect(refused.headers.get('retry-after')).toBe('2')
    expect((await large()).status).toBe(200)
  })

  test('of just the limit is taken, and no byte more', async () => {
    const bytes = tarGz({ Dockerfile: 'FROM scratch\n', x: randomBytes(mib).toString('hex') })
    for (const [upload, status] of [
      [bytes.length, 200],
      [bytes.length - 1, 413],
    ] as const) {
      await using exact = world({}, {}, { limits: { upload } })
      expect((await exact.post(create({ context_archive: new File([bytes], 'x') }))).status).toBe(status)
    }
  })

  test('that stalls is 408 and closed', async () => {
    await using strict = world({}, { blobs: await directoryBlobs({ directory }) }, { limits: { bodyRate: 1000, bodyRateMs: 400 } })
    const { body, type } = await bytesOf(create())
    const socket = createConnection(Number(new URL(await strict.serve()).port), '127.0.0.1')
    socket.write(
      `POST /v5/builds HTTP/1.1\r\nhost: a\r\nx-api-key: acme\r\ncontent-type: ${type}\r\ncontent-length: ${body.length + 10}\r\n\r\n`,
    )
    socket.write(body.subarray(0, -10))
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1\.1 408 [^]*x-should-retry: false[^]*"code":"too_slow"/)
    await nothingLeft()
  })

  test(`aborted ${aborts} times at random bytes leaves no file, no descriptor and no build`, async () => {
    const before = await total()
    const archive = new File([tarGz({ Dockerfile: 'FROM scratch\n', x: randomBytes(200_000).toString('hex') })], 'x')
    const descriptors = (): number => readdirSync('/proc/self/fd').length
    const open = descriptors()
    for (let at = 0; at < aborts; at += 10)
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const { body, type } = await bytesOf(create({ context_archive: archive }))
          await aborted(body, type, Math.floor(Math.random() * (body.length - 1)))
        }),
      )
    await nothingLeft()
    await expect.poll(descriptors).toBeLessThanOrEqual(open + 2)
    expect(await total()).toBe(before)
    const { body, type } = await bytesOf(create({ agent_name: agentName(), context_archive: archive }))
    expect((await send(body, { 'content-type': type })).status).toBe(200)
  })
})

function aborted(body: Buffer, type: string, at: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('close', () => resolve()).on('error', () => undefined)
    const head = `POST /v5/builds HTTP/1.1\r\nhost: a\r\nx-api-key: acme\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`
    socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, at)]), () => (at % 2 ? socket.destroy() : socket.resetAndDestroy()))
  })
}
