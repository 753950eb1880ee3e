import type { DatabaseSync } from 'node:sqlite'

/** Tells whether Builds came, went or changed their state since, by whomever. */
export interface Editions {
  /** the same text as long as nothing did */
  now(): string
  /** this connection has */
  change(): void
}

export function editions(db: DatabaseSync): Editions {
  // changes with every commit of another connection
  const version = db.prepare('pragma data_version')
  let own = 0
  return {
    now: () => `${own} ${(version.get() as { readonly data_version: number }).data_version}`,
    change: () => void (own += 1),
  }
}
