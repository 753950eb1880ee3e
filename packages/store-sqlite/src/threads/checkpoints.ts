import { Worker } from 'node:worker_threads'

/** Moves committed pages from the log to the database file while others work: a commit that has to do it takes some 20 ms longer. */
export interface Checkpoints extends AsyncDisposable {
  /** so many transactions were committed */
  committed(count: number): void
}

/** transactions, of some four pages each, between two checkpoints */
const every = 250
/** ms the thread has to end by itself */
const grace = 2000
/** MB: it has hardly any objects */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 }

/** The thread starts with the first checkpoint: who writes little needs none. Without a file there is none: commits copy for themselves. */
export function checkpoints(file: string | undefined): Checkpoints {
  let thread: Worker | undefined
  let [since, busy] = [0, false]
  return {
    committed(count) {
      since += count
      if (file === undefined || since < every || busy) return
      since = 0
      busy = true
      thread ??= start(file, () => (busy = false))
      thread.postMessage('copy')
    },
    async [Symbol.asyncDispose]() {
      const ending = thread
      if (ending === undefined) return
      const ended = new Promise((resolve) => ending.once('exit', resolve))
      const late = setTimeout(() => void ending.terminate(), grace)
      ending.postMessage('close')
      await ended
      clearTimeout(late)
    },
  }
}

/** A thread that dies is not missed: commits copy for themselves then. */
function start(file: string, copied: () => void): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
    name: 'kiln-checkpoints',
    workerData: { file },
    execArgv: [],
    resourceLimits,
  })
  thread.on('message', copied).on('error', () => undefined)
  thread.unref()
  return thread
}
