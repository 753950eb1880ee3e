import type { DatabaseSync } from 'node:sqlite'

/** Tells whether rows of a kind came, went or changed since, by whomever. */
export interface Editions {
  /** the same text as long as nothing did */
  now(): string
  /** another value after every commit of another connection */
  others(): unknown
  /** this connection has */
  change(): void
  /** what this connection wrote was taken back: what was remembered since may never have been */
  undone(): void
  /** called then, by what remembers rows themselves */
  whenUndone(forget: () => void): void
}

export function editions(db: DatabaseSync): Editions {
  // changes with every commit of another connection
  const version = db.prepare('pragma data_version')
  const others = (): unknown => (version.get() as { readonly data_version: number }).data_version
  const forgetful: (() => void)[] = []
  let own = 0
  return {
    now: () => `${own} ${String(others())}`,
    others,
    change: () => void (own += 1),
    undone: () => {
      own += 1
      for (const forget of forgetful) forget()
    },
    whenUndone: (forget) => void forgetful.push(forget),
  }
}

/** answers that are remembered */
const keptAnswers = 500

/** Answers that cost more than to ask whether they still hold: kept until something changes. */
export function whileUnchanged(edition: Pick<Editions, 'now'>): <T>(question: string, answer: () => T) => T {
  const known = new Map<string, unknown>()
  let of = ''
  return <T>(question: string, answer: () => T): T => {
    const now = edition.now()
    if (now !== of || known.size >= keptAnswers) known.clear()
    of = now
    if (!known.has(question)) known.set(question, answer())
    return known.get(question) as T
  }
}
