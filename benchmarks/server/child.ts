import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface Child<Facts> extends AsyncDisposable {
  readonly facts: Facts
  readonly pid: number
  /** µs of all its threads so far */
  cpu(): Promise<number>
  ask<T>(order: object): Promise<T>
}

/** Starts a module of this folder; `Facts` is the first message it sends. */
export async function start<Facts>(name: string, args: readonly string[] = [], nodeArgs: readonly string[] = []): Promise<Child<Facts>> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  // as `kiln serve` does it, and for the peers alike
  const settled = '--no-allocation-site-pretenuring'
  const execArgv = ['--conditions=kiln-source', '--disable-warning=ExperimentalWarning', settled, ...nodeArgs]
  const child = fork(file, args, { execArgv })
  const facts = (await next(child)) as Facts
  const ask = async <T>(order: object): Promise<T> => {
    const answer = next(child)
    child.send(order)
    return (await answer) as T
  }
  return {
    facts,
    pid: child.pid!,
    ask,
    cpu: async () => {
      const { user, system } = await ask<NodeJS.CpuUsage>({ cpu: true })
      return user + system
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(late)
    },
  }
}

async function next(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const died = once(child, 'exit', { signal: ended.signal }).then(([code]: unknown[]) => {
    throw new Error(`a server ended with ${String(code)}`)
  })
  died.catch(() => undefined)
  try {
    return ((await Promise.race([once(child, 'message'), died])) as unknown[])[0]
  } finally {
    ended.abort()
  }
}

/** The other side: answers orders until the parent lets go. */
export function serveOrders(facts: object, orders: (order: Record<string, unknown>) => Promise<object>, end: () => Promise<void>): void {
  process.on('message', (order: Record<string, unknown>) => {
    if (order['cpu'] === true) return void process.send!(process.cpuUsage())
    orders(order).then(
      (answer) => process.send!(answer),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
  process.on('disconnect', () => void end().finally(() => process.exit()))
  process.send!(facts)
}
