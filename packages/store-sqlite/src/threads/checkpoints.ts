import { Worker } from 'node:worker_threads'

/** Moves committed pages from the log to the database file while others work: a commit that has to do it takes some 20 ms longer. */
export interface Checkpoints extends AsyncDisposable {
  /** after each commit, of however many writes: its pages are what has to be copied */
  committed(): void
}

/** commits, of some ten pages each, between two checkpoints */
const every = 250
/** ms the thread has to end by itself */
const grace = 2000
/** MB: it has hardly any objects */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 }

/** The thread starts with the first checkpoint: who writes little needs none. Without a file there is none: commits copy for themselves. */
export function checkpoints(file: string | undefined): Checkpoints {
  let thread: Thread | undefined
  let [since, busy] = [0, false]
  return {
    committed() {
      since += 1
      if (file === undefined || since < every || busy) return
      since = 0
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
