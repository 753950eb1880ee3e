import { isatty } from 'node:tty'
import type { Io, Screen } from './io.ts'
import { main } from './main.ts'

/** The `kiln` command as a process: sets the exit code, and leaves nothing running behind it. */
export async function runProcess(words: readonly string[]): Promise<void> {
  process.exitCode = await main(words, processIo())
  // Only for what somebody forgot to close: an idle event loop ends the process by itself.
  setTimeout(() => process.exit(), 3000).unref()
}

/** This process as a command sees it. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveQuietly)
  return {
    env: process.env,
    cwd: process.cwd(),
    get stdin() {
      return process.stdin
    },
    stdout: screen(process.stdout, 1),
    stderr: screen(process.stderr, 2),
    onInterrupt,
    exit: (code) => process.exit(code),
    openKiln: async (options) => (await import('@kiln/kiln')).openKiln(options),
    reaches: async (host, port) => (await import('./doctor/metadata.ts')).reaches(host, port),
    now: Date.now,
  }
}

function screen(stream: NodeJS.WriteStream, fd: number): Screen {
  return {
    write: (data) => void stream.write(data),
    isTTY: isatty(fd),
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
  }
}

/** `kiln … | head` is no trouble of ours. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? 0 : 7)
}

function onInterrupt(listener: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}
