import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A real process that runs one of `processes/` and speaks in lines. */
export interface Child extends AsyncDisposable {
  readonly lines: string[]
  /** the next line that begins with `word`, also one that has come already */
  line(word: string): Promise<string>
  say(line: string): void
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** all it printed as errors, once it has ended */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>
}

// Starting dozens of processes is most of the time of these tests; those that end by themselves leave compiled code for the others.
const compiled = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))

export function start(name: string, args: readonly string[], wrapper: readonly string[] = []): Child {
  const script = fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url))
  const [command, ...rest] = [...wrapper, process.execPath, '--conditions=kiln-source', script, ...args]
  const child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, NODE_COMPILE_CACHE: compiled } })
  child.stdin.on('error', () => {})
  const ended = endOf(child)
  const { lines, line } = linesOf(child, ended)
  return {
    lines,
    line,
    ended,
    say: (text) => void child.stdin.write(`${text}\n`),
    signal: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

type Process = ChildProcessByStdio<Writable, Readable, Readable>

function linesOf(child: Process, ended: Child['ended']): Pick<Child, 'lines' | 'line'> {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const reader = createInterface({ input: child.stdout })
  const wake = (): void => waiting.forEach((look) => look())
  const add = (text: string): void => {
    lines.push(text)
    wake()
  }
  reader.on('line', add)
  void ended.then(({ errors }) => add(`end ${errors}`))
  return {
    lines,
    line: (word) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((text) => text.startsWith(word))
          if (found !== undefined) resolve(found)
          else if (lines.at(-1)?.startsWith('end ') === true) reject(new Error(`ended without "${word}": ${lines.join(' | ')}`))
          else return
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      }),
  }
}

async function endOf(child: Process): Promise<{ readonly code: number | null; readonly errors: string }> {
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  return await new Promise((resolve) => child.on('close', (code) => resolve({ code, errors })))
}
