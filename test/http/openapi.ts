// The documents as the server hands them out, and what they say of an answer.
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { Reply } from './wire.ts'
import type { World } from './world.ts'

export const apis = ['native', 'runagents', 'scale', 'pipecat'] as const
export type ApiName = (typeof apis)[number]

/** Where an API begins, the document's own prefix first. */
const prefixes: Readonly<Record<ApiName, readonly string[]>> = {
  native: ['/kiln/v1'],
  runagents: ['/api/v1', '/api/v1/workspaces/acme', '/api', '/ingestion'],
  scale: ['/v5', '/public/v5'],
  pipecat: ['/v1', '/v1/organizations/acme'],
}

type Json = { readonly [key: string]: unknown }

export interface Operation {
  readonly api: ApiName
  readonly id: string
  readonly method: string
  /** as the document has it: `/v1/builds/{id}` */
  readonly path: string
  readonly open: boolean
  readonly statuses: readonly number[]
  /** of the body it takes */
  readonly type: string | undefined
}

export interface Documents {
  readonly operations: readonly Operation[]
  /** the operation of a request */
  find(method: string, path: string): Operation | undefined
  /** what an answer has that its document does not say, or the other way round */
  faults(operation: Operation, reply: Reply): readonly string[]
}

export async function documents(world: World): Promise<Documents> {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false })
  formats.default(ajv)
  // what nobody writes down in full
  for (const format of ['binary']) ajv.addFormat(format, true)
  const operations: Operation[] = []
  for (const api of apis) {
    const { json: document, status } = await world.ask({ path: `/openapi/${api}.json`, as: '' })
    if (status !== 200) throw new Error(`${api}: ${status}`)
    ajv.addSchema({ $id: `https://kiln.test/${api}`, ...(closed(document) as Json) })
    operations.push(...operationsOf(api, document))
  }
  const known = new Map<string, ValidateFunction>()
  const validator = ({ api, method, path }: Operation, status: number, type: string): ValidateFunction => {
    const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema']
    const ref = `https://kiln.test/${api}#/${place
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent)
      .join('/')}`
    const found = known.get(ref) ?? ajv.compile({ $ref: ref })
    known.set(ref, found)
    return found
  }
  return {
    operations,
    find: (method, path) => operations.find((one) => one.method === method && fits(one, path)),
    faults(operation, { status, headers, text, json, bytes }) {
      if (!operation.statuses.includes(status)) return [`${status} is not documented`]
      const type = headers.get('content-type')?.split(';')[0]
      if (type === undefined) return bytes.length === 0 ? [] : ['no content type']
      try {
        const validate = validator(operation, status, type)
        const value: unknown = type === 'application/json' ? json : text
        return validate(value)
          ? []
          : validate.errors!.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
      } catch (error) {
        return [`${status} as ${type}: ${(error as Error).message}`]
      }
    },
  }
}

function operationsOf(api: ApiName, document: Json): readonly Operation[] {
  type Place = { operationId: string; security?: unknown[]; responses: Json; requestBody?: { content: Json } }
  return Object.entries(document['paths'] as Readonly<Record<string, Readonly<Record<string, Place>>>>).flatMap(([path, place]) =>
    Object.entries(place).map(([method, { operationId: id, security, responses, requestBody }]) => ({
      api,
      id,
      method: method.toUpperCase(),
      path,
      open: security?.length === 0,
      statuses: Object.keys(responses).map(Number),
      type: requestBody && Object.keys(requestBody.content)[0],
    })),
  )
}

/** Below whichever prefix; a fixed path before one with parameters is the document's own order. */
function fits({ api, path }: Operation, asked: string): boolean {
  const [first, ...others] = prefixes[api]
  const plain = asked.split('?')[0]!
  const other = others.find(
    (prefix) => plain.startsWith(`${prefix}/`) && !(api === 'runagents' && prefix === '/api' && plain.startsWith('/api/v1/')),
  )
  const own = other === undefined ? plain : first! + plain.slice(other.length)
  const [theirs, mine] = [path.split('/'), own.split('/')]
  return theirs.length === mine.length && theirs.every((part, at) => part.startsWith('{') || part === mine[at])
}

/** A document leaves objects open, for fields that will come; an answer of today has no other fields than are written. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const all = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]))
  const isObject = all['type'] === 'object' && typeof all['properties'] === 'object' && all['additionalProperties'] === undefined
  return isObject ? { ...all, additionalProperties: false } : all
}
