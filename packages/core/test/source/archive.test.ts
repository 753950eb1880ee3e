// What ordinary tools write is normal, and it is read as they mean it.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { writeFile, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { pack } from 'tar-stream'
import { afterAll, describe, expect, test } from 'vitest'
import { archive, removeDeadSpools, spoolPrefix, type Opening, type Source } from '@kiln/core'
import { end, entry, file, folder, hardlink, link, longName, pax, tar } from './tar-bytes.ts'

const root = mkdtempSync(join(tmpdir(), 'kiln-test-'))
afterAll(() => rmSync(root, { recursive: true }))

function listing(source: Source): string[] {
  return source.entries.map((each) => {
    if (each.kind === 'directory') return `${each.path}/`
    if (each.kind === 'link') return `${each.path} -> ${each.target}`
    return `${each.path}${each.executable ? '*' : ''} ${Buffer.from(source.read(each.path)).toString('base64')}`
  })
}

async function read(bytes: Uint8Array, opening: Opening = {}): Promise<string[]> {
  await using source = await archive(bytes, opening)
  return listing(source)
}

const x = 'eA=='

describe('taken as it is meant', () => {
  test.each<readonly [string, Uint8Array, readonly string[]]>([
    ['a plain tar', tar(file('b'), file('a')), [`a ${x}`, `b ${x}`]],
    ['gzip', gzipSync(tar(file('a'))), [`a ${x}`]],
    ['a leading ./ and a ./ entry', tar(folder('./'), folder('./d/'), file('./d/a')), ['d/', `d/a ${x}`]],
    ['directories again', tar(folder('d'), file('d/a'), folder('d/'), folder('d')), ['d/', `d/a ${x}`]],
    ['parents that are not there', tar(file('a/b/c')), ['a/', 'a/b/', `a/b/c ${x}`]],
    ['the same file twice', tar(file('a'), file('./a')), [`a ${x}`]],
    ['the same link twice', tar(file('a'), link('b', 'a'), link('b', 'a')), [`a ${x}`, 'b -> a']],
    ['a link in the tree', tar(folder('src'), file('src/a'), link('lib', 'src')), ['lib -> src', 'src/', `src/a ${x}`]],
    [
      'links to links, and to nothing',
      tar(file('a/b'), link('a/c', '../d'), link('d', './gone/../a/')),
      ['a/', `a/b ${x}`, 'a/c -> ../d', 'd -> ./gone/../a/'],
    ],
    ['a hard link as a copy', tar(file('a', 'x', 0o755), hardlink('b', './a')), [`a* ${x}`, `b* ${x}`]],
    [
      'odd modes, owners and times',
      tar(entry({ name: 'a', mode: 0o6777 }, 'x'), entry({ name: 'b', mode: 0o1000 }, 'x')),
      [`a* ${x}`, `b ${x}`],
    ],
    [
      'names of prototypes',
      tar(file('__proto__'), file('constructor'), file('toString/valueOf')),
      [`__proto__ ${x}`, `constructor ${x}`, 'toString/', `toString/valueOf ${x}`],
    ],
    [
      'PAX over the header',
      tar(
        pax({ path: 'long', size: '3', mtime: '1.5', 'SCHILY.xattr.security.capability': 'x' }),
        entry({ name: 'short', size: 1 }, 'abc'),
      ),
      ['long YWJj'],
    ],
    ['PAX target', tar(file('t'), pax({ linkpath: 't' }), link('l', 'other')), ['l -> t', `t ${x}`]],
    ['the comment of git archive', tar(pax({ comment: 'f'.repeat(40) }, 'g'), file('a')), [`a ${x}`]],
    [
      'GNU long name and target',
      tar(longName(`${'d/'.repeat(9)}f`), file('cut'), longName('t'.repeat(120), 'K'), longName('l'), link('cut', 'cut')),
      [...Array.from({ length: 9 }, (_, at) => 'd/'.repeat(at + 1)), `${'d/'.repeat(9)}f ${x}`, `l -> ${'t'.repeat(120)}`],
    ],
    ['a ustar prefix', tar(entry({ name: 'f', prefix: 'a/b' }, 'x')), ['a/', 'a/b/', `a/b/f ${x}`]],
    [
      'no magic, and a slash for a directory',
      tar(entry({ name: 'd/', magic: '' }), entry({ name: 'd/a', magic: '', type: '\0' }, 'x')),
      ['d/', `d/a ${x}`],
    ],
    ['a size in base 256', tar(entry({ name: 'a', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) }, 'x')), [`a ${x}`]],
    ['zeros that fill the last record', Buffer.concat([tar(file('a')), Buffer.alloc(10_240)]), [`a ${x}`]],
    [
      'an archive in an archive, which stays a file',
      tar(file('a.tgz', gzipSync('x')), file('b', '')),
      [`a.tgz ${gzipSync('x').toString('base64')}`, 'b '],
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(await read(bytes)).toEqual(expected)
  })

  test('entries are sorted by the bytes of the path', async () => {
    const names = ['a/b', 'a.b', 'a-', 'a0', '\u{1f600}', '\uff5e', 'B', 'a/\u{1f600}', 'z']
    await using source = await archive(tar(...names.map((name) => file(name))))
    const paths = source.entries.map((each) => each.path)
    expect(paths).toEqual([...names, 'a'].toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))))
  })

  test('the ignore file counts wherever it comes in the stream, and links it leaves out are not judged', async () => {
    const bytes = tar(
      link('venv/python', '/usr/bin/python3'),
      file('a.md'),
      file('a.py'),
      file('A.PY'),
      file('.env'),
      file('.dockerignore', 'venv\n*.md\nA*\n'),
    )
    expect(await read(bytes)).toEqual([`.dockerignore ${Buffer.from('venv\n*.md\nA*\n').toString('base64')}`, `.env ${x}`, `a.py ${x}`])
  })

  test('what steers the build can be read although it is left out', async () => {
    await using source = await archive(tar(file('.dockerignore', '*\n'), file('Dockerfile', 'FROM x'), file('a')))
    expect(source.entries).toEqual([])
    expect(Buffer.from(source.read('Dockerfile')).toString()).toBe('FROM x')
    expect([...source.aside!.keys()]).toEqual(['.dockerignore', 'Dockerfile'])
    expect(() => source.read('a')).toThrow('is no file of the source')
  })
})

