import type { DatabaseSync } from 'node:sqlite'

/** Tells whether rows of a kind came, went or changed since, by whomever. */
export interface Editions {
  /** what this connection has changed, and `others`: both the same as long as nothing did */
  readonly own: number
  /** another value after every commit of another connection */
  others(): unknown
  /** this connection has */
  change(): void
  /** what this connection wrote was taken back: what was remembered since may never have been */
  undone(): void
  /** called then, by what remembers rows themselves */
  whenUndone(forget: () => void): void
}

/** `others`: as `otherCommits` gives it, one for all that is kept in a file. */
export function editions(others: () => unknown): Editions {
  const forgetful: (() => void)[] = []
  let own = 0
  return {
    get own() {
      return own
    },
    others,
    change: () => void (own += 1),
    undone: () => {
      own += 1
      for (const forget of forgetful) forget()
    },
    whenUndone: (forget) => void forgetful.push(forget),
  }
}

/** ms: outside of a transaction nothing is decided, so that an answer may be as old as one that is on its way */
const asGoodAsNow = 1
/** rises with what counts at once: a transaction that begins, a commit of this process */
let moment = 0

/** What was seen of other connections before, in this process, is seen anew. */
export function lookAgain(): void {
  moment += 1
}

/** Changes with every commit of another connection. Requests that come by the thousand ask it once for several. */
export function otherCommits(db: DatabaseSync): () => unknown {
  const version = db.prepare('pragma data_version')
  let [seen, at, of]: [unknown, number, number] = [undefined, 0, -1]
  return () => {
    const now = performance.now()
    if (of === moment && now - at < asGoodAsNow) return seen
    seen = (version.get() as { readonly data_version: number }).data_version
    ;[at, of] = [now, moment]
    return seen
  }
}

/** answers that are remembered */
const keptAnswers = 500

export interface Unchanged {
  ask<T>(question: string, answer: () => T): T
  /** the answer, where it is known and still holds */
  recall(question: string): unknown
}

/** Answers that cost more than to ask whether they still hold: kept until something changes. */
export function whileUnchanged(edition: Pick<Editions, 'own' | 'others'>): Unchanged {
  const known = new Map<string, unknown>()
  let [own, others]: [number, unknown] = [-1, undefined]
  const unchanged = (): boolean => edition.own === own && edition.others() === others
  return {
    ask<T>(question: string, answer: () => T): T {
      if (!unchanged() || known.size >= keptAnswers) known.clear()
      ;[own, others] = [edition.own, edition.others()]
      if (!known.has(question)) known.set(question, answer())
      return known.get(question) as T
    },
    recall: (question) => (unchanged() ? known.get(question) : undefined),
  }
}
