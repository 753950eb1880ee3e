import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { loadXxh64 } from '../../src/source/early-hash.ts'
import { hashTree } from '../../src/context/hash.ts'
import { type Known, loadIndex, saveIndex } from '../../src/context/stat-index.ts'
import { indexFile, type StatIndex } from '../../src/source/index-file.ts'
import { directory } from '../../src/source/directory.ts'
import type { Source } from '../../src/source/source.ts'
import { makeTree, manyFiles, temporary } from './trees.ts'

const xxh = await loadXxh64()
let index: StatIndex

// The files of a test are as young as the test: seen from ten seconds later they are not racy.
const later = (): void => void vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + 10_000)

beforeEach(() => {
  index = { directory: join(temporary(), 'index') }
  later()
})

const digest = async (root: string, verify: 'trusted' | 'fast' = 'trusted'): Promise<string> =>
  (await hashTree(await directory(root), { index, verify })).digest
const truth = async (root: string): Promise<string> => (await hashTree(await directory(root))).digest
const known = (root: string): Known | undefined => loadIndex(index, root, xxh)

/** Makes the index tell a lie about one file, so that its use shows. */
function lie(root: string): void {
  const now = known(root)!
  now.sha256[32 * 1]! ^= 1
  saveIndex(index, root, now, xxh)
}

describe('an unchanged directory', () => {
  test('is answered from the index, without reading its files', async () => {
    const root = makeTree({ 'a/f': '1', g: '2' })
    expect(await digest(root)).toBe(await truth(root))
    expect(await digest(root)).toBe(await truth(root))
    lie(root)
    expect(await digest(root)).not.toBe(await truth(root))
  })

  test('in threads too', async () => {
    const root = makeTree({ ...manyFiles(1200), a: '1' })
    expect(await digest(root)).toBe(await truth(root))
    const now = known(root)!
    now.sha256.fill(7)
    saveIndex(index, root, now, xxh)
    expect(await digest(root)).not.toBe(await truth(root))
  })

  test('is not read at the listing either, once the index knows it', async () => {
    const root = makeTree(manyFiles(1200))
    const open = async (): Promise<Source> => directory(root, { hash: { index } })
    const hashed = (source: Source): boolean => source.access.kind === 'directory' && source.access.columns.early !== undefined
    const first = await open()
    expect(hashed(first)).toBe(true)
    expect((await hashTree(first, { index })).digest).toBe(await truth(root))
    const second = await open()
    expect(hashed(second)).toBe(false)
    expect((await hashTree(second, { index })).digest).toBe(await truth(root))
  })

  test('does not write the index again', async () => {
    const root = makeTree({ f: '1' })
    await digest(root)
    const before = statSync(indexFile(index, root)).ino
    await digest(root)
    expect(statSync(indexFile(index, root)).ino).toBe(before)
  })
})

describe('a change', () => {
  test('of content with size and time as before is seen', async () => {
    const root = makeTree({ f: 'one' })
    utimesSync(join(root, 'f'), 1e9, 1e9)
    await digest(root)
    writeFileSync(join(root, 'f'), 'two')
    utimesSync(join(root, 'f'), 1e9, 1e9)
    expect(await digest(root)).toBe(await truth(root))
  })

  test('of a file in another one’s place is seen', async () => {
    const root = makeTree({ f: 'one', g: 'two' })
    await digest(root)
    renameSync(join(root, 'g'), join(root, 'f'))
    expect(await digest(root)).toBe(await truth(root))
  })

  test('of names is seen, and what stayed is not read again', async () => {
    const root = makeTree({ 'a/keep': '1', 'b/go': '2', c: '3' })
    await digest(root)
    lie(root)
    rmSync(join(root, 'b'), { recursive: true })
    mkdirSync(join(root, 'a-new'))
    writeFileSync(join(root, 'a-new/x'), '4')
    expect(await digest(root)).not.toBe(await truth(root))
    const place = Buffer.from(known(root)!.paths).toString().split('\0').indexOf('a/keep')
    expect(known(root)!.sha256[32 * place]).toBe(Buffer.from('6b86b273ff34fce1', 'hex')[0]! ^ 1)
  })

  test('of anything in any order is seen', async () => {
    const root = makeTree(manyFiles(60))
    for (let round = 0; round < 12; round++) {
      const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.txt'))
      const pick = (n: number): string => join(root, names[(round * 31 + n * 17) % names.length]!)
      rmSync(pick(1), { force: true })
      writeFileSync(pick(2), `round ${round}`)
      writeFileSync(join(root, `new${round}.txt`), 'x')
      expect(await digest(root)).toBe(await truth(root))
    }
  })
})

