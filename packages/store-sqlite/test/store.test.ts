import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@kiln/store-sqlite'
import { storeSuite } from '@kiln/testkit/store'

storeSuite({
  name: 'sqlite',
  open: async (options) => {
    const directory = await mkdtemp(join(tmpdir(), 'kiln-store-'))
    const open = (): ReturnType<typeof sqliteStore> => sqliteStore({ ...options, file: join(directory, 'kiln.db'), pollMs: 20 })
    return { store: await open(), again: open, end: () => rm(directory, { recursive: true }) }
  },
})
