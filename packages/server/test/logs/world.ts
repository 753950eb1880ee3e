import { createEngine, files, type BuildEvent, type Engine, type Kiln, type Build } from '@kiln/core'
import { fakeDriver, finished, readContext } from '@kiln/testkit/driver'
import type { LogForm } from '../../src/logs/logs.ts'

/** A build whose log the test writes. */
export interface Written {
  readonly kiln: Kiln
  readonly build: Build
  /** resolves when the store has the lines */
  write(...lines: readonly string[]): Promise<void>
  end(): Promise<void>
  /** the whole stream as the store has it, from `after` on */
  stored(after?: number): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export const form: LogForm = {
  name: 'test',
  write: (event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`,
  ping: ': ping\n\n',
}

export async function written(): Promise<Written> {
  const started = Promise.withResolvers<(line: string) => void>()
  const over = Promise.withResolvers<void>()
  const driver = fakeDriver({
    async build(job, io) {
      const tar = await readContext(job, io.signal)
      started.resolve((text) => io.emit({ step: '1', type: 'log', stream: 'out', text }))
      io.signal.addEventListener('abort', () => over.resolve())
      await over.promise
      return finished(job, io, tar)
    },
  })
  const engine: Engine = createEngine({ drivers: [driver] })
  const kiln = engine.for('acme')
  const build = await kiln.build({
    name: 'web',
    source: await files({ Dockerfile: 'FROM scratch\n' }),
    how: { dockerfile: 'Dockerfile' },
  })
  const emit = await started.promise
  return {
    kiln,
    build,
    async write(...lines) {
      const last = lines.at(-1)
      lines.forEach(emit)
      for await (const event of build.events()) if (event.type === 'log' && event.text === last) return
    },
    async end() {
      over.resolve()
      await build.result()
    },
    async stored(after = -1) {
      const events: BuildEvent[] = []
      for await (const event of build.events({ after, follow: false })) events.push(event)
      return events.map((event) => form.write(event)).join('')
    },
    async [Symbol.asyncDispose]() {
      over.resolve()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Reads a body piece by piece. */
export function readerOf(answer: Response): {
  /** all until the text so far contains `text`, or the end */
  until(text: string): Promise<string>
  rest(): Promise<string>
  cancel(): Promise<void>
} {
  const reader = answer.body!.getReader()
  const decoder = new TextDecoder()
  let all = ''
  const next = async (): Promise<boolean> => {
    const { done, value } = await reader.read()
    if (value) all += decoder.decode(value, { stream: true })
    return !done
  }
  return {
    async until(text) {
      while (!all.includes(text) && (await next())) continue
      return all
    },
    async rest() {
      while (await next()) continue
      return all
    },
    cancel: () => reader.cancel(),
  }
}
