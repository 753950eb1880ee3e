import type { FileHandle } from 'node:fs/promises'

/** bytes: some 7 ms of a disk of 600 MB/s; of 2, 4 and 8 MiB, 4 kept small commits waiting the least */
const flushedEach = 4 * 2 ** 20

/** Brings a large file to the disk while it is written. */
export interface Flush {
  /** After each write. Throws what the disk did with earlier bytes: it says so once only. */
  wrote(bytes: number): Promise<void> | undefined
  /** Waits for what is under way. */
  end(): Promise<void>
}

/**
 * All at once, at its end or when the system thinks of it, 500 MB would keep every commit to the database waiting behind them for a
 * quarter of a second. A `durable` writer waits for the disk now and then; another one goes on.
 */
export function flushAlong(file: Pick<FileHandle, 'datasync'>, durable: boolean): Flush {
  let waiting = 0
  let running: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  const settled = async (): Promise<void> => {
    await running
    if (failure) throw failure.error
  }
  const next = async (): Promise<void> => {
    await settled()
    waiting = 0
    running = file.datasync().then(
      () => void (running = undefined),
      (error: unknown) => void (failure = { error }),
    )
  }
  return {
    wrote(bytes) {
      waiting += bytes
      return waiting < flushedEach || (running && !durable && !failure) ? undefined : next()
    },
    end: settled,
  }
}
