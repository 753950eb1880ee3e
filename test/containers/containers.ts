// A few calls of a Docker Engine's API for tests and the demo: start an image, ask it over HTTP, read its output, remove it.
import { request, type RequestOptions } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Container extends AsyncDisposable {
  readonly id: string
  /** `http://127.0.0.1:<port>` of the published port, when one was asked for */
  readonly url?: string
  /** stdout and stderr so far */
  output(): Promise<string>
  /** the exit code; rejects after `ms` */
  exited(ms: number): Promise<number>
  stop(seconds: number): Promise<void>
}

export interface RunOptions {
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
  /** names of the host's loopback inside: uses the host's network, so the port is the container's own */
  readonly hostNetwork?: boolean
  readonly command?: readonly string[]
}

export async function runContainer(host: string, image: string, options: RunOptions = {}): Promise<Container> {
  const port = options.port === undefined ? undefined : `${options.port}/tcp`
  const { Id: id } = (await call(host, 'POST', '/containers/create', {
    Image: image,
    Env: Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`),
    Labels: { 'kiln.test': 'true' },
    ...(options.command && { Cmd: options.command }),
    ...(port !== undefined && { ExposedPorts: { [port]: {} } }),
    HostConfig: options.hostNetwork
      ? { NetworkMode: 'host' }
      : { ...(port !== undefined && { PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }) },
  })) as { Id: string }
  const remove = async (): Promise<void> => void (await call(host, 'DELETE', `/containers/${id}?force=1&v=1`).catch(() => undefined))
  try {
    await call(host, 'POST', `/containers/${id}/start`)
    const url = port === undefined ? undefined : options.hostNetwork ? `http://127.0.0.1:${options.port}` : await published(host, id, port)
    return {
      id,
      ...(url !== undefined && { url }),
      output: () => logs(host, id),
      async exited(ms) {
        const { StatusCode } = (await call(host, 'POST', `/containers/${id}/wait`, undefined, ms)) as { StatusCode: number }
        return StatusCode
      },
      stop: async (seconds) => void (await call(host, 'POST', `/containers/${id}/stop?t=${seconds}`, undefined, seconds * 1000 + 20_000)),
      [Symbol.asyncDispose]: remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Asks until the server answers, at most `ms`. */
export async function ask(url: string, options: RequestInit & { ms?: number } = {}): Promise<{ status: number; body: string }> {
  const end = Date.now() + (options.ms ?? 20_000)
  for (;;) {
    try {
      const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) })
      return { status: answer.status, body: await answer.text() }
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(100)
    }
  }
}

/** Any call of the Engine's API that answers with JSON or nothing. */
async function call(host: string, method: string, path: string, body?: unknown, ms = 60_000): Promise<unknown> {
  const { status, bytes } = await send(host, method, path, body, ms)
  const text = bytes.toString('utf8')
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text.trim()}`)
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
}

async function published(host: string, id: string, port: string): Promise<string> {
  const found = (await call(host, 'GET', `/containers/${id}/json`)) as {
    NetworkSettings: { Ports: Record<string, { HostPort: string }[] | null> }
  }
  const [first] = found.NetworkSettings.Ports[port] ?? []
  if (!first) throw new Error(`container ${id} does not publish ${port}: ${await logs(host, id)}`)
  return `http://127.0.0.1:${first.HostPort}`
}

async function logs(host: string, id: string): Promise<string> {
  const { bytes } = await send(host, 'GET', `/containers/${id}/logs?stdout=1&stderr=1`, undefined, 20_000)
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at + 4)
    parts.push(bytes.subarray(at + 8, at + 8 + size))
    at += 8 + size
  }
  return Buffer.concat(parts).toString('utf8')
}

function send(host: string, method: string, path: string, body: unknown, ms: number): Promise<{ status: number; bytes: Buffer }> {
  const where: RequestOptions = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port }
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
    const sent = request({ ...where, method, path, headers, signal: AbortSignal.timeout(ms) }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end(payload)
  })
}
