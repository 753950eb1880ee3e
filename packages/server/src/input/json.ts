import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'

/** The body as JSON; undefined when it is empty, whatever its type says. Throws `unsupported_media_type`, `payload_too_large`, `invalid_json`. */
export async function readJson(request: Request, limits: ServerLimits): Promise<unknown> {
  const bytes = await readAll(request, limits.json)
  if (bytes.length === 0) return undefined
  checkType(request)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown
  } catch (cause) {
    throw new Refused('invalid_json', `The body is not JSON: ${(cause as Error).message}`)
  }
}

function checkType(request: Request): void {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new Refused('unsupported_media_type', 'The body has to be application/json in UTF-8.')
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw new Refused('unsupported_media_type', 'The body must not have a content encoding.')
}

async function readAll(request: Request, max: number): Promise<Uint8Array> {
  const tooLarge = (): Refused => new Refused('payload_too_large', `The body has more than ${max} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > max) throw tooLarge()
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.length
    if (size > max) throw tooLarge()
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}
