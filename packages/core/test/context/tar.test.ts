import { execFileSync } from 'node:child_process'
import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { describe, expect, test, vi } from 'vitest'
import { hashTree } from '../../src/context/hash.ts'
import { tarHeader } from '../../src/context/tar-format.ts'
import { packTree } from '../../src/context/tar.ts'
import { archive } from '../../src/source/archive.ts'
import { directory } from '../../src/source/directory.ts'
import { files } from '../../src/source/files.ts'
import { threadCount } from '../../src/threads/threads.ts'
import { collect, digestOf, has, makeTree, manyFiles, openBelow, temporary, varied } from './trees.ts'

const asGiven = { ignore: 'as-given' } as const

describe('what unpacks it', () => {
  test('GNU tar gets the same tree', async () => {
    const root = makeTree(varied)
    const tar = await collect(packTree(await directory(root, asGiven)))
    const out = temporary()
    execFileSync('tar', ['-x', '-C', out], { input: tar })
    expect(await digestOf(out)).toBe(await digestOf(root))
    expect(statSync(join(out, 'run.sh')).mode & 0o777).toBe(0o755)
    expect(statSync(join(out, 'a.txt')).mtimeMs).toBe(0)
  })

  test.skipIf(!has('python3'))('Python gets the same tree (skipped where there is no python3)', async () => {
    const root = makeTree(varied)
    const out = temporary()
    writeFileSync(join(out, 'x.tar'), await collect(packTree(await directory(root, asGiven))))
    execFileSync('python3', ['-c', 'import tarfile; tarfile.open("x.tar").extractall("t")'], {
      cwd: out,
      env: { ...process.env, PYTHONUTF8: '1' },
    })
    expect(await digestOf(join(out, 't'))).toBe(await digestOf(root))
  })

  test('tar-stream reads the entries of the source, in their order', async () => {
    const source = await directory(makeTree(varied), asGiven)
    const found: string[] = []
    const contents = new Map<string, string>()
    const reader = extract()
    Readable.from(packTree(source)).pipe(reader)
    for await (const entry of reader) {
      found.push(`${entry.header.type} ${entry.header.name.replace(/\/$/, '')} ${entry.header.linkname ?? ''}`)
      contents.set(entry.header.name, (await collect(entry as never)).toString())
    }
    const kinds = { file: 'file', link: 'symlink', directory: 'directory' }
    expect(found).toEqual(source.entries.map((entry) => `${kinds[entry.kind]} ${entry.path} ${entry.kind === 'link' ? entry.target : ''}`))
    expect(contents.get('__proto__')).toBe('a legal name\n')
  })

  test('a size of 8 GiB and more is written in pax', async () => {
    const size = 9 * 2 ** 30
    const reader = extract()
    const seen = new Promise<number | undefined>((resolve) => reader.on('entry', (header) => resolve(header.size)))
    reader.write(Buffer.from(tarHeader({ kind: 'file', path: 'big', executable: false, size }, 0)))
    expect(await seen).toBe(size)
  })
})

