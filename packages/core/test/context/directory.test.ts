import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { hashTree } from '../../src/context/hash.ts'
import { packTree } from '../../src/context/tar.ts'
import { directory } from '../../src/source/directory.ts'
import { threadCount } from '../../src/threads/threads.ts'
import { collect, makeTree, manyFiles, openBelow, temporary, varied } from './trees.ts'

// The real module, with its listing function open to be watched and disturbed.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return { ...real, readdirSync: vi.fn<typeof fs.readdirSync>(real.readdirSync) }
})
const listing = vi.mocked(fs.readdirSync)

const asGiven = { ignore: 'as-given' } as const

describe('what a directory has', () => {
  test('files, links, directories, empty ones too, by the bytes of their paths', async () => {
    const source = await directory(makeTree({ 'b/x.sh': { run: 'run' }, 'b-c': '12', 'a/l': { link: '../b-c' }, e: { folder: true } }))
    expect(source.entries).toEqual([
      { kind: 'directory', path: 'a' },
      { kind: 'link', path: 'a/l', target: '../b-c' },
      { kind: 'directory', path: 'b' },
      { kind: 'file', path: 'b-c', executable: false, size: 2 },
      { kind: 'file', path: 'b/x.sh', executable: true, size: 3 },
      { kind: 'directory', path: 'e' },
    ])
    expect(source.entry('b-c')).toEqual({ kind: 'file', path: 'b-c', executable: false, size: 2 })
    expect(source.entry('nope')).toBeUndefined()
  })

  test('the bytes of its files, whole and in part', async () => {
    const source = await directory(makeTree({ a: 'hello', l: { link: 'a' } }))
    expect(Buffer.from(source.read('a')).toString()).toBe('hello')
    const into = Buffer.alloc(3)
    expect(source.readInto('a', 3, into)).toBe(2)
    expect(into.toString()).toBe('lo\0')
    expect(source.readInto('a', 5, into)).toBe(0)
    expect(() => source.read('l')).toThrow(expect.objectContaining({ code: 'not_found' }))
    expect(() => source.read('nope')).toThrow(expect.objectContaining({ code: 'not_found' }))
  })

  test('as many as there are, listed by threads as in place', async () => {
    const spec = { ...varied, ...manyFiles(1600) }
    const root = makeTree(spec)
    const source = await directory(root, asGiven)
    const listed = execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P\\n'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
    expect(source.entries.map((entry) => entry.path)).toEqual(listed.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    expect(threadCount()).toBeLessThanOrEqual(2)
  })
})

describe('what is ignored', () => {
  test('is never opened, and a directory only for what is named again below it', async () => {
    const root = makeTree({
      '.dockerignore': 'big\nlogs\n!logs/keep/*.txt\n',
      'big/a': '1',
      'logs/x': '2',
      'logs/keep/y.txt': '3',
      'logs/other/z': '4',
      a: '',
    })
    listing.mockClear()
    const source = await directory(root)
    const opened = listing.mock.calls.map(([path]) => String(path).slice(root.length + 1))
    expect(opened.toSorted()).toEqual(['', 'logs', 'logs/keep'])
    expect(source.entries.map((entry) => entry.path)).toEqual(['.dockerignore', 'a', 'logs', 'logs/keep', 'logs/keep/y.txt'])
    expect(source.ignored).toEqual({ rules: 'planned', file: '.dockerignore', denied: [] })
  })

  test('by the deny list is told, also from threads', async () => {
    const root = makeTree({ ...manyFiles(1600), '.env': 's', 'd1/.env': 's', 'd2/node_modules/x': '', 'z/venv/pyvenv.cfg': '' })
    const source = await directory(root)
    expect(source.ignored.denied).toEqual(['.env', 'd1/.env', 'd2/node_modules', 'z/venv'])
    expect(source.entry('d2/node_modules')).toBeUndefined()
    expect(source.entry('z')).toBeDefined()
    expect((await directory(root, asGiven)).entry('d2/node_modules/x')).toBeDefined()
  })

  test('the same in threads and in place, with rules that reach back in', async () => {
    const rules = 'd1\nd2/*\n!d2/e1\n**/f7*\n!**/f77.txt\n'
    const spec = manyFiles(1400)
    const large = await directory(makeTree({ '.dockerignore': rules, ...spec }))
    const names = new Set(large.entries.map((entry) => entry.path))
    expect(names.has('d1/e1/f1.txt')).toBe(false)
    const deep = Object.keys(spec).filter((path) => /^d2\//.test(path) && names.has(path))
    expect(deep.length).toBeGreaterThan(0)
    expect(deep.every((path) => path.startsWith('d2/e1/'))).toBe(true)
    expect([...names].filter((path) => /\/f7/.test(path))).toEqual(['d10/e1/f77.txt'])
    expect(new Set(names).size).toBe(large.entries.length)
  })

  test('pipes, links that lead out, and odd names do not count there', async () => {
    const root = makeTree({ '.dockerignore': 'odd\n', 'odd/out': { link: '/etc' }, 'odd/a\nb': '', a: '' })
    execFileSync('mkfifo', [join(root, 'odd/pipe')])
    expect((await directory(root)).entries.map((entry) => entry.path)).toEqual(['.dockerignore', 'a'])
  })
})

describe('what is refused', () => {
  const refusal = async (root: string): Promise<unknown> =>
    directory(root).then(
      () => 'opened',
      (error: { code: string; data: object }) => ({ code: error.code, ...error.data }),
    )

  test('nothing there, a file, nothing in it', async () => {
    expect(await refusal(join(temporary(), 'gone'))).toMatchObject({ code: 'source_not_found' })
    expect(await refusal(join(makeTree({ f: '' }), 'f'))).toMatchObject({ code: 'source_not_found' })
    expect(await refusal(temporary())).toMatchObject({ code: 'empty_source' })
    expect(await refusal(makeTree({ '.git/x': '', empty: { folder: true } }))).toMatchObject({ code: 'empty_source' })
  })

  test('pipes and sockets', async () => {
    const root = makeTree({ a: '' })
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(await refusal(root)).toMatchObject({ code: 'unsupported_entry', file: 'pipe', what: 'a pipe' })
  })

  test('links that lead out, or round and round; not those that stay in or dangle', async () => {
    expect(await refusal(makeTree({ l: { link: '/etc/passwd' } }))).toMatchObject({ code: 'link_outside' })
    expect(await refusal(makeTree({ 'd/l': { link: '../../x' } }))).toMatchObject({ code: 'link_outside' })
    expect(await refusal(makeTree({ 'd/l': { link: '../up' }, up: { link: '..' } }))).toMatchObject({ code: 'link_outside' })
    await expect(directory(makeTree({ 'd/l': { link: '../gone' } }))).resolves.toBeDefined()
  })

  test('names that are not portable, or not UTF-8', async () => {
    expect(await refusal(makeTree({ 'a\nb': '' }))).toMatchObject({ code: 'invalid_path' })
    expect(await refusal(makeTree({ 'a/b:c': '' }))).toMatchObject({ code: 'invalid_path' })
    expect(await refusal(makeTree({ 'd/README': '', 'd/readme': '' }))).toMatchObject({ code: 'path_collision' })
    const root = makeTree({ a: '' })
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), '')
    expect(await refusal(root)).toMatchObject({ code: 'invalid_path' })
  })

  test('more than the limits, in place and in threads', async () => {
    const root = makeTree({ 'a/b': '12345', c: '6' })
    await expect(directory(root, { limits: { entries: 2 } })).rejects.toMatchObject({ code: 'too_many_entries' })
    await expect(directory(root, { limits: { unpacked: 5 } })).rejects.toMatchObject({ code: 'archive_too_large' })
    await expect(directory(root, { limits: { unpacked: 6, entries: 3 } })).resolves.toBeDefined()
    await expect(directory(makeTree(manyFiles(1500)), { limits: { entries: 1500 } })).rejects.toMatchObject({ code: 'too_many_entries' })
  })

  test('an ignore file that is a link', async () => {
    expect(await refusal(makeTree({ '.dockerignore': { link: 'a' }, a: 'b' }))).toMatchObject({ code: 'invalid_ignore_file' })
  })

  test('what this user may not read', () => {
    const root = makeTree({ open: '', 'shut/x': '', file: '' })
    chmodSync(root, 0o755)
    chmodSync(join(root, 'shut'), 0)
    expect(openAs(root)).toBe('source_unreadable shut')
    chmodSync(join(root, 'shut'), 0o755)
    chmodSync(join(root, 'file'), 0)
    expect(openAs(root)).toBe('source_unreadable file')
    writeFileSync(join(root, '.dockerignore'), 'file\n')
    expect(openAs(root)).toBe('fine')
  })
})

