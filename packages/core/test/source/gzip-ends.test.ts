import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { archive } from '../../src/source/archive.ts'
import { packTree } from '../../src/context/tar.ts'
import { files } from '../../src/source/files.ts'

const piece = 2048

/** In memory that is used again for each piece, and is not the last one's any more behind the end. */
async function* lent(bytes: Uint8Array, size = piece): AsyncGenerator<Uint8Array, void> {
  const memory = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size)
    memory.fill(0xff).set(part)
    yield memory.subarray(0, part.length)
  }
  memory.fill(0xff)
}

async function* own(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += piece) yield Uint8Array.from(bytes.subarray(at, at + piece))
}

async function packed(): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of packTree(await files({ a: randomBytes(1400) }))) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/** The same stream, as long as wanted by a file name in its header. */
function sized(gzip: Buffer, length: number): Buffer {
  const head = Buffer.from(gzip.subarray(0, 10))
  head[3] = 8
  return Buffer.concat([head, Buffer.alloc(length - gzip.length - 1, 'n'), Buffer.from([0]), gzip.subarray(10)])
}

async function outcome(bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  try {
    await using source = await archive(bytes)
    return source.entries.map(({ path }) => path).join()
  } catch (error) {
    return (error as Error).message
  }
}

test('a trailer that a piece cuts anywhere is read, from lent memory too', async () => {
  const tar = await packed()
  const gzip = gzipSync(tar)
  for (const over of [-1, 0, 1, 2, 4, 7, 8, 9]) {
    const bytes = sized(gzip, piece + over)
    expect(gunzipSync(bytes).equals(tar)).toBe(true)
    for (const [how, given] of [
      ['lent', lent(bytes)],
      ['byte by byte', lent(bytes, 1)],
      ['own', own(bytes)],
      ['whole', bytes],
    ] as const)
      expect([over, how, await outcome(given)]).toEqual([over, how, 'a'])
  }
})

test('what follows is refused, also in pieces of its own and with the same trailer at its end', async () => {
  const first = sized(gzipSync(await packed()), piece)
  for (const more of [1, 8, 5000, 3 * piece]) {
    const bytes = Buffer.concat([first, Buffer.alloc(more, 'anything'), first.subarray(-8)])
    for (const given of [lent(bytes), own(bytes), bytes]) expect(await outcome(given)).toMatch(/something follows|checksum is wrong/)
  }
})

test('memory that is gone as soon as an archive is refused is not read any more', async () => {
  const program = join(import.meta.dirname, 'lent-then-gone.ts')
  // glibc gives large memory back to the system at once then: whoever reads it ends the process
  const env = { ...process.env, GLIBC_TUNABLES: 'glibc.malloc.mmap_threshold=4096' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=kiln-source', program], { env, timeout: 60_000 })
  expect(stdout).toBe('refused\n')
}, 60_000)
