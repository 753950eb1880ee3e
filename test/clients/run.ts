import { spawn } from 'node:child_process'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly cwd?: string
  /** all of it: nothing of the test's own environment gets in but PATH and HOME */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** ms; then it is killed, with all that it started */
  readonly limit?: number
}

const { PATH = '', HOME = '' } = process.env

/** Runs a program to its end and keeps what it printed. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env = {}, input = '', limit = 240_000 }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { PATH, HOME, LC_ALL: 'C.UTF-8', ...env }, detached: true })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const timer = setTimeout(() => {
      err += `\n[killed after ${limit} ms]`
      process.kill(-child.pid!, 'SIGKILL')
    }, limit)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, out, err })
    })
  })
}
