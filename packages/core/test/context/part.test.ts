// A part of a source: what it has, its hash without reading again, and its packed context.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hashOfPart, hashTree } from '../../src/context/hash.ts'
import { packTree } from '../../src/context/tar.ts'
import { archive } from '../../src/source/archive.ts'
import { directory } from '../../src/source/directory.ts'
import { files } from '../../src/source/files.ts'
import { partOf } from '../../src/source/part.ts'
import type { Source } from '../../src/source/source.ts'

const tree = {
  'apps/api/main.ts': 'api',
  'apps/api-old/main.ts': 'old',
  'apps/web/main.ts': 'web',
  'package.json': '{}',
  'packages/shared/index.ts': 'shared',
  'packages/über/index.ts': 'other',
  'README.md': 'read',
}
const wanted = ['apps/api', 'package.json', 'packages/shared']
const home = mkdtempSync(join(tmpdir(), 'kiln-part-'))
for (const [path, text] of Object.entries(tree)) {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
}
symlinkSync('../api/main.ts', join(home, 'apps/web/link.ts'))
symlinkSync('main.ts', join(home, 'apps/api/link.ts'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const opened: Readonly<Record<string, () => Promise<Source>>> = {
  'a directory': () => directory(home),
  'a directory hashed while it was listed': () => directory(home, { hash: {} }),
  'an archive': () => archive(execFileSync('tar', ['-C', home, '-cf', '-', '.'])),
  'a map': () => files(tree),
}

describe.each(Object.keys(opened))('of %s', (name) => {
  test('has the paths that are wanted, with the directories above, and nothing beside', async () => {
    await using source = await opened[name]!()
    const part = partOf(source, wanted)
    const link = name === 'a map' ? [] : ['apps/api/link.ts']
    expect(part.entries.map(({ path }) => path)).toEqual([
      'apps',
      'apps/api',
      ...link,
      'apps/api/main.ts',
      'package.json',
      'packages',
      'packages/shared',
      'packages/shared/index.ts',
    ])
    expect(part.entry('apps/web/main.ts')).toBeUndefined()
    expect(new TextDecoder().decode(part.read('apps/api/main.ts'))).toBe('api')
  })

  test('has the hash that hashing it gives', async () => {
    await using source = await opened[name]!()
    const part = partOf(source, wanted)
    const { digest, listing, bytes } = await hashTree(part)
    expect(hashOfPart(part, source, await hashTree(source))).toEqual({ digest, listing, bytes })
  })

  test('is packed as what it is, by its own hash', async () => {
    await using source = await opened[name]!()
    const part = partOf(source, wanted)
    const expectation = hashOfPart(part, source, await hashTree(source))
    const chunks: Uint8Array[] = []
    for await (const chunk of packTree(part, { expect: expectation })) chunks.push(chunk)
    const listed = execFileSync('tar', ['-tf', '-'], { input: Buffer.concat(chunks), encoding: 'utf8' })
    expect(listed).toContain('apps/api/main.ts')
    expect(listed).not.toMatch(/web|README|api-old|über/)
  })
})

test('a change outside of it leaves its hash as it is, one inside does not', async () => {
  const hashOf = async (more: Record<string, string>): Promise<string> => {
    await using source = await files({ ...tree, ...more })
    return hashOfPart(partOf(source, wanted), source, await hashTree(source)).digest
  }
  expect(await hashOf({ 'apps/web/main.ts': 'changed', 'apps/new.ts': 'x' })).toBe(await hashOf({}))
  expect(await hashOf({ 'packages/shared/index.ts': 'changed' })).not.toBe(await hashOf({}))
})
