import type { HeldRoom } from '../limits/body-room.ts'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'
import { readBody } from './body.ts'
import { scanJson } from './json-scan.ts'

/**
 * The body as JSON; undefined when it is empty, whatever its type says. Of a key that is there twice the last one counts. Throws
 * `unsupported_media_type`, `payload_too_large`, `too_slow`, `too_many_bodies`, `invalid_json`.
 */
export async function readJson(request: Request, limits: ServerLimits, room?: HeldRoom): Promise<unknown> {
  const { headers } = request
  const length = headers.get('content-length')
  if (length === '0' || (length === null && request.body === null)) return undefined
  const wrong = wrongType(headers)
  // what is known to be wrong is not read, but an empty body may say what it wants
  if (wrong && length !== null) throw wrong
  const bytes = await readBody(request, limits.json, limits, room)
  if (bytes.length === 0) return undefined
  if (wrong) throw wrong
  const text = decoded(bytes)
  if (bytes.length > small || text.includes('\\u')) await scanJson(bytes, limits)
  const value = parsed(text)
  if (bytes.length <= small) checkDepth(value, limits.jsonDepth, limits.jsonDepth)
  return value
}

/** bytes that are parsed in a moment, however they are made; what they became is looked at then, which is less than they were */
const small = 2 ** 16

function checkDepth(value: unknown, left: number, most: number): void {
  if (typeof value !== 'object' || value === null) return
  if (left === 0) throw new Refused('invalid_json', `The body has more than ${most} levels.`)
  for (const inner of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) checkDepth(inner, left - 1, most)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Refused('invalid_json', 'The body is not UTF-8.')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const [, at] = /at position (\d+)/.exec((error as Error).message) ?? []
    throw new Refused('invalid_json', `The body is not JSON${at === undefined ? '' : `: look at character ${at}`}.`)
  }
}

function wrongType(headers: Headers): Refused | undefined {
  const type = headers.get('content-type') ?? ''
  if (type !== 'application/json' && !/^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type))
    return new Refused('unsupported_media_type', 'The body has to be application/json in UTF-8.')
  const encoding = headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity')
    return new Refused('unsupported_media_type', 'The body must not have a content encoding.')
  return undefined
}
