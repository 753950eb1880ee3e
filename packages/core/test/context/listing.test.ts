import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hashTree, hashTreeFast } from '../../src/context/hash.ts'
import { diffTrees, listTree } from '../../src/context/listing.ts'
import { comparePaths } from '../../src/source/columns.ts'
import { directory } from '../../src/source/directory.ts'
import { files } from '../../src/source/files.ts'
import type { Access, Entry } from '../../src/source/source.ts'
import { makeTree, manyFiles, varied } from './trees.ts'

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

describe('the listing', () => {
  test('has a line per entry: path, mode and sha256, and makes the digest', async () => {
    const root = makeTree({ 'b.sh': { run: 'x' }, 'a/f': 'hello', 'a/l': { link: 'f' }, z: '' })
    const { listing, digest, bytes, xxh64 } = await hashTree(await directory(root))
    const lines = [
      'a\x0040000\0\n',
      `a/f\x00100644\0${sha256('hello')}\n`,
      `a/l\x00120000\0${sha256('f')}\n`,
      `b.sh\x00100755\0${sha256('x')}\n`,
      `z\x00100644\0${sha256('')}\n`,
    ]
    expect(Buffer.from(listing).toString()).toBe(lines.join(''))
    expect(digest).toBe(`sha256:${sha256(lines.join(''))}`)
    expect(bytes).toBe(6)
    // xxh64 of the same lines with xxh64 of hello, f, x and nothing; computed with the C program xxhsum 0.8.1
    expect(xxh64).toBe('a424b52a842c649c')
  })

  test('is the same from one thread and from several, with buffers of any size', async () => {
    const source = await directory(makeTree({ ...varied, ...manyFiles(1600) }), { ignore: 'as-given' })
    const here = await hashTree(source, {}, { where: 'here' })
    expect(await hashTree(source, {}, { where: 'worker' })).toEqual(here)
    expect(await hashTree(source, {}, { where: 'here', buffer: 1000, block: 1 })).toEqual(here)
    expect(await hashTreeFast(source, {}, { where: 'worker', block: 7 })).toBe(here.xxh64)
    expect(source.entries.map((entry) => entry.path)).toEqual(listTree(here.listing).map((line) => line.path))
  })

  test('is the same when the files are hashed as they are listed', async () => {
    // of one buffer, of several with a rest, and too large for it
    const sizes = {
      'sizes/whole': Buffer.alloc(2 ** 19, 'w'),
      'sizes/rest': Buffer.alloc(2 ** 19 + 7, 'r'),
      'sizes/large': Buffer.alloc(2 ** 23 + 1, 'l'),
    }
    const root = makeTree({ ...varied, ...manyFiles(1600), ...sizes })
    const late = await hashTree(await directory(root, { ignore: 'as-given' }))
    const early = await directory(root, { ignore: 'as-given', hash: {} })
    const { columns } = early.access as Extract<Access, { kind: 'directory' }>
    expect(columns.early?.of).toBe('both')
    const isLeft = (of: Entry, i: number): boolean => of.kind === 'file' && columns.early?.done[i] === 0
    expect(early.entries.filter(isLeft).map(({ path }) => path)).toEqual(['sizes/large'])
    expect(await hashTree(early)).toEqual(late)
    expect(await hashTreeFast(early)).toBe(late.xxh64)
    const fast = await directory(root, { ignore: 'as-given', hash: { of: 'xxh64' } })
    expect(await hashTreeFast(fast)).toBe(late.xxh64)
    expect(await hashTree(fast)).toEqual(late)
  })

  test('is read again as it was written', async () => {
    const { listing } = await hashTree(await directory(makeTree(varied), { ignore: 'as-given' }))
    const lines = listTree(listing)
    expect(lines.map((line) => `${line.path}\0${line.mode}\0${line.hash}\n`).join('')).toBe(Buffer.from(listing).toString())
    expect(listTree(new Uint8Array(0))).toEqual([])
    expect(() => listTree(listing.subarray(0, listing.length - 30))).toThrow(RangeError)
    expect(() => listTree(Buffer.from('no listing\n'))).toThrow(RangeError)
  })

  test('is in the order of the bytes of the path', () => {
    const paths = ['a', 'a-b', 'a.b', 'a/b', 'ab', 'B', '\u{ff61}', '\u{1f600}', '\u{ff61}/x', 'é', 'z']
    const byBytes = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(paths.toSorted(comparePaths)).toEqual(byBytes)
    expect(paths.toSorted()).not.toEqual(byBytes)
  })
})

describe('the difference of two trees', () => {
  test('names what came, went and changed, a mode too', async () => {
    const before = await hashTree(await files({ a: '1', b: '2', 'c/d': '3', run: 'x' }))
    const after = await hashTree(await files({ a: '1', b: '3', e: '4', run: '#!x' }))
    const diff = { added: ['e'], removed: ['c', 'c/d'], changed: ['b', 'run'], totals: { added: 1, removed: 2, changed: 2 } }
    expect(diffTrees(before.listing, after.listing)).toEqual(diff)
    expect(diffTrees(after.listing, after.listing).totals).toEqual({ added: 0, removed: 0, changed: 0 })
  })

  test('is bounded, and says how much there is', async () => {
    const many = await hashTree(await files(Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`f${i}`, '']))))
    const diff = diffTrees(new Uint8Array(0), many.listing)
    expect(diff.added).toHaveLength(100)
    expect(diff.totals.added).toBe(250)
    expect(diffTrees(many.listing, new Uint8Array(0), 3).removed).toEqual(['f0', 'f1', 'f10'])
  })
})