describe('the racy rule', () => {
  test('a file written just before the listing is read again', async () => {
    const root = makeTree({ 'a/f': '1', g: '2' })
    vi.restoreAllMocks() // seen now, the files are two ticks old
    expect(await digest(root)).toBe(await truth(root))
    expect(known(root)!.mtimes[1]).toBeNaN()
    lie(root)
    expect(await digest(root)).toBe(await truth(root))
  })

  test('and kept once it is old enough', async () => {
    const root = makeTree({ 'a/f': '1' })
    vi.restoreAllMocks()
    await digest(root)
    later()
    await digest(root)
    expect(known(root)!.mtimes[1]).not.toBeNaN()
  })

  test('a time in the future is never trusted', async () => {
    const root = makeTree({ 'a/f': '1' })
    utimesSync(join(root, 'a/f'), 4e9, 4e9)
    await digest(root)
    lie(root)
    expect(await digest(root)).toBe(await truth(root))
  })
})

describe('an index that cannot be used', () => {
  test('damaged anywhere, cut, emptied or foreign: files are read', async () => {
    const root = makeTree({ 'a/f': '1', g: '2' })
    const right = await digest(root)
    const file = indexFile(index, root)
    const whole = readFileSync(file)
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 0x55
      writeFileSync(file, bytes)
      expect(known(root), `byte ${at}`).toBeUndefined()
    }
    for (const bytes of [Buffer.alloc(0), whole.subarray(0, 20), whole.subarray(0, -1), Buffer.concat([whole, whole])]) {
      writeFileSync(file, bytes)
      expect(await digest(root)).toBe(right)
      expect(known(root)).toBeDefined()
    }
  })

  test('a place where none can be written', async () => {
    const root = makeTree({ f: '1' })
    index = { directory: join(makeTree({ file: '' }), 'file', 'below') }
    expect(await digest(root)).toBe(await truth(root))
  })

  test('two processes at once leave a whole one, and no temporary files', async () => {
    const root = makeTree(manyFiles(50))
    const from = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
    const script = `const { directory } = await import(${from('source/directory.ts')}); const { hashTree } = await import(${from('context/hash.ts')})
      for (let i = 0; i < 40; i++) console.log((await hashTree(await directory(${JSON.stringify(root)}), { index: ${JSON.stringify(index)} })).digest)`
    const run = (): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ['--conditions=kiln-source', '--input-type=module', '-e', script])
    const outputs = await Promise.all([run(), run()])
    expect(new Set(outputs.flatMap(({ stdout }) => stdout.trim().split('\n')))).toEqual(new Set([await truth(root)]))
    expect(known(root)).toBeDefined()
    expect(readdirSync(index.directory)).toHaveLength(1)
  })

  test('old ones go when there are many, and what dead writers left', async () => {
    mkdirSync(index.directory)
    for (let i = 0; i < 120; i++) {
      writeFileSync(join(index.directory, `${i}.idx`), '')
      utimesSync(join(index.directory, `${i}.idx`), 1e9 + i, 1e9 + i)
    }
    writeFileSync(join(index.directory, 'dead.tmp'), '')
    utimesSync(join(index.directory, 'dead.tmp'), 1, 1)
    writeFileSync(join(index.directory, 'alive.tmp'), '')
    await digest(makeTree({ f: '' }))
    const left = readdirSync(index.directory)
    expect(left.filter((name) => name.endsWith('.idx'))).toHaveLength(100)
    expect(left).toContain('119.idx')
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual(['alive.tmp'])
  })
})

describe('verify fast', () => {
  const touch = (root: string): void => utimesSync(join(root, 'a/f'), 1e9, 1e9)

  test('takes the word of the xxh64 for a file whose content is known', async () => {
    const root = makeTree({ 'a/f': '1', g: '2' })
    await digest(root)
    lie(root)
    touch(root)
    expect(await digest(root, 'fast')).not.toBe(await truth(root))
  })

  test('trusted does not, now or later', async () => {
    const root = makeTree({ 'a/f': '1', g: '2' })
    await digest(root)
    lie(root)
    touch(root)
    await digest(root, 'fast')
    expect(await digest(root)).toBe(await truth(root))
  })

  test('computes the sha256 of what is new or changed, large files too', async () => {
    const root = makeTree({ 'a/f': '1', large: Buffer.alloc(600_000, 1), same: Buffer.alloc(600_000, 1) })
    await digest(root, 'fast')
    for (const name of ['large', 'same']) utimesSync(join(root, name), 1e9, 1e9)
    writeFileSync(join(root, 'large'), Buffer.alloc(600_000, 2))
    writeFileSync(join(root, 'a/f'), '2')
    writeFileSync(join(root, 'new'), 'n')
    expect(await digest(root, 'fast')).toBe(await truth(root))
  })
})
