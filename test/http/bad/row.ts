import { gz } from '../tar.ts'
import type { Ask, Reply } from '../wire.ts'
import type { Caller, World } from '../world.ts'

export type Asked = Ask & { readonly as?: Caller | '' }

/** One bad input: what is sent, and what has to come back. */
export interface Row {
  /** of the case in security.md, section 4 */
  readonly id: number
  readonly what: string
  /** a request, or what makes one or more of them */
  readonly ask: Asked | ((world: World) => Promise<Reply | readonly Reply[]>)
  readonly status: number
  /** the word in the answer; none is looked at where there is none */
  readonly code?: string
  /** Node answers by itself, without a body */
  readonly bare?: true
  /** what else is true afterwards */
  readonly then?: (reply: Reply, world: World) => void | Promise<void>
}

/** A case that is not run here, and why. */
export interface NotRun {
  readonly id: number
  readonly what: string
  readonly reason: string
}

/** The same row for several inputs. */
export function each<T>(inputs: Readonly<Record<string, T>>, row: (input: T, name: string) => Row): readonly Row[] {
  return Object.entries(inputs).map(([name, input]) => {
    const one = row(input, name)
    return { ...one, what: `${one.what}: ${name}` }
  })
}

export function json(path: string, body: unknown, more: Partial<Asked> = {}): Asked {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method: 'POST', path, body: text, ...more, headers: [['content-type', 'application/json'], ...(more.headers ?? [])] }
}

/** A part of a form: its name or its whole head, and its bytes. */
export interface Part {
  readonly name?: string
  readonly head?: string
  readonly file?: string | true
  readonly body?: string | Uint8Array
}

export const boundary = 'a-boundary-of-ours'

export function formBytes(parts: readonly Part[], end = `--${boundary}--\r\n`): Buffer {
  const chunks = parts.flatMap(({ name, head, file, body = '' }) => {
    const called = typeof file === 'string' ? `; filename="${file}"` : ''
    const type = file === undefined ? '' : 'Content-Type: application/octet-stream\r\n'
    const lines = head ?? `Content-Disposition: form-data; name="${name}"${called}\r\n${type}`
    return [Buffer.from(`--${boundary}\r\n${lines}\r\n`), Buffer.from(body as Uint8Array), Buffer.from('\r\n')]
  })
  return Buffer.concat([...chunks, Buffer.from(end)])
}

export function form(path: string, parts: readonly Part[], more: Partial<Asked> = {}): Asked {
  const type = ['content-type', `multipart/form-data; boundary=${boundary}`] as const
  return { method: 'POST', path, body: formBytes(parts), ...more, headers: more.headers ?? [type] }
}

let agents = 0

/** The parts of a create of Scale that works; `undefined` leaves one out. */
export function scaleForm(
  changes: Readonly<Record<string, string | undefined>> = {},
  archive: Uint8Array | undefined = gz(),
): readonly Part[] {
  const fields = { image_name: 'web', agent_name: `agent-${(agents += 1)}`, ...changes }
  const given = Object.entries(fields).filter((one): one is [string, string] => one[1] !== undefined)
  return [
    ...given.map(([name, body]) => ({ name, body })),
    ...(archive ? [{ name: 'context_archive', file: 'upload', body: archive }] : []),
  ]
}
