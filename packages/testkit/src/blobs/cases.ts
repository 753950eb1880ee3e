import { isBuildError, type Blobs, type Bytes, type Digest } from '@kiln/core'
import { createHash, randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { BlobCase } from './blobs.ts'

const max = 64 * 2 ** 20

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function* chunks(bytes: Uint8Array, size: number): Bytes {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function contents(blobs: Blobs, tenant: string, digest: Digest): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of blobs.open(tenant, digest)) all.push(chunk)
  return Buffer.concat(all)
}

async function lentContents(blobs: Blobs, tenant: string, digest: Digest): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of blobs.open(tenant, digest, { lend: true })) all.push(Buffer.from(chunk))
  return Buffer.concat(all)
}

async function code(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no error',
    (error: unknown) => (isBuildError(error) ? error.code : `not a BuildError: ${String(error)}`),
  )
}

const text = Buffer.from('FROM scratch\n')

export const blobCases: readonly BlobCase[] = [
  {
    name: 'put: what need not be durable is there all the same, and leaves alone what is there',
    run: async ({ blobs, pass }) => {
      const bytes = (of: string): Uint8Array => new TextEncoder().encode(of)
      const quick = { max: 10, durable: false }
      const digest = await blobs.put('ann', bytes('hello'), quick)
      for (const options of [quick, { max: 10 }, quick]) expect(await blobs.put('ann', bytes('hello'), options)).toBe(digest)
      expect(
        await blobs.put(
          'ann',
          (async function* () {
            yield bytes('hel')
            yield bytes('lo')
          })(),
          quick,
        ),
      ).toBe(digest)
      expect((await contents(blobs, 'ann', digest)).toString()).toBe('hello')
      await expect(blobs.put('ann', bytes('hello, world'), quick)).rejects.toMatchObject({ code: 'blob_too_large' })
      // put again it is young again
      pass(10_000)
      await blobs.put(
        'ann',
        (async function* () {
          yield bytes('hello')
        })(),
        quick,
      )
      pass(10_000)
      expect(await blobs.prune(new Map(), { olderThanMs: 15_000 })).toEqual({ removed: 0, bytes: 0 })
      pass(10_000)
      expect(await blobs.prune(new Map(), { olderThanMs: 15_000 })).toEqual({ removed: 1, bytes: 5 })
    },
  },
  {
    name: 'put: stores bytes and streams, of any size and in any pieces, under their sha256',
    run: async ({ blobs }) => {
      for (const size of [0, 1, 262_143, 262_144, 262_145, 3_000_001]) {
        const bytes = randomBytes(size)
        const digest = sha256(bytes)
        expect(await blobs.put('ann', bytes, { max })).toBe(digest)
        expect((await contents(blobs, 'ann', digest)).equals(bytes)).toBe(true)
        expect(await blobs.put('bob', chunks(bytes, 100_000), { max, expect: digest })).toBe(digest)
        expect((await contents(blobs, 'bob', digest)).equals(bytes)).toBe(true)
        expect(await blobs.size('bob', digest)).toBe(size)
      }
    },
  },
  {
    name: 'put: a writer that uses its buffer again harms nothing',
    run: async ({ blobs }) => {
      async function* reusing(): Bytes {
        const buffer = Buffer.alloc(1000)
        for (let i = 0; i < 50; i++) yield buffer.fill(i)
      }
      const digest = await blobs.put('ann', reusing(), { max })
      const bytes = Buffer.concat(Array.from({ length: 50 }, (_, i) => Buffer.alloc(1000, i)))
      expect((await contents(blobs, 'ann', digest)).equals(bytes)).toBe(true)
      const own = Buffer.from('mine')
      const kept = await blobs.put('ann', own, { max })
      own.fill(0)
      expect((await contents(blobs, 'ann', kept)).toString()).toBe('mine')
    },
  },
  {
    name: 'put: takes `max` bytes and refuses one more',
    run: async ({ blobs }) => {
      const digest = await blobs.put('ann', text, { max: text.length })
      expect(await blobs.put('ann', chunks(text, 3), { max: text.length })).toBe(digest)
      const more = Buffer.concat([text, Buffer.from('x')])
      for (const bytes of [more, chunks(more, 3)]) expect(await code(blobs.put('ann', bytes, { max: text.length }))).toBe('blob_too_large')
      expect(await blobs.size('ann', sha256(more))).toBeUndefined()
    },
  },
  {
    name: 'put: does not read on when there is too much',
    run: async ({ blobs }) => {
      let given = 0
      async function* endless(): Bytes {
        for (;;) {
          given += 1
          yield Buffer.alloc(1000)
        }
      }
      expect(await code(blobs.put('ann', endless(), { max: 10_000 }))).toBe('blob_too_large')
      expect(given).toBeLessThan(20)
    },
  },
  {
    name: 'put: refuses other bytes than the expected ones, and keeps neither',
    run: async ({ blobs }) => {
      const other = Buffer.from('other')
      for (const bytes of [other, chunks(other, 2)])
        expect(await code(blobs.put('ann', bytes, { max, expect: sha256(text) }))).toBe('blob_mismatch')
      expect([await blobs.size('ann', sha256(text)), await blobs.size('ann', sha256(other))]).toEqual([undefined, undefined])
    },
  },
  {
    name: 'put: a source that fails, and a signal, end it with their reason and leave nothing',
    run: async ({ blobs }) => {
      // as a reset connection, and as `abort()` and `AbortSignal.timeout` say it
      const reasons = [new Error('cut off'), Object.assign(new Error('reset'), { code: 'ECONNRESET' }), new DOMException('', 'AbortError')]
      for (const reason of reasons) {
        async function* broken(): Bytes {
          yield text
          throw reason
        }
        await expect(blobs.put('ann', broken(), { max })).rejects.toBe(reason)
        const stop = new AbortController()
        async function* stopping(): Bytes {
          yield text
          stop.abort(reason)
          yield text
        }
        await expect(blobs.put('ann', stopping(), { max, signal: stop.signal })).rejects.toBe(reason)
        for (const bytes of [text, chunks(text, 4)])
          await expect(blobs.put('ann', bytes, { max, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      }
      expect(await blobs.size('ann', sha256(text))).toBeUndefined()
    },
  },
  {
    name: 'put: the same bytes many times at once are one blob',
    run: async ({ blobs }) => {
      const bytes = randomBytes(500_000)
      const puts = Array.from({ length: 20 }, (_, i) => blobs.put('ann', i % 2 === 0 ? bytes : chunks(bytes, 100_000), { max }))
      expect(new Set(await Promise.all(puts))).toEqual(new Set([sha256(bytes)]))
      expect((await contents(blobs, 'ann', sha256(bytes))).equals(bytes)).toBe(true)
      expect(await blobs.prune(new Map(), { olderThanMs: -1 })).toEqual({ removed: 1, bytes: 500_000 })
    },
  },
  {
    name: 'open: a blob that is not there is blob_missing; its size is undefined',
    run: async ({ blobs }) => {
      expect(await code(contents(blobs, 'ann', sha256(text)))).toBe('blob_missing')
      expect(await blobs.size('ann', sha256(text))).toBeUndefined()
    },
  },
  {
    name: 'open: a damaged blob ends in blob_mismatch, and putting it again repairs it',
    run: async ({ blobs, damage, skip }) => {
      if (damage === undefined) return skip('nobody can damage these')
      for (const bytes of [text, randomBytes(2_000_000)]) {
        const digest = await blobs.put('ann', bytes, { max })
        await damage('ann', digest)
        expect(await code(contents(blobs, 'ann', digest))).toBe('blob_mismatch')
        await blobs.put('ann', bytes, { max })
        expect((await contents(blobs, 'ann', digest)).equals(bytes)).toBe(true)
      }
    },
  },
  {
    name: 'open: what is lent is right until the next chunk is asked for, and checked too',
    run: async ({ blobs, damage }) => {
      for (const size of [0, 5, 262_144, 3_000_001]) {
        const bytes = randomBytes(size)
        const digest = await blobs.put('ann', bytes, { max })
        expect((await lentContents(blobs, 'ann', digest)).equals(bytes)).toBe(true)
        if (damage === undefined || size === 0) continue
        await damage('ann', digest)
        expect(await code(lentContents(blobs, 'ann', digest))).toBe('blob_mismatch')
      }
    },
  },
  {
    name: 'open: may be left in the middle, and ends with the reason of its signal',
    run: async ({ blobs }) => {
      const digest = await blobs.put('ann', randomBytes(2_000_000), { max })
      for await (const chunk of blobs.open('ann', digest)) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      const reason = new Error('enough')
      const opened = blobs.open('ann', digest, { signal: AbortSignal.abort(reason) })[Symbol.asyncIterator]()
      await expect(opened.next()).rejects.toBe(reason)
    },
  },
  {
    name: 'digests: what is none is refused, not taken for a path',
    run: async ({ blobs }) => {
      for (const digest of [
        'sha256:',
        'sha256:../../../etc/passwd',
        '../x',
        `sha256:${'a'.repeat(63)}`,
        `sha256:${'A'.repeat(64)}`,
        `sha512:${'a'.repeat(64)}`,
      ]) {
        const asked = [await code(contents(blobs, 'ann', digest as Digest)), await code(blobs.size('ann', digest as Digest))]
        for (const answer of asked) expect(['invalid_argument', 'blob_missing', 'no error'], digest).toContain(answer)
        expect(asked[0], digest).not.toBe('no error')
      }
    },
  },
  {
    name: 'tenants: each has its own blobs, whatever its name',
    run: async ({ blobs }) => {
      const names = [
        'ann',
        'Ann',
        'ANN',
        'ann.',
        'ann ',
        '',
        '.',
        '..',
        '../ann',
        'a/b',
        'a-b',
        'a\\b',
        'ä',
        'a\u0308',
        '\u00e4',
        'con',
        'CON',
        '\u0000',
        '\ud800',
        '\ud801',
        '.temporary',
        'x'.repeat(300),
        'x'.repeat(301),
      ]
      const digest = sha256(text)
      const distinct = [...new Set(names)]
      for (const [i, name] of distinct.entries()) {
        expect(await blobs.size(name, digest), JSON.stringify(name)).toBeUndefined()
        await blobs.put(name, text, { max })
        for (const later of distinct.slice(i + 1)) expect(await blobs.size(later, digest), JSON.stringify([name, later])).toBeUndefined()
      }
      for (const name of distinct) expect((await contents(blobs, name, digest)).equals(text)).toBe(true)
      const held = new Map(distinct.slice(1).map((name) => [name, new Set([digest])]))
      expect(await blobs.prune(held, { olderThanMs: -1 })).toEqual({ removed: 1, bytes: text.length })
      expect(await blobs.size(distinct[0]!, digest)).toBeUndefined()
    },
  },
  {
    name: 'prune: takes what is old and not held, and tells how much',
    run: async ({ blobs, pass }) => {
      const [old, held, young] = [randomBytes(10), randomBytes(20), randomBytes(30)]
      for (const bytes of [old, held]) await blobs.put('ann', bytes, { max })
      pass(3_600_000)
      await blobs.put('ann', young, { max })
      const rules = { olderThanMs: 3_600_000 - 5_000 }
      expect(await blobs.prune(new Map([['ann', new Set([sha256(held)])]]), rules)).toEqual({ removed: 1, bytes: 10 })
      expect(await Promise.all([old, held, young].map((bytes) => blobs.size('ann', sha256(bytes))))).toEqual([undefined, 20, 30])
      expect(await blobs.prune(new Map([['bob', new Set([sha256(held)])]]), rules)).toEqual({ removed: 1, bytes: 20 })
    },
  },
  {
    name: 'prune: a blob that was put again is young again, small or large',
    run: async ({ blobs, pass }) => {
      for (const bytes of [text, randomBytes(2_000_000)]) {
        const digest = await blobs.put('ann', bytes, { max })
        pass(3_600_000)
        await blobs.put('ann', bytes, { max })
        await blobs.prune(new Map(), { olderThanMs: 1_800_000 })
        expect(await blobs.size('ann', digest)).toBe(bytes.length)
      }
    },
  },
  {
    name: 'remove: only that blob of that tenant goes, once; it can be put again',
    run: async ({ blobs }) => {
      const digest = await blobs.put('ann', text, { max })
      await blobs.put('bob', text, { max })
      await blobs.remove('ann', digest)
      await blobs.remove('ann', digest)
      expect([await blobs.size('ann', digest), await blobs.size('bob', digest)]).toEqual([undefined, text.length])
      await blobs.put('ann', text, { max })
      expect(await blobs.size('ann', digest)).toBe(text.length)
    },
  },
  {
    name: 'prune: what is put again while it runs is there when put has answered',
    run: async ({ blobs, pass }) => {
      const all = Array.from({ length: 40 }, () => randomBytes(100))
      for (let round = 0; round < 5; round++) {
        for (const bytes of all) await blobs.put('ann', bytes, { max })
        pass(3_600_000)
        const rules = { olderThanMs: 1_800_000 }
        const pruning = Promise.all([blobs.prune(new Map(), rules), blobs.prune(new Map(), rules)])
        await Promise.all(all.map((bytes) => blobs.put('ann', bytes, { max })))
        await pruning
        for (const bytes of all) expect((await contents(blobs, 'ann', sha256(bytes))).equals(bytes)).toBe(true)
      }
    },
  },
  {
    name: 'prune: a reader that has begun comes to the end',
    run: async ({ blobs, pass }) => {
      const bytes = randomBytes(2_000_000)
      const digest = await blobs.put('ann', bytes, { max })
      const reading = blobs.open('ann', digest)[Symbol.asyncIterator]()
      const first = await reading.next()
      pass(3_600_000)
      expect((await blobs.prune(new Map(), { olderThanMs: 0 })).removed).toBe(1)
      const all = [first.value as Uint8Array]
      for (let next = await reading.next(); next.done !== true; next = await reading.next()) all.push(next.value)
      expect(Buffer.concat(all).equals(bytes)).toBe(true)
    },
  },
  {
    name: 'prune: stops with the reason of its signal',
    run: async ({ blobs }) => {
      await blobs.put('ann', text, { max })
      const reason = new Error('enough')
      await expect(blobs.prune(new Map(), { olderThanMs: -1, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(await blobs.size('ann', sha256(text))).toBe(text.length)
    },
  },
]
