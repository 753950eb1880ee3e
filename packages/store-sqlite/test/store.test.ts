import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@kiln/store-sqlite'
import { storeSuite } from '@kiln/testkit/store'

// nothing here needs a disk: `processes.test.ts` does
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

storeSuite({
  name: 'sqlite',
  open: async (options) => {
    const directory = await mkdtemp(join(place, 'kiln-store-'))
    const open = (): ReturnType<typeof sqliteStore> => sqliteStore({ ...options, file: join(directory, 'kiln.db'), pollMs: 20 })
    return { store: await open(), again: open, end: () => rm(directory, { recursive: true }) }
  },
})
