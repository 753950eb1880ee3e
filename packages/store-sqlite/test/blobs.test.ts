import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryBlobs } from '@kiln/store-sqlite'
import { blobsSuite } from '@kiln/testkit/blobs'

blobsSuite({
  name: 'directory',
  open: async ({ now }) => {
    const directory = await mkdtemp(join(tmpdir(), 'kiln-blobs-'))
    return {
      blobs: await directoryBlobs({ directory, now }),
      damage: async (tenant, digest) => {
        const file = await open(join(directory, tenant, digest.slice(7)), 'r+')
        await file.write(Buffer.from('~'), 0, 1, 3)
        await file.close()
      },
      leftovers: async () => (await readdir(directory, { recursive: true })).filter((name) => /\.temporary.|\.pruned$/.test(name)).length,
      end: () => rm(directory, { recursive: true }),
    }
  },
})