describe('beside other tools', () => {
  const name = fc
    .string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '日', '.', '-', ' ', '+'), minLength: 1, maxLength: 60 })
    .filter((text) => /[^. ]$/.test(text))
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
  const content = fc.uint8Array({ maxLength: 2_000 })
  const trees = fc
    .dictionary(path, fc.record({ content, executable: fc.boolean() }), { minKeys: 1, maxKeys: 12, noNullPrototype: true })
    .map(cleared)

  type Tree = readonly (readonly [path: string, file: { readonly content: Uint8Array; readonly executable: boolean }])[]

  /** Leaves out what would be a file and a directory at once. */
  function cleared(tree: Record<string, Tree[number][1]>): Tree {
    const paths = Object.keys(tree)
    return Object.entries(tree).filter(([one]) => !paths.some((other) => other.startsWith(`${one}/`)))
  }

  function expected(tree: Tree, links: readonly (readonly [path: string, line: string])[] = []): string[] {
    const above = (each: string): string[] =>
      each
        .split('/')
        .slice(1)
        .map((_, at) =>
          each
            .split('/')
            .slice(0, at + 1)
            .join('/'),
        )
    const parents = [...new Set(tree.flatMap(([each]) => above(each)))].map((each) => [each, `${each}/`] as const)
    const lines = tree.map(
      ([each, { content: bytes, executable }]) =>
        [each, `${each}${executable ? '*' : ''} ${Buffer.from(bytes).toString('base64')}`] as const,
    )
    return [...lines, ...parents, ...links]
      .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .map(([, line]) => line)
  }

  function onDisk(tree: Tree): string {
    const directory = mkdtempSync(join(root, 'tree-'))
    for (const [each, { content: bytes, executable }] of tree) {
      mkdirSync(dirname(join(directory, each)), { recursive: true })
      writeFileSync(join(directory, each), bytes)
      chmodSync(join(directory, each), executable ? 0o755 : 0o644)
    }
    return directory
  }

  const gnu =
    (...args: readonly string[]) =>
    (directory: string): Buffer =>
      execFileSync('tar', [...args, '-C', directory, '-cf', '-', '.'])
  const python =
    (format: string) =>
    (directory: string): Buffer =>
      execFileSync('python3', [
        '-c',
        `import sys,tarfile,os;t=tarfile.open(fileobj=sys.stdout.buffer,mode='w|',format=tarfile.${format});[t.add(os.path.join(sys.argv[1],n),n) for n in os.listdir(sys.argv[1])];t.close()`,
        directory,
      ])

  const has = (tool: string, word: string): boolean => spawnSync(tool, ['--version']).stdout?.toString().includes(word) ?? false
  const tools: readonly (readonly [tool: string, format: string, there: boolean, write: (directory: string) => Buffer])[] = [
    ['GNU tar', 'gnu', has('tar', 'GNU'), gnu('--format=gnu')],
    ['GNU tar', 'pax', has('tar', 'GNU'), gnu('--format=pax')],
    ['GNU tar', 'gzip, large records', has('tar', 'GNU'), gnu('--format=gnu', '-z', '-b', '200')],
    ['Python', 'pax', has('python3', 'Python'), python('PAX_FORMAT')],
    ['Python', 'gnu', has('python3', 'Python'), python('GNU_FORMAT')],
  ]

  for (const [tool, format, there, write] of tools)
    test.skipIf(!there)(`${tool}, ${format}${there ? '' : ` (skipped: no ${tool} on this machine)`}`, async () => {
      await fc.assert(
        fc.asyncProperty(trees, async (tree) => {
          expect(await read(write(onDisk(tree)))).toEqual(expected(tree))
        }),
        { numRuns: 6 },
      )
    })

  test.skipIf(!has('tar', 'GNU'))('GNU tar, ustar and v7, with links of both kinds and long names', async () => {
    const tree: Tree = [
      ['a/one', { content: Buffer.from('1'), executable: true }],
      [`${'d'.repeat(60)}/${'e'.repeat(80)}`, { content: Buffer.alloc(0), executable: false }],
    ]
    const directory = onDisk(tree)
    symlinkSync('a/one', join(directory, 'soft'))
    execFileSync('ln', [join(directory, 'a/one'), join(directory, 'hard')])
    const all = expected([...tree, ['hard', tree[0]![1]]], [['soft', 'soft -> a/one']])
    for (const format of ['ustar', 'gnu', 'pax']) expect(await read(gnu(`--format=${format}`)(directory)), format).toEqual(all)
    execFileSync('rm', ['-r', join(directory, 'd'.repeat(60))])
    expect(await read(gnu('--format=v7')(directory))).toEqual(all.filter((line) => !line.startsWith('d')))
  })

  test('tar-stream', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const packed = pack()
        for (const [each, { content: bytes, executable }] of tree)
          packed.entry({ name: each, mode: executable ? 0o755 : 0o644 }, Buffer.from(bytes))
        packed.finalize()
        await using source = await archive(packed as unknown as Readable)
        expect(listing(source)).toEqual(expected(tree))
      }),
      { numRuns: 60 },
    )
  })

  test('a damaged archive is refused, or read without a crash, and nothing is left', async () => {
    const good = tar(
      pax({ path: 'a/long', mtime: '1' }),
      file('x', 'body'),
      folder('d'),
      link('l', 'd'),
      longName('n'.repeat(150)),
      file('y'),
      hardlink('h', 'a/long'),
    )
    expect(await read(good)).toHaveLength(6)
    const spots = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(spots, fc.boolean(), async (changes, zip) => {
        const bytes = Buffer.from(good)
        for (const [at, value] of changes) bytes[at] = value
        const failure = await read(zip ? gzipSync(bytes) : bytes).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (failure !== undefined) expect(failure).toHaveProperty('code', expect.stringMatching(/^[a-z_]+$/))
      }),
      { numRuns: 300 },
    )
  })
})

