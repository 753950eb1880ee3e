import { storeOver, type StoreOptions } from './backed.ts'
import { createChanges } from './changes.ts'
import { memoryRows } from './memory-rows.ts'
import type { Store } from './store.ts'

export interface MemoryStoreOptions extends StoreOptions {
  /** ms since the epoch; default the system's clock */
  readonly now?: () => number
}

/** The reference of what a store does, and one for tests and short-lived processes: nothing survives it. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const rows = memoryRows()
  const changes = createChanges()
  return storeOver(
    {
      now: options.now ?? Date.now,
      changes,
      read: async (work) => work(rows),
      // nothing to roll back: the functions of a transaction refuse before they write
      write: async (work) => work(rows),
      [Symbol.asyncDispose]: async () => {},
    },
    options,
  )
}
