import { parentPort, workerData } from 'node:worker_threads'
import { sqlite } from '../sqlite.ts'

// A thread that copies what was committed into the database file, whenever it is told to.

const db = new sqlite.DatabaseSync((workerData as { readonly file: string }).file)
db.exec('pragma busy_timeout = 0; pragma synchronous = normal; pragma checkpoint_fullfsync = 1; pragma journal_size_limit = 16777216')

parentPort!.on('message', (what: 'copy' | 'close') => {
  if (what === 'copy') copy()
  else {
    db.close()
    parentPort!.close()
  }
})

function copy(): void {
  try {
    db.exec('pragma wal_checkpoint(passive)')
  } catch {
    // the next commit that finds the log too long copies for itself, and says what was wrong
  }
  parentPort!.postMessage('copied')
}
