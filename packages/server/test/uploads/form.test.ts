import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toRefusal } from '../../src/refusal.ts'
import { digestOf, file, formOf, inChunks, inLentChunks, part, randomBytes, world, type World } from './world.ts'

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'taken',
    (error: unknown) => toRefusal(error).code,
  )
}

const seen = async ({ kiln }: World, bytes: Uint8Array): Promise<boolean> =>
  (await kiln.uploads.size(digestOf(bytes) as `sha256:${string}`)) !== undefined

describe('a form', () => {
  test('gives its fields as text and its file as a blob, in any order and however it is cut', async () => {
    const bytes = randomBytes(50_000)
    // what could be taken for a boundary
    Buffer.from('\r\n--A\r\n--\r\n-').copy(bytes, 1000)
    const forms = [formOf(part('a', 'ä\r\n--'), part('b', ''), file(bytes)), formOf(file(bytes), part('a', 'ä\r\n--'), part('b', ''))]
    for (const form of forms)
      for (const size of [2, 3, 7, 64, 1021, 65_536]) {
        const one = world()
        for (const body of [inChunks(form, size), inLentChunks(form, size)]) {
          const { fields, file: kept } = await one.form(body)
          expect([...fields]).toEqual([
            ['a', 'ä\r\n--'],
            ['b', ''],
          ])
          expect(kept).toEqual({ digest: digestOf(bytes), bytes: 50_000, field: 'context_archive' })
          expect(await one.kiln.uploads.size(kept!.digest)).toBe(50_000)
        }
      }
  })

  test('hashes with MD5 where asked', async () => {
    const bytes = randomBytes(3_000_000)
    const { file: kept } = await world().form(formOf(file(bytes)), { md5: true, max: 3_000_000 })
    expect(kept!.md5).toBe(createHash('md5').update(bytes).digest('hex'))
    expect(kept!.digest).toBe(digestOf(bytes))
  })

  test('without a file has its fields alone', async () => {
    expect(await world().form(formOf(part('a', '1')))).toEqual({ fields: new Map([['a', '1']]) })
  })

  test.each([
    ['a file name', part('x', 'bytes', '; filename="../../x"')],
    ['a file name with NUL', part('x', 'bytes', '; filename="a\0.tar.gz"')],
    ['an empty file name', part('x', 'bytes', '; filename=""')],
    ['a file name of 10 KB', part('x', 'bytes', `; filename="${'n'.repeat(10_000)}"`)],
    ['a file name with quotes', part('x', 'bytes', String.raw`; filename="a \" b\\"`)],
    ['a file name in UTF-8', part('x', 'bytes', `; filename*=utf-8''%e2%82%ac`)],
    ['a type and no file name', part('x', 'bytes', '', 'Content-Type: application/octet-stream\r\n')],
    ['the type of a tar', part('x', 'bytes', '', 'content-type: application/x-tar\r\n')],
  ])('takes a part with %s for the file', async (_what, given) => {
    const { file: kept, fields } = await world().form(formOf(given))
    expect(kept).toMatchObject({ field: 'x', bytes: 5 })
    expect(fields.size).toBe(0)
  })

  test('takes a field that says it is text for a field', async () => {
    const { fields } = await world().form(formOf(part('a', '{}', '', 'Content-Type: text/plain; charset=utf-8\r\n')))
    expect([...fields]).toEqual([['a', '{}']])
  })

  test('asks with the fields before the file, before its bytes are read', async () => {
    let pulled = 0
    const one = world()
    const bytes = randomBytes(100_000)
    const stream = inChunks(formOf(part('a', '1'), file(bytes), part('b', '2')), 1000).pipeThrough(
      new TransformStream(
        {
          transform(chunk: Uint8Array, controller) {
            pulled += chunk.length
            controller.enqueue(chunk)
          },
        },
        { highWaterMark: 1 },
        { highWaterMark: 0 },
      ),
    )
    const beforeFile = (fields: ReadonlyMap<string, string>): void => {
      throw new Error([...fields].join(';'))
    }
    await expect(one.form(stream, { beforeFile })).rejects.toThrow(/^a,1$/)
    expect(pulled).toBeLessThan(10_000)
    expect(await seen(one, bytes)).toBe(false)
  })
})

const bytes = Buffer.from('some bytes')

