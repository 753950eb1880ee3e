import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The name of a data directory for builders that several of them share: what one of them left behind is no other's to remove. */
export async function ownerOf(dataDir: string): Promise<string> {
  const file = join(dataDir, 'owner')
  return (await known(file)) ?? (await made(file))
}

async function known(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)))
}

/** Of two processes at the same moment the first one's name counts, and it is never seen half written. */
async function made(file: string): Promise<string> {
  const owner = randomUUID()
  const temporary = `${file}.${owner}`
  try {
    await writeFile(temporary, owner, { mode: 0o600 })
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? undefined : Promise.reject(error)))
    return (await known(file)) ?? owner
  } finally {
    await rm(temporary, { force: true })
  }
}
