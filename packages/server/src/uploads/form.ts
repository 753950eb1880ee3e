import { shown, type Bytes } from '@kiln/core'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'
import { createMultipart, type Multipart } from './multipart.ts'
import { wrongForm, type PartHead } from './part-head.ts'
import { lentBody } from '../input/lent-body.ts'
import { pull } from '../input/pull.ts'
import type { Form, FormOptions, Kept } from './uploads.ts'

type FormLimits = Pick<ServerLimits, 'fields' | 'field' | 'bodyRate' | 'bodyRateMs'>

/** The whole form; its file goes through `store`, which sees its end only when the form has come to its own. */
export async function readForm(
  request: Request,
  limits: FormLimits,
  { max, signal, beforeFile, field = limits.field, room }: FormOptions,
  store: (file: Bytes) => Promise<Kept>,
): Promise<Form> {
  const boundary = boundaryOf(request.headers)
  checkLength(request.headers, max, { ...limits, field })
  const body = pull(bodyOf(request), limits, signal)
  try {
    const parts = createMultipart(body, boundary)
    const fields = createFields({ ...limits, field }, room)
    const file = await fieldsTo(parts, fields)
    if (!file) return { fields: fields.all }
    await beforeFile?.(fields.all)
    const kept = await store(fileAndRest(parts, fields))
    return { fields: fields.all, file: { ...kept, field: file.name } }
  } finally {
    body.close()
  }
}

/** The file's bytes. What comes after it is read before they end, so that nothing is kept of a form that is wrong further down. */
async function* fileAndRest(parts: Multipart, fields: Fields): AsyncGenerator<Buffer, void> {
  yield* parts.body()
  if (await fieldsTo(parts, fields)) throw wrongForm('it has a second file')
}

/** Takes fields until a file comes, or the end. */
async function fieldsTo(parts: Multipart, fields: Fields): Promise<PartHead | undefined> {
  for (let head = await parts.next(); head; head = await parts.next()) {
    if (head.isFile) return head
    await fields.take(head.name, parts.body())
  }
  return undefined
}

interface Fields {
  readonly all: ReadonlyMap<string, string>
  take(name: string, bytes: AsyncIterable<Buffer>): Promise<void>
}

/** Bytes of all fields together, in fields of the largest size. */
const fullFields = 4

function createFields({ fields: most, field: max }: FormLimits, room: FormOptions['room']): Fields {
  const all = new Map<string, string>()
  let total = 0
  return {
    all,
    async take(name, bytes) {
      if (all.has(name)) throw wrongForm(`the field "${shown(name)}" is there twice`, name)
      if (all.size >= most) throw new Refused('payload_too_large', `The form has more than ${most} fields.`)
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of bytes) {
        size += chunk.length
        total += chunk.length
        if (size > max) throw new Refused('payload_too_large', `The field "${shown(name)}" has more than ${max} bytes.`)
        if (total > max * fullFields) throw new Refused('payload_too_large', `The fields have more than ${max * fullFields} bytes.`)
        room?.take(chunk.length)
        chunks.push(Buffer.from(chunk))
      }
      all.set(name, text(name, Buffer.concat(chunks)))
    },
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function text(name: string, bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw wrongForm(`the field "${shown(name)}" is not UTF-8`, name)
  }
}

function boundaryOf(headers: Headers): string {
  const type = headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) throw new Refused('unsupported_media_type', 'The body has to be multipart/form-data.')
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity')
    throw new Refused('unsupported_media_type', 'The body must not have a content encoding.')
  // RFC 2046, 5.1.1
  const found = /;\s*boundary=(?:"([^"]*)"|([^\s;",]*))/i.exec(type)
  const boundary = found?.[1] ?? found?.[2] ?? ''
  if (/^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) return boundary
  throw wrongForm('its content type has no boundary of 1 to 70 characters')
}

/** What is told to be too large is not read. */
function checkLength(headers: Headers, max: number, { field, fields }: FormLimits): void {
  const heads = (fields + 2) * 1024
  if (Number(headers.get('content-length') ?? 0) > max + field * fullFields + heads)
    throw new Refused('payload_too_large', `The upload has more than ${max} bytes.`)
}

function bodyOf(request: Request): Bytes {
  const body = lentBody(request)
  if (!body) throw wrongForm('it is empty')
  return body
}
