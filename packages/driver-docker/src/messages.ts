import { BuildError } from '@kiln/core'

/** One line of the engine's answer to a build, pull or push (API `/build`, `/images/{name}/push`). */
export interface Message {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly aux?: unknown
  readonly error?: string
  readonly errorDetail?: { readonly code?: number; readonly message?: string }
}

const longestLine = 8 << 20

/** Splits an answer into its JSON lines. A line that is no JSON object, or longer than 8 MiB, is `driver_failed`. */
export async function* readMessages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
  let [held, size]: [Buffer[], number] = [[], 0]
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const message = parse(Buffer.concat([...held, rest.subarray(0, end)]))
      ;[held, size, rest] = [[], 0, rest.subarray(end + 1)]
      if (message !== undefined) yield message
    }
    size += rest.length
    if (size > longestLine) throw new BuildError('driver_failed', `The Docker Engine answers with a line longer than ${longestLine} bytes.`)
    if (rest.length > 0) held.push(rest)
  }
  const last = parse(Buffer.concat(held))
  if (last !== undefined) yield last
}

function parse(line: Buffer): Message | undefined {
  const text = line.toString('utf8').trim()
  if (text === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {}
  throw new BuildError('driver_failed', 'The Docker Engine answers with something that is not its protocol.')
}
