import { mkdtemp, open, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryBlobs } from '@kiln/store-sqlite'
import { blobsSuite } from '@kiln/testkit/blobs'
import { expect, test } from 'vitest'

blobsSuite({
  name: 'directory',
  open: async ({ now }) => {
    const directory = await mkdtemp(join(tmpdir(), 'kiln-blobs-'))
    return {
      blobs: await directoryBlobs({ directory, now }),
      damage: async (tenant, digest) => {
        const file = await open(join(directory, tenant, digest.slice(7)), 'r+')
        const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 3)
        await file.write(Buffer.of(buffer[0]! ^ 0xff), 0, 1, 3)
        await file.close()
      },
      leftovers: async () => (await readdir(directory, { recursive: true })).filter((name) => /\.temporary.|\.pruned$/.test(name)).length,
      end: () => rm(directory, { recursive: true }),
    }
  },
})

test('a prune that died between its two steps loses nothing that is wanted', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiln-blobs-'))
  const blobs = await directoryBlobs({ directory })
  const bytes = Buffer.from('wanted')
  const digest = await blobs.put('ann', bytes, { max: 100 })
  const file = join(directory, 'ann', digest.slice(7))
  const died = (): Promise<void> => rename(file, `${file}.pruned`)

  await died()
  expect(await blobs.size('ann', digest)).toBe(bytes.length)
  for await (const chunk of blobs.open('ann', digest)) expect(chunk).toEqual(bytes)
  expect((await blobs.prune(new Map([['ann', new Set([digest])]]), { olderThanMs: -1 })).removed).toBe(0)
  expect(await readdir(join(directory, 'ann'))).toEqual([digest.slice(7)])

  await died()
  expect((await blobs.prune(new Map(), { olderThanMs: 60_000 })).removed).toBe(0)
  expect(await readdir(join(directory, 'ann'))).toEqual([digest.slice(7)])

  await died()
  await blobs.put('ann', bytes, { max: 100 })
  expect((await blobs.prune(new Map(), { olderThanMs: 60_000 })).removed).toBe(0)
  expect(await readdir(join(directory, 'ann'))).toEqual([digest.slice(7)])

  await died()
  expect(await blobs.prune(new Map(), { olderThanMs: -1 })).toEqual({ removed: 1, bytes: bytes.length })
  expect(await readdir(join(directory, 'ann'))).toEqual([])
  await rm(directory, { recursive: true })
})

test('prune takes temporary files of dead writers, not those of living ones', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiln-blobs-'))
  const blobs = await directoryBlobs({ directory })
  const temporary = join(directory, '.temporary')
  let own = ''
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    own = (await readdir(temporary))[0]!
    for (const [name, minutes] of [
      ['999999999-1.a.1', 20],
      ['999999998-1.a.1', 5],
      [own, 20],
    ] as const) {
      if (name !== own) await writeFile(join(temporary, name), 'x')
      const then = Date.now() / 1000 - minutes * 60
      await utimes(join(temporary, name), then, then)
    }
    await blobs.prune(new Map(), { olderThanMs: 0 })
    expect((await readdir(temporary)).toSorted()).toEqual(['999999998-1.a.1', own].toSorted())
  }
  await blobs.put('ann', slow(), { max: 100 })
  expect(await readdir(temporary)).toEqual(['999999998-1.a.1'])
  await rm(directory, { recursive: true })
})
