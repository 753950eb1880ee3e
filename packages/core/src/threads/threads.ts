import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { BuildError, isBuildError, toFailure, type Failure } from '../failure/error.ts'
import type { Tasks } from './worker.ts'

/** What a thread is asked, and what it says; `help` is a thread asking for another one to take part. */
export type ToWorker =
  | { readonly id: number; readonly task: string; readonly input: unknown }
  | { readonly helped: number; readonly answer: Answer | undefined }
export type FromWorker =
  | { readonly id: number; readonly answer: Answer }
  | { readonly help: number; readonly task: string; readonly input: unknown }
export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: Failure }

export type TaskName = keyof Tasks
export type TaskInput<K extends TaskName> = Parameters<Tasks[K]>[0]
export type TaskResult<K extends TaskName> = Awaited<ReturnType<Tasks[K]>>

/** A place on one thread: everything run on a lane meets the same thread, so it can keep something between two calls. */
export interface Lane extends Disposable {
  /** Throws what the task threw, or `internal` when the thread died. */
  run<K extends TaskName>(task: K, input: TaskInput<K>, transfer?: readonly ArrayBuffer[]): Promise<TaskResult<K>>
  /** Ends the thread without waiting for it; everything that runs on it rejects. The last resort of a cancel. */
  kill(): void
}

/** Two, from benchmarks/hash.ts: a third one gained nothing on a warm page cache, and each costs 10 MB. */
const most = Math.min(2, availableParallelism())
/** MB: a thread's new objects are columns of numbers and names; without it each costs 30 MB more for 10 % less time */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }
/** ms without work after which a thread is ended */
const idle = 15_000

const threads = new Set<Thread>()
/** those that take any work; the others belong to one lane */
const shared = new Set<Thread>()

/** A lane on the thread with the least to do; threads start when they are needed and end when they are idle. */
export function lane(): Lane {
  return leastBusy(() => true)!.lane()
}

/** A lane on a thread of its own, for work that may have to be killed: nothing else is lost with it. */
export function ownLane(): Lane {
  return new Thread({ shared: false }).lane()
}

let digesting: Thread | undefined

/** A lane on the thread of all digests: they wait for each other alone, and nobody kills it. */
export function digestLane(): Lane {
  if (digesting === undefined || !threads.has(digesting)) digesting = new Thread({ shared: false })
  return digesting.lane()
}

/** How many threads are there now; for tests. */
export function threadCount(): number {
  return threads.size
}

function leastBusy(may: (thread: Thread) => boolean): Thread | undefined {
  const free = [...shared].filter(may).toSorted((a, b) => a.load - b.load)
  if (free[0]?.load !== 0 && shared.size < most) return new Thread({ shared: true })
  return free[0]
}

class Thread {
  readonly #worker: Worker
  readonly #jobs = new Map<number, (answer: Answer) => void>()
  #lanes = 0
  #ids = 0
  #timer: NodeJS.Timeout | undefined

  constructor(kind: { readonly shared: boolean }) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), { name: 'kiln', execArgv: [], resourceLimits })
    this.#worker.on('message', (message: FromWorker) => this.#hear(message))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('the thread ended')))
    this.#worker.unref()
    threads.add(this)
    if (kind.shared) shared.add(this)
  }

  get load(): number {
    return this.#lanes + this.#jobs.size
  }

  lane(): Lane {
    let open = true
    this.#lanes++
    this.#rest()
    const close = (): void => {
      if (open) this.#lanes--
      open = false
      this.#rest()
    }
    return { run: (task, input, transfer) => this.run(task, input, transfer), kill: () => this.#kill(), [Symbol.dispose]: close }
  }

  async run<K extends TaskName>(task: K, input: TaskInput<K>, transfer?: readonly ArrayBuffer[]): Promise<TaskResult<K>> {
    const answer = await this.#ask(task, input, transfer)
    if (answer.ok) return answer.value as TaskResult<K>
    throw new BuildError(answer.failure.code, answer.failure.message, answer.failure)
  }

  #ask(task: string, input: unknown, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (!threads.has(this)) return Promise.resolve(failed(new Error('the thread ended')))
    const id = ++this.#ids
    // first: it throws for what cannot be sent
    this.#worker.postMessage({ id, task, input } satisfies ToWorker, transfer)
    const answer = new Promise<Answer>((resolve) => this.#jobs.set(id, resolve))
    this.#rest()
    return answer
  }

  #hear(message: FromWorker): void {
    if ('help' in message) return void this.#help(message.help, message.task, message.input)
    const settle = this.#jobs.get(message.id)
    this.#jobs.delete(message.id)
    this.#rest()
    settle?.(message.answer)
  }

  async #help(helped: number, task: string, input: unknown): Promise<void> {
    const other = leastBusy((thread) => thread !== this)
    const answer = other && (await other.#ask(task, input))
    this.#worker.postMessage({ helped, answer } satisfies ToWorker)
  }

  /** A thread with nothing to do does not keep the process alive, and ends after a while. */
  #rest(): void {
    clearTimeout(this.#timer)
    if (this.#jobs.size > 0) this.#worker.ref()
    else this.#worker.unref()
    if (this.load === 0 && threads.has(this)) this.#timer = setTimeout(() => this.#kill(), idle).unref()
  }

  #kill(): void {
    this.#end(new Error('the thread was ended'))
    void this.#worker.terminate()
  }

  #end(error: unknown): void {
    threads.delete(this)
    shared.delete(this)
    clearTimeout(this.#timer)
    const waiting = [...this.#jobs.values()]
    this.#jobs.clear()
    for (const settle of waiting) settle(failed(error))
  }
}

function failed(error: unknown): Answer {
  return {
    ok: false,
    failure: toFailure(isBuildError(error) ? error : new BuildError('internal', `a worker thread failed: ${String(error)}`)),
  }
}
