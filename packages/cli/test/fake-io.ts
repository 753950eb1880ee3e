import { createEngine, memoryBlobs, memoryStore, type Driver, type Engine, type EngineOptions, type Store } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { main } from '../src/index.ts'
import type { Io, OpenKiln, Screen } from '../src/io.ts'

export interface FakeScreen extends Screen {
  columns: number
  /** everything written so far */
  text(): string
  bytes(): Uint8Array
}

interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly bytes: Uint8Array
}

export interface FakeOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: Uint8Array
  readonly tty?: boolean
  readonly driver?: Driver
  /** Ctrl-C as soon as a command listens for it */
  readonly interruptAtOnce?: boolean
  readonly engine?: Partial<EngineOptions>
  /** every address answers */
  readonly cloud?: true
}

/** The CLI in this process, with an engine in memory that all its commands share. */
export interface FakeCli {
  run(...words: readonly string[]): Promise<Answer>
  /** what a command that runs now has written */
  readonly out: FakeScreen
  readonly err: FakeScreen
  interrupt(): void
  /** codes of `exit` */
  readonly exits: number[]
  /** how often the engine was opened */
  opened(): number
  /** an engine on the same store, as another process has one */
  open(): Promise<Engine>
}

export function fakeCli(options: FakeOptions = {}): FakeCli {
  const [store, blobs, driver] = [shared(memoryStore({ lease: 300 })), memoryBlobs(), options.driver ?? fakeDriver()]
  const listeners = new Set<() => void>()
  const exits: number[] = []
  let opened = 0
  const openKiln: OpenKiln = async (given) => {
    opened += 1
    return createEngine({ drivers: [driver], ...given, ...options.engine, store, blobs })
  }
  const cli = {
    out: fakeScreen(options.tty === true),
    err: fakeScreen(options.tty === true),
    exits,
    opened: () => opened,
    open: () => openKiln({}),
    interrupt: () => [...listeners].forEach((listener) => listener()),
    async run(...words: readonly string[]): Promise<Answer> {
      const [stdout, stderr] = [fakeScreen(options.tty === true), fakeScreen(options.tty === true)]
      Object.assign(cli, { out: stdout, err: stderr })
      const io: Io = {
        env: { KILN_DATA_DIR: '/nowhere/kiln', ...options.env },
        cwd: options.cwd ?? '/',
        stdin: Object.assign(chunks(options.stdin), options.stdin ? {} : { isTTY: true }),
        stdout,
        stderr,
        onInterrupt: (listener) => {
          listeners.add(listener)
          if (options.interruptAtOnce) queueMicrotask(listener)
          return () => listeners.delete(listener)
        },
        exit: (code) => void exits.push(code),
        openKiln,
        reaches: async () => options.cloud === true,
        now: Date.now,
      }
      const code = await main(words, io)
      return { code, out: stdout.text(), err: stderr.text(), bytes: stdout.bytes() }
    },
  }
  return cli
}

export function fakeScreen(isTTY: boolean): FakeScreen {
  const written: Uint8Array[] = []
  const all = (): Uint8Array => Buffer.concat(written)
  return {
    isTTY,
    columns: 80,
    rows: 24,
    write: (data) => void written.push(Buffer.from(data)),
    bytes: all,
    text: () => Buffer.from(all()).toString('utf8'),
  }
}

/** A store that outlives the engines on it, as a file does. */
function shared(store: Store): Store {
  return new Proxy(store, { get: (target, name) => (name === Symbol.asyncDispose ? async () => {} : Reflect.get(target, name, target)) })
}

async function* chunks(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (bytes) yield bytes
}
