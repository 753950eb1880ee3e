import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, engines } from '../engine/docker-engine.ts'
import { recorder, type Seen } from './recorder.ts'
import { run, type Ran } from './run.ts'

/**
 * A `kiln serve` process on a data directory of its own, with the docker driver on the engine of the tests. Its end rejects when it
 * is not 0, or when the server logged an error before it.
 */
export interface Served extends AsyncDisposable {
  /** what clients are pointed at; requests that pass are in `seen` */
  readonly url: string
  readonly seen: Seen[]
  /** of this run alone, so that no image or layer of an earlier one answers */
  readonly tenant: string
  /** what the process said when it began */
  readonly line: { readonly url: string; readonly driver: string }
  /** a new key of the tenant, made while the server runs */
  key(tenant?: string): Promise<string>
  /** the next POST is carried out, and its answer is lost on the way */
  loseAnswer(): void
  /** stderr so far */
  log(): string
}

const root = join(import.meta.dirname, '../..')
const bin = ['--conditions=kiln-source', join(root, 'packages/cli/bin/kiln.mjs')]

export async function serve(options: readonly string[] = []): Promise<Served> {
  const { host } = await engines()
  const tenant = `clients-${crypto.randomUUID().slice(0, 8)}`
  const data = mkdtempSync(join(tmpdir(), 'kiln-clients-'))
  const between = await recorder()
  const words = ['serve', '--port', '0', '--data', data, '--json', '--public-url', between.url, ...options]
  const child = spawn(process.execPath, [...bin, ...words], {
    env: { ...process.env, DOCKER_HOST: host },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const close = async (): Promise<void> => {
    const code = await ended(child)
    await between[Symbol.asyncDispose]()
    await untagAll(host, tenant)
    rmSync(data, { recursive: true, force: true })
    if (code !== 0 || /^\{"level":[56]0/m.test(log)) throw new Error(`kiln serve ended with ${code}, and said:\n${log}`)
  }
  try {
    const line = JSON.parse(await firstLine(child)) as Served['line']
    between.target = line.url
    return {
      url: between.url,
      seen: between.seen,
      tenant,
      line,
      key: (of = tenant) => newKey(data, of),
      loseAnswer: () => between.loseAnswer(),
      log: () => log,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close().catch(() => undefined)
    throw new Error(`kiln serve did not begin:\n${log}`, { cause: error })
  }
}

async function newKey(data: string, tenant: string): Promise<string> {
  const made: Ran = await run(process.execPath, [...bin, 'keys', 'create', '--tenant', tenant, '--data', data, '--json'])
  if (made.code !== 0) throw new Error(`kiln keys create: ${made.err}`)
  return (JSON.parse(made.out) as { key: string }).key
}

/** The first whole line of stdout; rejects when the process ends before it, or after 60 s. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error('no line within 60 s')), 60_000)
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (!text.includes('\n')) return
      clearTimeout(timer)
      resolve(text.split('\n')[0]!)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code}: ${text}`))
    })
  })
}

/** Asks it to end; after a minute it is killed. */
async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const over = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const code = await over
  clearTimeout(timer)
  return code
}

async function untagAll(host: string, tenant: string): Promise<void> {
  const all = JSON.parse((await ask(host, '/images/json')).body) as { RepoTags: string[] | null }[]
  const tags = all.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(`/${tenant}`))
  for (const tag of tags) await ask(host, `/images/${tag}`, 'DELETE')
}
