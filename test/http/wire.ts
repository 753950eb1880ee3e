// Requests byte by byte: what a well-behaved client library would correct or refuse has to arrive as it is.
import { connect, type Socket } from 'node:net'

export interface Ask {
  readonly method?: string
  /** as it goes on the wire */
  readonly path: string
  /** in their order, also twice; `host`, `content-length` and `connection: close` are added where they are missing */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array
}

export interface Reply {
  readonly status: number
  /** names in small letters; of several the last */
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: Buffer
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server said
  readonly json: any
}

/** One request on a connection of its own. Rejects when the connection ends without an answer. */
export function send(address: string, { method = 'GET', path, headers = [], body = '' }: Ask): Promise<Reply> {
  const bytes = Buffer.from(body as Uint8Array)
  const has = (name: string): boolean => headers.some(([one]) => one.toLowerCase() === name)
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(has('host') ? [] : [`host: ${new URL(address).host}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(has('content-length') || has('transfer-encoding') || (bytes.length === 0 && method === 'GET')
      ? []
      : [`content-length: ${bytes.length}`]),
    ...(has('connection') ? [] : ['connection: close']),
  ]
  return exchange(address, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]))
}

/** The bytes as they are; the first answer to them. */
export async function exchange(address: string, bytes: Uint8Array | string, limitMs = 30_000): Promise<Reply> {
  const socket = await open(address)
  try {
    return await answer(socket, () => socket.write(bytes), limitMs)
  } finally {
    socket.destroy()
  }
}

export function open(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket))
    socket.on('error', reject)
  })
}

/** The answer that stands on a socket once it is whole, or was ended by the server. */
function answer(socket: Socket, begin: () => void, limitMs = 30_000): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0)
    const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms: ${got.toString().slice(0, 200)}`)), limitMs)
    const end = (): void => {
      clearTimeout(timer)
      const reply = parse(got, true)
      if (reply) resolve(reply)
      else reject(new Error('the connection ended without an answer'))
    }
    socket.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk])
      const reply = parse(got, false)
      if (!reply) return
      clearTimeout(timer)
      resolve(reply)
    })
    socket.on('close', end)
    // a server may close while we still write: what counts is the answer
    socket.on('error', () => undefined)
    begin()
  })
}

function parse(got: Buffer, ended: boolean): Reply | undefined {
  const end = got.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = got.toString('latin1', 0, end).split('\r\n')
  const status = Number(first.split(' ')[1])
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  if (status === 100) return parse(got.subarray(end + 4), ended)
  const rest = got.subarray(end + 4)
  const bytes = bodyOf(rest, headers, ended)
  if (!bytes) return undefined
  const text = bytes.toString()
  return {
    status,
    headers,
    bytes,
    text,
    json: headers.get('content-type')?.startsWith('application/json') && text !== '' ? JSON.parse(text) : undefined,
  }
}

function bodyOf(rest: Buffer, headers: ReadonlyMap<string, string>, ended: boolean): Buffer | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return unchunked(rest) ?? (ended ? rest : undefined)
  const length = headers.get('content-length')
  if (length === undefined) return ended ? rest : undefined
  return rest.length >= Number(length) || ended ? rest.subarray(0, Number(length)) : undefined
}

function unchunked(rest: Buffer): Buffer | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const end = rest.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(rest.toString('latin1', at, end), 16)
    if (size === 0) return Buffer.concat(parts)
    if (rest.length < end + 4 + size) return undefined
    parts.push(rest.subarray(end + 2, end + 2 + size))
    at = end + 4 + size
  }
}

/** A body in chunks of HTTP/1.1, the last one too. */
export function chunked(body: Uint8Array, size = 65_536): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), Buffer.from(part), Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}
