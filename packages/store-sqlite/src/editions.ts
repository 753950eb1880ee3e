import type { DatabaseSync } from 'node:sqlite'

/** Tells whether rows of a kind came, went or changed since, by whomever. */
export interface Editions {
  /** what this connection has changed, and `others`: both the same as long as nothing did */
  readonly own: number
  readonly others: OtherCommits
  /** this connection has */
  change(): void
  /** what this connection wrote was taken back: what was remembered since may never have been */
  undone(): void
  /** called then, by what remembers rows themselves */
  whenUndone(forget: () => void): void
}

/** `others`: as `otherCommits` gives it, one for all that is kept in a file. */
export function editions(others: OtherCommits): Editions {
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

/** rises with all that begins and ends transactions, on any connection of this process */
let moment = 0

/** What was seen of other connections before is seen anew. */
export function lookAgain(): void {
  moment += 1
}

/** Changes with every commit of another connection; as it was at most `age` ms ago, since the last `lookAgain`. */
export type OtherCommits = (age: number) => unknown

export function otherCommits(db: DatabaseSync): OtherCommits {
  const version = db.prepare('pragma data_version')
  let [seen, at, of]: [unknown, number, number] = [undefined, 0, -1]
  return (age) => {
    const now = performance.now()
    if (of === moment && now - at < age) return seen
    seen = (version.get() as { readonly data_version: number }).data_version
    ;[at, of] = [now, moment]
    return seen
  }
}

/** others cannot commit into what a transaction sees */
const sameTransaction = Infinity
/** answers that are remembered */
const keptAnswers = 500

export interface Unchanged {
  /** inside of a transaction */
  ask<T>(question: string, answer: () => T): T
  /** outside of one: the answer, where it is known and still held `age` ms ago */
  recall(question: string, age: number): unknown
}

/** Answers that cost more than to ask whether they still hold: kept until something changes. */
export function whileUnchanged(edition: Pick<Editions, 'own' | 'others'>): Unchanged {
  const known = new Map<string, unknown>()
  let [own, others]: [number, unknown] = [-1, undefined]
  const unchanged = (age: number): boolean => edition.own === own && edition.others(age) === others
  return {
    ask<T>(question: string, answer: () => T): T {
      if (!unchanged(sameTransaction) || known.size >= keptAnswers) known.clear()
      ;[own, others] = [edition.own, edition.others(sameTransaction)]
      if (!known.has(question)) known.set(question, answer())
      return known.get(question) as T
    },
    recall: (question, age) => (unchanged(age) ? known.get(question) : undefined),
  }
}
