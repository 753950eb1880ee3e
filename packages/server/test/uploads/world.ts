import { createEngine, type Kiln } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { createHash, randomBytes } from 'node:crypto'
import type { Lending } from '../../src/input/lent-body.ts'
import { defaultLimits, type ServerLimits } from '../../src/limits/limits.ts'
import { createUploads } from '../../src/uploads/create-uploads.ts'
import type { Form, FormOptions, Uploads } from '../../src/uploads/uploads.ts'

const limits: ServerLimits = { ...defaultLimits, fields: 5, field: 100, bodyRate: 1000, bodyRateMs: 100 }

export interface World {
  readonly kiln: Kiln
  readonly uploads: Uploads
  form(body: Given, options?: Partial<FormOptions>, type?: string): Promise<Form>
}

type Given = string | Uint8Array | ReadableStream<Uint8Array> | Lending

export function world(): World {
  const kiln = createEngine({ drivers: [fakeDriver()], worker: false }).for('acme')
  const uploads = createUploads(limits)
  const { signal } = new AbortController()
  return {
    kiln,
    uploads,
    form: async (body, options = {}, type = 'multipart/form-data; boundary=B') =>
      uploads.form(kiln, request(body, type), { max: 1_000_000, signal, ...options }),
  }
}

function request(body: Given, type: string): Request {
  if (typeof body === 'object' && 'lend' in body) return Object.assign(request('lent', type), body)
  return new Request('http://kiln.example/', { method: 'POST', body, headers: { 'content-type': type }, duplex: 'half' })
}

/** A part; `more` goes behind the name in the Content-Disposition. */
export function part(name: string, value: string | Uint8Array, more = '', headers = ''): Buffer {
  const head = `--B\r\nContent-Disposition: form-data; name="${name}"${more}\r\n${headers}\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')])
}

export function file(value: string | Uint8Array, name = 'context_archive', filename = 'a.tar.gz'): Buffer {
  return part(name, value, `; filename="${filename}"`, 'Content-Type: application/x-tar\r\n')
}

export function formOf(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...parts, Buffer.from('--B--\r\n')])
}

export function inChunks(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += size)))
      else controller.close()
    },
  })
}

/** Each chunk is gone when the next one is asked for. */
export function inLentChunks(bytes: Uint8Array, size: number): Lending {
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = Uint8Array.from(bytes.subarray(at, at + size))
      yield chunk
      chunk.fill(0xff)
      chunk.buffer.transfer(0)
    }
  }
  return { lend: chunks, here: () => undefined }
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export { randomBytes }
