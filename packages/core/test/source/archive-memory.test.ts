import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { archive } from '../../src/source/archive.ts'
import { packTree } from '../../src/context/tar.ts'
import { files } from '../../src/source/files.ts'

const scratch = mkdtempSync(join(tmpdir(), 'kiln-archive-memory-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const content = randomBytes(3 * 2 ** 20)

async function written(name: string, zip: boolean): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of packTree(await files({ 'a.bin': content, 'b.txt': 'b' }))) chunks.push(chunk)
  const tar = Buffer.concat(chunks)
  writeFileSync(join(scratch, name), zip ? gzipSync(tar) : tar)
  return join(scratch, name)
}

describe('the memory of pieces', () => {
  it.each([
    ['a.tar', false],
    ['a.tar.gz', true],
  ] as const)('of a file stream is given back while %s is read, and the content is whole', async (name, zip) => {
    const stream = createReadStream(await written(name, zip))
    const pieces: Uint8Array[] = []
    const push = stream.push.bind(stream)
    stream.push = (piece: unknown) => {
      if (piece instanceof Uint8Array) pieces.push(piece)
      return push(piece)
    }
    await using source = await archive(stream)
    expect(Buffer.from(source.read('a.bin')).equals(content)).toBe(true)
    expect(pieces.length).toBeGreaterThan(40)
    expect(pieces.slice(0, -1).filter((piece) => piece.length > 0)).toEqual([])
  })

  it('stays with somebody else who listens to the file stream', async () => {
    const stream = createReadStream(await written('b.tar', false))
    const pieces: Uint8Array[] = []
    stream.on('data', (piece) => void pieces.push(piece as Buffer))
    await using source = await archive(stream)
    expect(source.entries.length).toBe(2)
    expect(pieces.every((piece) => piece.length > 0)).toBe(true)
  })

  it('stays with the caller of any other stream', async () => {
    const piece = new Uint8Array(Buffer.concat(await Array.fromAsync(packTree(await files({ 'a.txt': 'a' })))))
    const halves = [piece.slice(0, 512), piece.slice(512)]
    await using source = await archive(
      (async function* () {
        yield* halves
      })(),
    )
    expect(source.entries.length).toBe(1)
    expect(halves.map((half) => half.length)).toEqual([512, piece.length - 512])
  })
})