describe('a form is refused', () => {
  test.each<readonly [string, Buffer, string]>([
    ['with two files', formOf(file(bytes), file('x', 'other')), 'invalid_input'],
    ['with a field twice', formOf(part('a', '1'), part('a', '2'), file(bytes)), 'invalid_input'],
    ['with another boundary', Buffer.from(formOf(file(bytes)).toString().replaceAll('--B', '--C')), 'invalid_input'],
    ['with another last boundary', Buffer.concat([file(bytes), Buffer.from('--C--\r\n')]), 'invalid_input'],
    ['with a last boundary of one dash', Buffer.concat([file(bytes), Buffer.from('--B-\r\n')]), 'invalid_input'],
    ['without the last boundary', file(bytes), 'invalid_input'],
    ['that ends in its file', formOf(file(bytes)).subarray(0, -20), 'invalid_input'],
    ['that ends in its headers', formOf(file(bytes)).subarray(0, 20), 'invalid_input'],
    ['with something before', Buffer.concat([Buffer.from('preamble\r\n'), formOf(file(bytes))]), 'invalid_input'],
    ['with a preamble of 1 MB', Buffer.concat([Buffer.alloc(2 ** 20, 'a'), formOf(file(bytes))]), 'invalid_input'],
    ['with something behind', Buffer.concat([formOf(file(bytes)), Buffer.from('GET / HTTP/1.1')]), 'invalid_input'],
    ['with nothing in it', Buffer.from('--B--x'), 'invalid_input'],
    ['with an empty name', formOf(part('', '1'), file(bytes)), 'invalid_input'],
    ['with the name __proto__', formOf(part('__proto__', '1'), file(bytes)), 'invalid_input'],
    ['with the name constructor', formOf(part('constructor', '1'), file(bytes)), 'invalid_input'],
    ['with a file called __proto__', formOf(file(bytes, '__proto__')), 'invalid_input'],
    ['with a CR in a name', formOf(part('a\rb', '1'), file(bytes)), 'invalid_input'],
    ['with a LF in a name', formOf(part('a\nb', '1'), file(bytes)), 'invalid_input'],
    ['with a CR LF in a name', formOf(part('a\r\nb', '1'), file(bytes)), 'invalid_input'],
    ['with a LF in a file name', formOf(file(bytes, 'f', 'a\nb')), 'invalid_input'],
    ['with a part without a name', formOf(Buffer.from('--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n')), 'invalid_input'],
    ['with a part without headers', formOf(Buffer.from('--B\r\n\r\n1\r\n\r\n')), 'invalid_input'],
    ['with a part without a disposition', formOf(Buffer.from('--B\r\nContent-Type: text/plain\r\n\r\n1\r\n')), 'invalid_input'],
    ['with two dispositions', formOf(part('a', '1', '', 'Content-Disposition: form-data; name="b"\r\n')), 'invalid_input'],
    ['with two names in one', formOf(part('a', '1', '; name="b"')), 'invalid_input'],
    ['with an open quote', formOf(part('a', '1', '; filename="b')), 'invalid_input'],
    ['with a transfer encoding', formOf(part('a', '1', '', 'Content-Transfer-Encoding: base64\r\n')), 'invalid_input'],
    ['with a field that is no UTF-8', formOf(part('a', Buffer.from([0xff]))), 'invalid_input'],
    ['with more fields than allowed', formOf(...'abcdef'.split('').map((name) => part(name, '1'))), 'payload_too_large'],
    ['with a field that is too large', formOf(part('a', 'x'.repeat(101))), 'payload_too_large'],
    ['with fields that are too large', formOf(...'abcde'.split('').map((name) => part(name, 'x'.repeat(90)))), 'payload_too_large'],
    ['with headers that are too large', formOf(part('a', '1', '', `X: ${'x'.repeat(17_000)}\r\n`)), 'invalid_input'],
    ['with a file that is too large', formOf(file(Buffer.alloc(1_000_001))), 'payload_too_large'],
  ])('%s, and leaves nothing', async (_what, body, code) => {
    for (const size of [10, 65_536, 3_000_000]) {
      const one = world()
      expect(await codeOf(one.form(inChunks(body, size)))).toBe(code)
      expect(await seen(one, bytes)).toBe(false)
    }
  })

  test('but a file of just the size is taken', async () => {
    expect(await codeOf(world().form(formOf(file(Buffer.alloc(1_000_000)))))).toBe('taken')
  })

  test.each([
    ['multipart/form-data', 'invalid_input'],
    ['multipart/form-data; boundary=', 'invalid_input'],
    [`multipart/form-data; boundary=${'x'.repeat(200)}`, 'invalid_input'],
    ['multipart/form-data; boundary="a<b"', 'invalid_input'],
    ['multipart/mixed; boundary=B', 'unsupported_media_type'],
    ['application/json', 'unsupported_media_type'],
  ])('with the type %s', async (type, code) => {
    expect(await codeOf(world().form(formOf(file(bytes)), {}, type))).toBe(code)
  })

  test.each(['multipart/form-data; boundary="B"', 'Multipart/Form-Data; charset=utf-8; BOUNDARY=B'])(
    'not with the type %s',
    async (type) => {
      expect(await codeOf(world().form(formOf(file(bytes)), {}, type))).toBe('taken')
    },
  )
})

describe('a sender', () => {
  const stalled = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ start: (controller) => controller.enqueue(formOf(file(bytes)).subarray(0, -15)) })

  test('who stops is given up', async () => {
    const one = world()
    expect(await codeOf(one.form(stalled()))).toBe('too_slow')
    expect(await codeOf(one.uploads.keep(one.kiln, stalled(), { max: 1000, signal: new AbortController().signal }))).toBe('too_slow')
    expect(await seen(one, bytes)).toBe(false)
  })

  test('who has gone is not waited for', async () => {
    const one = world()
    const gone = new AbortController()
    const work = one.form(stalled(), { signal: gone.signal })
    gone.abort(new Error('gone'))
    await expect(work).rejects.toThrow('gone')
  })

  test('whose connection breaks leaves nothing', async () => {
    const one = world()
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(formOf(file(bytes)).subarray(0, -15))
        controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
      },
    })
    await expect(one.form(broken)).rejects.toThrow('aborted')
    expect(await seen(one, bytes)).toBe(false)
  })

  test('is not blamed for a slow reader', async () => {
    const one = world()
    const beforeFile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250))
    expect(await codeOf(one.form(inChunks(formOf(part('a', '1'), file(bytes)), 30), { beforeFile }))).toBe('taken')
  })
})

test('bytes without a form are kept the same way', async () => {
  const one = world()
  const { signal } = new AbortController()
  const kept = await one.uploads.keep(one.kiln, inChunks(bytes, 3), { max: 10, md5: true, signal })
  expect(kept).toEqual({ digest: digestOf(bytes), bytes: 10, md5: createHash('md5').update(bytes).digest('hex') })
  expect(await codeOf(one.uploads.keep(one.kiln, inChunks(bytes, 3), { max: 9, signal }))).toBe('payload_too_large')
})