describe('the spool', () => {
  const megabytes = (count: number): Buffer => Buffer.alloc(count * 2 ** 20, 'k')

  test('a large archive is kept in one file that only the owner can read, and is gone with the source', async () => {
    const temporary = mkdtempSync(join(root, 'spool-'))
    const [one, two] = [megabytes(5), megabytes(3).fill('z')]
    const source = await archive(tar(file('one', one), file('two', two), file('three', 'end')), { temporary })
    const [name] = readdirSync(temporary)
    expect(name).toMatch(new RegExp(`^${spoolPrefix}${process.pid}-[0-9a-f]+$`))
    expect(execFileSync('stat', ['-c', '%a', join(temporary, name!)]).toString()).toBe('600\n')
    expect(Buffer.from(source.read('two')).equals(two)).toBe(true)
    expect(Buffer.from(source.read('three')).toString()).toBe('end')
    const some = Buffer.alloc(10)
    expect(source.readInto('two', two.length - 4, some)).toBe(4)
    expect(source.readInto('two', two.length, some)).toBe(0)
    expect(source.access).toMatchObject({ kind: 'spool', file: join(temporary, name!) })
    await source[Symbol.asyncDispose]()
    await source[Symbol.asyncDispose]()
    expect(readdirSync(temporary)).toEqual([])
    expect(() => source.read('three')).toThrow('disposed')
  })

  test('a small one stays in memory', async () => {
    const temporary = mkdtempSync(join(root, 'spool-'))
    await using source = await archive(tar(file('a', 'text')), { temporary })
    expect(readdirSync(temporary)).toEqual([])
    expect(source.access).toEqual({ kind: 'memory', files: new Map([['a', Buffer.from('text')]]) })
  })

  test('a refused, broken off or aborted one leaves nothing, and ends its input', async () => {
    const temporary = mkdtempSync(join(root, 'spool-'))
    const large = file('a', megabytes(9))
    const broken = new Error('connection reset')
    let ended = 0
    const input = (last: () => Promise<Uint8Array>): AsyncIterable<Uint8Array> => ({
      async *[Symbol.asyncIterator]() {
        try {
          for (let at = 0; at < large.length; at += 65_536) yield large.subarray(at, at + 65_536)
          yield await last()
        } finally {
          ended++
        }
      },
    })
    await expect(
      archive(
        input(async () => Buffer.alloc(512, 1)),
        { temporary },
      ),
    ).rejects.toMatchObject({ code: 'invalid_archive' })
    await expect(
      archive(
        input(() => Promise.reject(broken)),
        { temporary },
      ),
    ).rejects.toBe(broken)
    expect(ended).toBe(2)
    const abort = new AbortController()
    const stopping = archive(
      input(() => new Promise(() => setImmediate(() => abort.abort('enough')))),
      { temporary, signal: abort.signal },
    )
    await expect(stopping).rejects.toBe('enough')
    await expect(archive(tar(file('a')), { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect(readdirSync(temporary)).toEqual([])
  })

  test('a directory that cannot be written is said so', async () => {
    const opening = { temporary: join(root, 'not-there') }
    await expect(archive(tar(file('a', megabytes(6))), opening)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  test('what dead processes left is removed, what may be in use is not', async () => {
    const temporary = mkdtempSync(join(root, 'spool-'))
    const dead = Number(execFileSync('sh', ['-c', 'echo $$']).toString())
    const names = {
      old: `${spoolPrefix}${dead}-00`,
      young: `${spoolPrefix}${dead}-01`,
      alive: `${spoolPrefix}${process.pid}-02`,
      other: 'kiln.txt',
    }
    for (const name of Object.values(names)) {
      await writeFile(join(temporary, name), '')
      if (name !== names.young) await utimes(join(temporary, name), 1, 1)
    }
    expect(await removeDeadSpools(temporary)).toBe(1)
    expect(readdirSync(temporary).toSorted()).toEqual([names.young, names.alive, names.other].toSorted())
  })

  test('no bytes at all are no archive', async () => {
    for (const wrong of [undefined, null, 'text', 5, {}, [Buffer.from('x')]])
      await expect(archive(wrong as never)).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(archive(Readable.from(['text']))).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

test('a tar is read the same however it is cut', async () => {
  const bytes = Buffer.concat([pax({ path: 'p' }), file('x', 'y'.repeat(700)), longName('l'), file('z'), end])
  const whole = await read(bytes)
  for (const size of [1, 3, 511, 512, 513, 1024]) {
    const cut = Readable.from(
      (function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      })(),
    )
    await using source = await archive(cut)
    expect(listing(source), String(size)).toEqual(whole)
  }
})