describe('the same bytes', () => {
  test('from a directory, a map and an archive', async () => {
    const plain = { 'a.py': 'print(1)\n', 'pkg/b.py': 'x = 1\n', 'pkg/sub/c.bin': 'c'.repeat(3000), '\u{1f600}': 'e', '\u{ff61}': 'h' }
    const tree = await directory(makeTree(plain), asGiven)
    const packed = await collect(packTree(tree))
    await using unpacked = await archive(packed)
    for (const other of [await files(plain), unpacked]) {
      expect((await hashTree(other)).digest).toBe((await hashTree(tree)).digest)
      expect((await hashTree(other)).xxh64).toBe((await hashTree(tree)).xxh64)
      expect((await collect(packTree(other))).equals(packed)).toBe(true)
    }
  })

  test('whatever the order of writing, the times and the time zone', async () => {
    const one = await directory(makeTree(varied), asGiven)
    const packed = await collect(packTree(one))
    vi.stubEnv('TZ', 'Pacific/Kiritimati')
    const root = makeTree(Object.fromEntries(Object.entries(varied).toReversed()))
    utimesSync(join(root, 'a.txt'), 1, 1)
    const other = await directory(root, asGiven)
    expect((await collect(packTree(other))).equals(packed)).toBe(true)
    expect((await hashTree(other)).listing).toEqual((await hashTree(one)).listing)
    vi.unstubAllEnvs()
  })

  test('in place and in a thread, in chunks of any size, lent or not', async () => {
    const source = await directory(makeTree({ ...varied, ...manyFiles(600) }), asGiven)
    const here = await collect(packTree(source, {}, { where: 'here' }))
    expect((await collect(packTree(source, {}, { where: 'worker' }))).equals(here)).toBe(true)
    expect((await collect(packTree(source, {}, { where: 'worker', size: 1536 }))).equals(here)).toBe(true)
    expect((await collect(packTree(source, { lend: true }, { where: 'worker', size: 4096 }))).equals(here)).toBe(true)
    expect((await collect(packTree(source, { lend: true }, { where: 'here', size: 512 }))).equals(here)).toBe(true)
  })

  test('for a reader who lets go of each chunk', async () => {
    const source = await directory(makeTree(varied), asGiven)
    const here = await collect(packTree(source, {}, { where: 'here' }))
    for (const where of ['here', 'worker'] as const) {
      const parts: Buffer[] = []
      for await (const chunk of packTree(source, {}, { where, size: 1536 })) {
        parts.push(Buffer.from(chunk))
        chunk.buffer.transfer(0)
      }
      expect(Buffer.concat(parts).equals(here)).toBe(true)
    }
  })

  test('a small tree takes as much memory as its tar', async () => {
    await using source = await files({ 'a.py': 'x'.repeat(3000), 'b.py': '' })
    let [bytes, memory] = [0, 0]
    for await (const chunk of packTree(source)) {
      bytes += chunk.length
      memory += chunk.buffer.byteLength
    }
    expect(bytes).toBe(512 + 3072 + 512 + 1024)
    expect(memory).toBeLessThan(4 * bytes)
  })

  test('two tars at once from one thread do not mix', async () => {
    const source = await directory(makeTree(varied), asGiven)
    const alone = await collect(packTree(source, {}, { where: 'worker', size: 512 }))
    const both = await Promise.all([1, 2, 3].map(() => collect(packTree(source, {}, { where: 'worker', size: 512 }))))
    for (const tar of both) expect(tar.equals(alone)).toBe(true)
  })

  test('an epoch is the time of every member', async () => {
    const out = temporary()
    const tar = await collect(packTree(await files({ 'a/b': 'x' }), { epoch: 1_700_000_000 }))
    execFileSync('tar', ['-x', '-C', out], { input: tar })
    expect(statSync(join(out, 'a/b')).mtimeMs).toBe(1_700_000_000_000)
    expect(statSync(join(out, 'a')).mtimeMs).toBe(1_700_000_000_000)
  })
})

/** Makes the files of a test, which are as young as it is, look old to a listing. */
function old(): void {
  vi.spyOn(Date, 'now').mockReturnValue(performance.timeOrigin + performance.now() + 10_000)
}

