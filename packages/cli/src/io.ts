import type { Engine } from '@kiln/core'
import type { OpenOptions } from '@kiln/kiln'

/** One of the two streams a command writes to. */
export interface Screen {
  write(data: string | Uint8Array): void
  readonly isTTY: boolean
  /** of the terminal now; 80 where there is none */
  readonly columns: number
  readonly rows: number
}

export type OpenKiln = (options: OpenOptions) => Promise<Engine>

/** Everything of the process that a command touches, so that a test can run one without a process. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean }
  /** data */
  readonly stdout: Screen
  /** everything said about it */
  readonly stderr: Screen
  /** Ctrl-C, and the signals that ask a process to end. Gives back how to stop listening. */
  onInterrupt(listener: () => void): () => void
  /** leaves at once, without waiting for anything */
  exit(code: number): void
  /** loads the engine: only commands that keep builds call it */
  readonly openKiln: OpenKiln
  /** whether somebody accepts a TCP connection there, within half a second */
  reaches(host: string, port: number): Promise<boolean>
  /** ms since the epoch */
  now(): number
}
