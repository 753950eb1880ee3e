import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

/** Moves committed pages from the log to the database file while others work: a commit that has to do it takes some 20 ms longer. */
export interface Checkpoints extends AsyncDisposable {
  /** after each commit */
  committed(): void
}

/** pages between two checkpoints: 4 MiB, which a disk takes in some ms */
const every = 1000
/** commits between two looks at the log: one costs 6 µs */
const lookEach = 8
/** ms the thread has to end by itself */
const grace = 2000
/** MB: it has hardly any objects */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 }

/** How many pages of the log are not yet in the database file. */
export function uncopiedPages(db: DatabaseSync): () => number {
  const look = db.prepare('pragma wal_checkpoint(noop)')
  return () => {
    const { log, checkpointed } = look.get() as { readonly log: number; readonly checkpointed: number }
    return log - checkpointed
  }
}

/** The thread starts with the first checkpoint: who writes little needs none. Without a file there is none: commits copy for themselves. */
export function checkpoints(file: string | undefined, uncopied: () => number): Checkpoints {
  let thread: Thread | undefined
  let [since, busy] = [0, false]
  return {
    committed() {
      since += 1
      if (file === undefined || busy || since % lookEach !== 0 || uncopied() < every) return
      busy = true
      thread ??= start(file, () => (busy = false))
      thread?.worker.postMessage('copy')
    },
    async [Symbol.asyncDispose]() {
      if (thread === undefined) return
      const { worker, ended } = thread
      const late = setTimeout(() => void worker.terminate(), grace)
      worker.postMessage('close')
      await ended
      clearTimeout(late)
    },
  }
}

interface Thread {
  readonly worker: Worker
  /** also of one that has died by itself */
  readonly ended: Promise<unknown>
}

/** A thread that cannot start or dies is not missed: it stays busy, and commits copy for themselves. */
function start(file: string, copied: () => void): Thread | undefined {
  try {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
      name: 'kiln-checkpoints',
      workerData: { file },
      execArgv: [],
      resourceLimits,
    })
    worker.on('message', copied).on('error', () => undefined)
    worker.unref()
    return { worker, ended: new Promise((resolve) => worker.once('exit', resolve)) }
  } catch {
    return undefined
  }
}
