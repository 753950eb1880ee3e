import { statfs } from 'node:fs/promises'
import { Refused } from '../refusal.ts'
import type { ServerLimits } from './limits.ts'

type Floor = Pick<ServerLimits, 'diskFloor' | 'diskShare'>

/** Whether there is room where the data is. */
export interface Disk {
  /** below the floor; false where no directory is known. Rejects with Node's error */
  full(): Promise<boolean>
  /** Throws `disk_full`. What cannot be asked is left to the store to say. */
  needRoom(): Promise<void>
}

const forMs = 1000
/** s */
const retryAfter = 60

/** An answer holds for a second, however many ask. */
export function watchDisk(dataDir: string | undefined, floor: Floor, now: () => number): Disk {
  let last: { readonly at: number; readonly answer: Promise<boolean> } | undefined
  const full = async (): Promise<boolean> => {
    if (dataDir === undefined || floor.diskFloor <= 0) return false
    const at = now()
    if (!last || at - last.at >= forMs || at < last.at) last = { at, answer: look(dataDir, floor) }
    return last.answer
  }
  return {
    full,
    async needRoom() {
      if (await full().catch(() => false)) throw new Refused('disk_full', 'The disk of the server is full.', { retryAfter })
    },
  }
}

async function look(dataDir: string, { diskFloor, diskShare }: Floor): Promise<boolean> {
  const { bavail, blocks, bsize } = await statfs(dataDir)
  return bavail * bsize < Math.min(diskFloor, blocks * bsize * diskShare)
}
