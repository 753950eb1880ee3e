import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Words } from './server/main.ts'

/** Directories that outlive the servers on them. */
export interface Place extends Disposable {
  /** a server's data directory */
  readonly data: string
  /** journal and images of the scripted driver */
  readonly outside: string
  /** TMPDIR of the servers */
  readonly temporary: string
}

export function place(data?: string): Place {
  const home = mkdtempSync(join(tmpdir(), 'kiln-faults-'))
  const made = { data: data ?? join(home, 'data'), outside: join(home, 'outside'), temporary: join(home, 'tmp') }
  for (const one of [made.data, made.outside, join(made.outside, 'images'), made.temporary]) mkdirSync(one, { recursive: true })
  return { ...made, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A server's process. Leaving its scope ends it by SIGTERM, and by SIGKILL a minute later. */
export interface Served extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** ms it took to answer */
  readonly startMs: number
  /** the code, or the signal it died of */
  readonly ended: Promise<number | NodeJS.Signals>
  readonly hasEnded: boolean
  kill(signal: NodeJS.Signals): void
  /** one line to the standard input of a scripted server; resolves when it was carried out */
  tell(line: object): Promise<void>
  /** stderr, its last 20,000 characters */
  log(): string
}

const root = join(import.meta.dirname, '../..')

/** The scripted server on a place. Its lease is long enough for a busy machine; who kills it may give it a shorter one. */
export function scripted(at: Place, words: Partial<Words> = {}): Promise<Served> {
  const all: Words = { dataDir: at.data, outside: at.outside, lease: 5000, concurrency: 8, perTenant: 8, graceMs: 5000, ...words }
  return start(at, [join(import.meta.dirname, 'server/main.ts'), JSON.stringify(all)], {})
}

/** `kiln serve` on a place. */
export function kilnServe(at: Place, options: readonly string[], env: NodeJS.ProcessEnv): Promise<Served> {
  const words = ['serve', '--port', '0', '--data', at.data, '--json', ...options]
  return start(at, [join(root, 'packages/cli/bin/kiln.mjs'), ...words], env)
}

/** A key of `kiln keys create`. */
export async function newKey(at: Place, tenant: string): Promise<string> {
  const words = [join(root, 'packages/cli/bin/kiln.mjs'), 'keys', 'create', '--tenant', tenant, '--data', at.data, '--json']
  const child = launch(at, words, {})
  const line = await firstLine(child)
  return (JSON.parse(line) as { key: string }).key
}

function launch(at: Place, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['--conditions=kiln-source', ...words], {
    env: { ...process.env, TMPDIR: at.temporary, NODE_COMPILE_CACHE: join(tmpdir(), 'kiln-faults-compiled'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

async function start(at: Place, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Served> {
  const began = performance.now()
  const child = launch(at, words, env)
  let log = ''
  child.stderr!.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-20_000)))
  child.stdin!.on('error', () => undefined)
  const ended = new Promise<number | NodeJS.Signals>((resolve) => child.once('close', (code, signal) => resolve(code ?? signal!)))
  const line = await firstLine(child).catch((cause: unknown) => {
    throw new Error(`The server did not begin: ${log}`, { cause })
  })
  const served: Served = {
    url: (JSON.parse(line) as { url: string }).url,
    pid: child.pid!,
    startMs: performance.now() - began,
    ended,
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null
    },
    kill: (signal) => void child.kill(signal),
    async tell(what) {
      const done = new Promise<void>((resolve) => child.stdout!.once('data', () => resolve()))
      child.stdin!.write(`${JSON.stringify(what)}\n`)
      await Promise.race([done, ended])
    },
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (served.hasEnded) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
      await ended
      clearTimeout(timer)
    },
  }
  return served
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error('no line within 60 s'))
    }, 60_000)
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (!text.includes('\n')) return
      clearTimeout(timer)
      resolve(text.split('\n')[0]!)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code ?? signal}: ${text}`))
    })
  })
}

/** What SQLite says of the file: `ok`, or its faults. */
export function integrity(at: Place): string {
  const file = join(at.data, 'kiln.db')
  if (!existsSync(file)) return 'ok'
  const db = new DatabaseSync(file)
  try {
    return db
      .prepare('pragma integrity_check')
      .all()
      .map((row) => row['integrity_check'])
      .join('; ')
  } finally {
    db.close()
  }
}

/** Every line of the scripted driver's journal, in words: `start|end run-attempt pid tenant`, `publish run-attempt name digest`. */
export function journal(at: Place): readonly (readonly string[])[] {
  const file = join(at.outside, 'journal')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
}

/** Temporary files of blobs, and spools. */
export function leftovers(at: Place): readonly string[] {
  const blobs = join(at.data, 'blobs/.temporary')
  return [blobs, at.temporary].flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
}

/** Makes what is left look eleven minutes old, and lets a server prune: what dead processes left has to go. */
export async function leftAfterPrune(at: Place, served: Served): Promise<readonly string[]> {
  const old = Date.now() / 1000 - 660
  for (const file of leftovers(at)) utimesSync(file, old, old)
  await served.tell({})
  return leftovers(at)
}

/** Makes the blobs of a tenant look two hours old, so that those of nobody are removed by the next prune. */
export function ageBlobs(at: Place, tenant: string): void {
  const folder = join(at.data, 'blobs', tenant)
  const old = Date.now() / 1000 - 7200
  for (const name of existsSync(folder) ? readdirSync(folder) : []) utimesSync(join(folder, name), old, old)
}

/** Descriptors of a process, but those of its database and of threads, which may begin any time. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => !/kiln\.db|^anon_inode:|^pipe:/.test(targetOf(`/proc/${pid}/fd/${fd}`))).length
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

/** Resident memory, MiB. */
export function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Asks until the answer is true; throws after `ms`. */
export async function until(what: string, ms: number, holds: () => boolean | Promise<boolean>, everyMs = 50): Promise<void> {
  for (const end = performance.now() + ms; !(await holds()); await sleep(everyMs))
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`)
}
