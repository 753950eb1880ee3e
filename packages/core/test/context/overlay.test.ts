import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { overlay } from '../../src/context/overlay.ts'
import { packTree } from '../../src/context/tar.ts'
import { files } from '../../src/source/files.ts'
import { collect, temporary } from './trees.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('overlay', () => {
  test('adds files, makes their directories, and wins over what was there', async () => {
    const tar = packTree(await files({ 'a.txt': 'old', 'kept.txt': 'kept' }))
    const out = temporary()
    const all = await collect(overlay(tar, { 'a.txt': 'new', 'kiln/gen/start.sh': 'run', grüße: 'x' }))
    execFileSync('tar', ['-x', '-C', out], { input: all })
    const read = (path: string): string => readFileSync(join(out, path), 'utf8')
    expect([read('a.txt'), read('kept.txt'), read('kiln/gen/start.sh'), read('grüße')]).toEqual(['new', 'kept', 'run', 'x'])
  })

  test('is the same whatever the pieces and the order of the names', async () => {
    const tar = await collect(packTree(await files({ a: 'x'.repeat(2000) })))
    const whole = await collect(overlay(inPieces(tar, tar.length), { b: '1', a: '2' }))
    for (const size of [1, 511, 512, 1023, 1024, 1025, 3000]) {
      expect((await collect(overlay(inPieces(tar, size), { a: '2', b: '1' }))).equals(whole)).toBe(true)
    }
  })

  test('without files it is the same tar', async () => {
    const tar = await collect(packTree(await files({ a: '1' })))
    expect((await collect(overlay(inPieces(tar, 700), {}))).equals(tar)).toBe(true)
  })

  test('refuses what is cut off, and names that lead out', async () => {
    const tar = await collect(packTree(await files({ a: '1' })))
    await expect(collect(overlay(inPieces(tar.subarray(0, -512), 512), {}))).rejects.toMatchObject({ code: 'internal' })
    await expect(collect(overlay(inPieces(tar, 512), { '../x': '' }))).rejects.toMatchObject({ code: 'invalid_path' })
  })
})