describe.each(['here', 'worker'] as const)('what changed since the hashing, packed %s', (where) => {
  const pack = async (root: string, change: () => void): Promise<Buffer> => {
    const source = await directory(root, asGiven)
    const hash = await hashTree(source)
    change()
    return collect(packTree(source, { expect: hash }, { where }))
  }

  test('nothing: it is packed', async () => {
    expect((await pack(makeTree(varied), () => {})).length).toBeGreaterThan(2 ** 20)
  })

  test('the same size and time, other content', async () => {
    const root = makeTree(varied)
    utimesSync(join(root, 'a.txt'), 1e9, 1e9)
    const change = (): void => {
      writeFileSync(join(root, 'a.txt'), 'ALPHA\n')
      utimesSync(join(root, 'a.txt'), 1e9, 1e9)
    }
    await expect(pack(root, change)).rejects.toMatchObject({ code: 'source_changed', data: { file: 'a.txt' } })
    expect(openBelow(root)).toEqual([])
  })

  test('the same, of a file that was old when it was listed', async () => {
    const root = makeTree({ 'a.txt': 'alpha\n' })
    utimesSync(join(root, 'a.txt'), 1e9, 1e9)
    old()
    const change = (): void => {
      writeFileSync(join(root, 'a.txt'), 'ALPHA\n')
      utimesSync(join(root, 'a.txt'), 1e9, 1e9)
    }
    await expect(pack(root, change)).rejects.toMatchObject({ code: 'source_changed', data: { file: 'a.txt' } })
  })

  test.each([true, false])('between two chunks of it (old when it was listed: %s)', async (wasOld) => {
    const root = makeTree({ 'a.bin': Buffer.alloc(9000, 1) })
    if (wasOld) old()
    const source = await directory(root, asGiven)
    const tar = packTree(source, { expect: await hashTree(source) }, { where, size: 1024, ahead: 1 })
    await tar.next()
    writeFileSync(join(root, 'a.bin'), Buffer.alloc(9000, 2))
    await expect(collect(tar)).rejects.toMatchObject({ code: 'source_changed', data: { file: 'a.bin' } })
  })

  test('another file in its place', async () => {
    const root = makeTree({ ...varied, other: 'omega\n' })
    await expect(pack(root, () => renameSync(join(root, 'other'), join(root, 'a.txt')))).rejects.toMatchObject({ code: 'source_changed' })
  })

  test('the listing of another tree', async () => {
    const source = await directory(makeTree({ a: '1', b: '2' }), asGiven)
    const { listing } = await hashTree(await files({ a: '1', b: '3' }))
    await expect(collect(packTree(source, { expect: { listing } }, { where }))).rejects.toMatchObject({
      code: 'source_changed',
      data: { file: 'b' },
    })
    const { listing: more } = await hashTree(await files({ a: '1', b: '2', c: '3' }))
    await expect(collect(packTree(source, { expect: { listing: more } }, { where }))).rejects.toMatchObject({ code: 'source_changed' })
  })
})

test('a map whose bytes are written over after the hashing is not packed', async () => {
  const bytes = Buffer.from('one')
  const source = await files(new Map([['a', bytes]]))
  const expected = await hashTree(source)
  const own = source.access.kind === 'memory' ? source.access.files.get('a')! : bytes
  own[0] = 1
  await expect(collect(packTree(source, { expect: expected }))).rejects.toMatchObject({ code: 'source_changed' })
})

describe.each(['here', 'worker'] as const)('stopped, packed %s', (where) => {
  test('the signal ends it with its reason, and nothing stays open', async () => {
    const root = makeTree({ big: Buffer.alloc(8 * 2 ** 20, 1), more: Buffer.alloc(2 ** 20) })
    const stop = new AbortController()
    const tar = packTree(await directory(root, asGiven), { signal: stop.signal }, { where })
    expect((await tar.next()).done).toBe(false)
    expect(openBelow(root)).toHaveLength(1)
    stop.abort(new Error('enough'))
    await expect(tar.next()).rejects.toThrow('enough')
    expect(openBelow(root)).toEqual([])
    expect(threadCount()).toBeLessThanOrEqual(2)
  })

  test('the signal closes the files even when nobody asks for more', async () => {
    const root = makeTree({ big: Buffer.alloc(8 * 2 ** 20, 1) })
    const stop = new AbortController()
    const tar = packTree(await directory(root, asGiven), { signal: stop.signal }, { where })
    await tar.next()
    stop.abort()
    await vi.waitFor(() => expect(openBelow(root)).toEqual([]))
  })

  test('a reader who leaves early closes them too', async () => {
    const root = makeTree({ big: Buffer.alloc(8 * 2 ** 20, 1) })
    for await (const chunk of packTree(await directory(root, asGiven), {}, { where })) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect(openBelow(root)).toEqual([])
  })
})
