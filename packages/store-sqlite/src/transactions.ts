import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DatabaseSync } from 'node:sqlite'
import { BuildError, type Rows } from '@kiln/core'
import { lookAgain } from './editions.ts'
import { isBusy, isTrouble, storeFailure } from './failures.ts'
import { currentVersion, tooNew, versionReader } from './migrations.ts'
import { patiently } from './patience.ts'
import type { Disk } from './disk.ts'
import type { SqlRows } from './rows.ts'
import type { Checkpoints } from './threads/checkpoints.ts'

export interface Transactions {
  readonly read: <T>(work: (rows: Rows) => T) => Promise<T>
  readonly write: <T>(work: (rows: Rows) => T, options: { readonly durable: boolean }) => Promise<T>
  /** A durable one that is taken in whatever waits: all that was asked before it has its answer when it has. */
  readonly last: (work: () => void) => Promise<void>
}

interface Pending {
  readonly durable: boolean
  /** does the work inside the open transaction; throws what is no refusal of its own */
  attempt(): Outcome
  readonly reject: (error: unknown) => void
}

/** What became of it, and what to do once that was committed. */
interface Outcome {
  readonly refused: boolean
  readonly tell: () => void
}

/** What is told of a transaction once it was committed, at once or when the disk has it. */
type Told = Pick<Pending, 'durable' | 'reject'> & Outcome

/** what may wait for the disk, and what one commit takes at most */
const longest = 20_000
const atOnce = 500
/** turns of the event loop that a commit waits for more to join it, as long as each brings some */
const gathering = 2

/** What follows a commit. */
export interface Aftermath {
  readonly disk: Pick<Disk, 'reached'>
  readonly checkpoints: Pick<Checkpoints, 'committed'>
}

/** All writes of one moment share a commit, and so one wait for the disk; the next commit is made during it. */
export function transactions(db: DatabaseSync, { rows, undone }: SqlRows, file: string, { disk, checkpoints }: Aftermath): Transactions {
  const waiting: Pending[] = []
  const say = statements(db, undone)
  const begin = beginner(db, file, say)
  let [running, open] = [false, 0]
  // each with a savepoint: that is a fifth of a small write, and needed only where one of a group refuses after it has written
  let careful = false
  let lost: { readonly error: unknown } | undefined

  async function run(): Promise<void> {
    running = true
    for (await nextTurn(); waiting.length > 0; await nextTurn()) {
      await gathered()
      await commitGroup()
    }
    running = false
  }
  /** A commit and its flush cost as much as dozens of writes in it: who comes while others are read shares theirs. One alone waits an empty turn. */
  async function gathered(): Promise<void> {
    for (let [turn, before] = [0, 0]; turn < gathering && before < waiting.length && waiting.length < atOnce; turn++) {
      before = waiting.length
      await nextTurn()
    }
  }
  async function commitGroup(): Promise<void> {
    try {
      // all in one go: between its begin and its commit nobody else may use the connection
      await patiently(() => {
        begin()
        workOff(waiting.splice(0, atOnce))
      })
    } catch (error) {
      fail(waiting.splice(0), error)
    }
  }
  function workOff(group: readonly Pending[]): void {
    try {
      const done = careful ? group.map((pending) => apart(say, pending)) : together(group)
      careful = !done || done.some(({ refused }) => refused)
      if (!done) return startOver(group)
      say.commit()
      checkpoints.committed()
      settle(done)
    } catch (error) {
      fail(group, error)
    }
  }
  function startOver(group: readonly Pending[]): void {
    say.takeBack()
    waiting.unshift(...group)
  }
  function settle(done: readonly Told[]): void {
    const [durable, others] = [done.filter((one) => one.durable), done.filter((one) => !one.durable)]
    for (const { tell } of others) tell()
    if (durable.length === 0) return
    disk.reached().then(
      () => durable.forEach(({ tell }) => tell()),
      (error: unknown) => {
        // a disk that has lost something takes nothing more: each write would be there, and refused
        lost = { error: storeFailure(error, file) }
        for (const { reject } of durable) reject(lost.error)
      },
    )
  }
  function fail(group: readonly Pending[], error: unknown): void {
    for (const pending of group) pending.reject(storeFailure(error, file))
    try {
      say.takeBack()
    } catch {
      // the next begin says what is wrong
    }
  }
  function enter<T>(work: (rows: Rows) => T, durable: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    open += 1
    const ended = (): void => void (open -= 1)
    waiting.push({ durable, reject, attempt: () => outcome(() => work(rows), resolve, reject) })
    if (!running) void run()
    promise.then(ended, ended)
    return promise
  }
  function readOnce<T>(work: (rows: Rows) => T): T {
    say.read()
    try {
      return work(rows)
    } finally {
      if (db.isTransaction) say.commit()
    }
  }

  return {
    read: async (work) => {
      try {
        return readOnce(work)
      } catch (error) {
        if (!isBusy(error)) throw storeFailure(error, file)
      }
      return await patiently(() => readOnce(work)).catch((error: unknown) => rethrow(error, file))
    },
    write: (work, { durable }) => {
      if (lost) return Promise.reject(lost.error)
      if (open >= longest) return Promise.reject(new BuildError('store_unavailable', `${file}: more than ${longest} writes are waiting.`))
      return enter(work, durable)
    },
    last: (work) => enter(work, true),
  }
}

/** What begins and ends transactions, prepared once: parsing them costs more than carrying them out. */
type Statements = Readonly<Record<'read' | 'write' | 'commit' | 'takeBack' | 'apart' | 'keep' | 'undo', () => void>>

function statements(db: DatabaseSync, undone: () => void): Statements {
  const of = (text: string): (() => void) => {
    const statement = db.prepare(text)
    return () => void statement.run()
  }
  const border = (text: string): (() => void) => {
    const cross = of(text)
    return () => {
      cross()
      lookAgain()
    }
  }
  return {
    read: border('begin'),
    write: border('begin immediate'),
    commit: border('commit'),
    takeBack: () => {
      lookAgain()
      undone()
      if (db.isTransaction) db.exec('rollback')
    },
    apart: of('savepoint one'),
    keep: of('release one'),
    undo: () => {
      db.exec('rollback to one; release one')
      undone()
    },
  }
}

function beginner(db: DatabaseSync, file: string, say: Statements): () => void {
  const version = versionReader(db)
  return () => {
    say.write()
    // a newer Kiln may have migrated the file under us
    if (version() !== currentVersion) throw tooNew(file, version())
  }
}

function outcome<T>(work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): Outcome {
  try {
    const value = work()
    return { refused: false, tell: () => resolve(value) }
  } catch (error) {
    if (isTrouble(error)) throw error
    return { refused: true, tell: () => reject(error) }
  }
}

/** All of the group, as long as none refuses: who does may have written before. */
function together(group: readonly Pending[]): readonly Told[] | undefined {
  const done: Told[] = []
  for (const pending of group) {
    const one = told(pending, pending.attempt())
    if (one.refused) return undefined
    done.push(one)
  }
  return done
}

/** One of the group: when it refuses, its own writes go and the others stay. */
function apart(say: Statements, pending: Pending): Told {
  say.apart()
  const one = told(pending, pending.attempt())
  if (one.refused) say.undo()
  else say.keep()
  return one
}

function told({ durable, reject }: Pending, { refused, tell }: Outcome): Told {
  return { durable, reject, refused, tell }
}

function rethrow(error: unknown, file: string): never {
  throw storeFailure(error, file)
}
