import { parentPort, workerData } from 'node:worker_threads'
import { sqlite } from '../sqlite.ts'

// A thread that copies what was committed into the database file, whenever it is told to.

const db = new sqlite.DatabaseSync((workerData as { readonly file: string }).file)
db.exec('pragma busy_timeout = 0; pragma synchronous = normal; pragma checkpoint_fullfsync = 1; pragma journal_size_limit = 16777216')
const passive = db.prepare('pragma wal_checkpoint(passive)')
const look = db.prepare('pragma wal_checkpoint(noop)')
/** The log begins anew once it was copied to its end: what came meanwhile is less each time. */
const mostTimes = 5

parentPort!.on('message', (what: 'copy' | 'close') => {
  if (what === 'copy') copy()
  else {
    db.close()
    parentPort!.close()
  }
})

function copy(): void {
  try {
    for (let times = 0; times < mostTimes && !copied(); times++);
  } catch {
    // the next commit that finds the log too long copies for itself, and says what was wrong
  }
  parentPort!.postMessage('copied')
}

/** Whether all is copied that has come until now. */
function copied(): boolean {
  passive.get()
  const { log, checkpointed } = look.get() as { readonly log: number; readonly checkpointed: number }
  return log === checkpointed
}
