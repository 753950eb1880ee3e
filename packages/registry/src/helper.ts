import { spawn } from 'node:child_process'
import type { RegistryCredential } from './auth.ts'
import { plain, RegistryError } from './error.ts'

export interface HelperOptions {
  readonly signal?: AbortSignal | undefined
  /** ms; default 15,000 */
  readonly timeoutMs?: number
  /** where programs are looked for and what they get; default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const answerLimit = 1 << 20
const nameForm = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62})$/

/**
 * Asks `docker-credential-<name> get` for the login of a server (protocol of docker-credential-helpers: the server's
 * name on standard input, JSON on standard output). Undefined when the helper knows none.
 * Throws RegistryError `failed` when the helper is missing, breaks or does not end in time.
 */
export async function askHelper(name: string, server: string, options: HelperOptions = {}): Promise<RegistryCredential | undefined> {
  if (!nameForm.test(name))
    throw new RegistryError('failed', `"${plain(name, 80)}" in Docker's configuration is not the name of a credential helper.`)
  const { code, out } = await run(`docker-credential-${name}`, server, options)
  if (code !== 0) {
    // the helpers answer on standard output, and this is how they say that they have none
    if (out.includes('credentials not found')) return undefined
    throw new RegistryError('failed', `docker-credential-${name} failed (exit code ${code}): ${plain(out.trim())}`)
  }
  return readAnswer(name, out)
}

function readAnswer(name: string, out: string): RegistryCredential {
  try {
    const { Username, Secret } = JSON.parse(out) as { Username?: unknown; Secret?: unknown }
    if (typeof Username === 'string' && typeof Secret === 'string') return { username: Username, secret: Secret }
  } catch {}
  throw new RegistryError('failed', `docker-credential-${name} answers with something that is not a login.`)
}

/** No shell, one fixed argument, bounded in time and output. What the helper prints may hold a secret: only `out` of a failure is shown. */
function run(
  program: string,
  input: string,
  { signal, timeoutMs = 15_000, env = process.env }: HelperOptions,
): Promise<{ code: number; out: string }> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], shell: false, env: { ...env }, windowsHide: true })
    let [out, ended] = ['', false]
    const end = (done: () => void): void => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      child.kill('SIGKILL')
      child.stdout.destroy()
      done()
    }
    const fail = (why: string): void => end(() => reject(new RegistryError('failed', `${program} ${why}.`)))
    const onAbort = (): void => end(() => reject(signal?.reason))
    const timer = setTimeout(() => fail(`did not answer within ${timeoutMs} ms`), timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    child.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ENOENT' ? 'is not installed' : `cannot be started: ${error.code}`),
    )
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      if (out.length > answerLimit) fail('answers with too much')
    })
    child.on('close', (code) => end(() => resolve({ code: code ?? -1, out })))
    child.stdin.on('error', () => undefined).end(`${input}\n`)
  })
}
