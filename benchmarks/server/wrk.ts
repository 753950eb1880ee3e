import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What wrk saw. Times in ms, from the moment a connection sends to the end of its answer. */
export interface Seen {
  readonly requests: number
  /** per second */
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** answers that were no 2xx, and broken connections */
  readonly bad: number
}

export interface Load {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** a POST with it as JSON; else GET */
  readonly body?: string
  /** each request has another number in place of every NUMBER in `body` */
  readonly numbered?: boolean
  readonly seconds: number
  /** default 50 */
  readonly connections?: number
  /** a file with paths, a line each, that are asked for in turn; the url is then the address alone */
  readonly paths?: string
  /** ms a connection thinks between its requests, on average; default 0: as fast as it is answered */
  readonly think?: number
}

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

/** Installs wrk where that can be done without asking. Throws with the way to do it elsewhere. */
export function needWrk(): void {
  if (spawnSync('wrk', ['--version']).error === undefined) return
  const debian = existsSync('/etc/debian_version')
  if (!debian || process.getuid?.() !== 0) throw new Error('wrk is missing: apt-get install wrk (Debian), brew install wrk (macOS)')
  console.log('installing wrk: apt-get install wrk')
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
  execFileSync('apt-get', ['install', '-y', '-qq', 'wrk'], { stdio: 'ignore' })
}

/** One thread, until its time is over, or earlier when `stop` is called. */
export function wrk(load: Load): { readonly seen: Promise<Seen>; stop(): void } {
  const { url, headers, seconds, connections = 50, body, paths, think = 0, numbered = false } = load
  const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, ...named, url]
  const env = { ...process.env, WRK_BODY: body ?? '', WRK_PATHS: paths ?? '', WRK_THINK: String(think), WRK_NUMBERED: numbered ? '1' : '' }
  const child = spawn('wrk', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  return { seen: seenBy(child), stop: () => void child.kill('SIGINT') }
}

async function seenBy(child: ChildProcess): Promise<Seen> {
  let [out, told] = ['', '']
  child.stdout!.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (told += chunk.toString()))
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  const [, json] = /^SEEN (.*)$/m.exec(out) ?? []
  if (json === undefined) throw new Error(`wrk: ${told || out}`)
  return JSON.parse(json) as Seen
}

/** the answer of one request, for a look at it */
export async function answerTo({ url, headers, body }: Pick<Load, 'url' | 'headers' | 'body'>): Promise<string> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(url, { headers: { ...headers, ...type }, ...(body !== undefined && { method: 'POST', body }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return text
}

/** cores that are busy on this machine, over the last minute */
export function busy(): string {
  return existsSync('/proc/loadavg') ? readFileSync('/proc/loadavg', 'utf8').split(' ')[0]! : '?'
}