/** Opens and hashes as a user without rights, since a test may run as root. */
function openAs(root: string): string {
  const from = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
  const script = `if (process.getuid() === 0) process.setuid(65534)
    const { directory } = await import(${from('source/directory.ts')}); const { hashTree } = await import(${from('context/hash.ts')})
    try { await hashTree(await directory(${JSON.stringify(root)})); console.log('fine') } catch (error) { console.log(error.code, error.data.file) }`
  return execFileSync(process.execPath, ['--conditions=kiln-source', '--input-type=module', '-e', script], { encoding: 'utf8' }).trim()
}

describe('what changes', () => {
  const outside = (): string => makeTree({ f: 'secret', g: 'x' })

  test('a file swapped for a link, a pipe or other bytes is not read', async () => {
    const secret = join(outside(), 'f')
    const swaps: ((path: string) => void)[] = [
      (path) => symlinkSync(secret, path),
      (path) => execFileSync('mkfifo', [path]),
      (path) => mkdirSync(path),
      (path) => writeFileSync(path, 'changed'),
      () => {},
    ]
    for (const swap of swaps) {
      const root = makeTree({ f: 'public', g: '1' })
      const source = await directory(root)
      rmSync(join(root, 'f'))
      swap(join(root, 'f'))
      const changed = { code: 'source_changed', data: { file: 'f' } }
      expect(() => source.read('f')).toThrow(expect.objectContaining(changed))
      await expect(hashTree(source)).rejects.toMatchObject(changed)
      await expect(hashTree(source, {}, { where: 'worker' })).rejects.toMatchObject(changed)
      await expect(collect(packTree(source))).rejects.toMatchObject(changed)
      expect(openBelow(root)).toEqual([])
    }
  })

  test('a directory swapped for a link to outside gives nothing of what is there', async () => {
    const root = makeTree({ 'd/f': 'public', g: '1' })
    const source = await directory(root)
    renameSync(join(root, 'd'), join(root, 'away'))
    symlinkSync(outside(), join(root, 'd'))
    expect(() => source.read('d/f')).toThrow(expect.objectContaining({ code: 'source_changed' }))
    await expect(hashTree(source)).rejects.toMatchObject({ code: 'source_changed' })
  })

  const swapWhileListing = (root: string, times: number): void => {
    const secrets = outside()
    const real = listing.getMockImplementation()!
    let left = times
    listing.mockImplementation(((path: string, options: never) => {
      if (path !== join(root, 'd') || left-- <= 0) return real(path, options)
      renameSync(path, `${root}-away`)
      symlinkSync(secrets, path)
      try {
        return real(path, options)
      } finally {
        rmSync(path)
        renameSync(`${root}-away`, path)
      }
    }) as never)
  }

  test('a directory swapped and put back while it is listed is listed again', async () => {
    const root = makeTree({ 'd/f': 'public', 'd/g': '1' })
    const real = listing.getMockImplementation()!
    swapWhileListing(root, 2)
    expect((await directory(root)).entries.map((entry) => entry.path)).toEqual(['d', 'd/f', 'd/g'])
    swapWhileListing(root, 3)
    await expect(directory(root)).rejects.toMatchObject({ code: 'source_changed' })
    listing.mockImplementation(real)
  })

  test('a file that grows while nobody looks', async () => {
    const root = makeTree({ f: 'public' })
    const source = await directory(root)
    writeFileSync(join(root, 'f'), 'publicity')
    utimesSync(join(root, 'f'), 1, 1)
    expect(() => source.readInto('f', 0, Buffer.alloc(9))).toThrow(expect.objectContaining({ code: 'source_changed' }))
  })
})

describe('stopped', () => {
  test('a signal ends listing and hashing in threads, with its reason and nothing left open', async () => {
    const root = makeTree(manyFiles(1600))
    const reason = new Error('enough')
    await expect(directory(root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const stop = new AbortController()
    const opening = directory(root, { signal: stop.signal })
    stop.abort(reason)
    await expect(opening).rejects.toBe(reason)
    const source = await directory(root)
    const again = new AbortController()
    const hashing = hashTree(source, { signal: again.signal })
    setImmediate(() => again.abort(reason))
    await expect(hashing).rejects.toBe(reason)
    expect(openBelow(root)).toEqual([])
    expect((await hashTree(source)).bytes).toBeGreaterThan(0)
  })
})
