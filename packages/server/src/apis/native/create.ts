import { parseConfig, parsePlan, shown, type BuildRequest, type Platform, type Source } from '@kiln/core'
import { hash } from 'node:crypto'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute, type Call } from '../../api.ts'
import { faultsOf, refusedInput } from '../../input/checked.ts'
import { lentBody } from '../../input/lent-body.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { acceptedSchema, buildSchema, optionsSchema, plannedSchema, planSchema, type GivenOptions, type GivenSource } from './schemas.ts'
import { openerOf, uploadOpener } from './sources.ts'

/** Building, and planning without building. */
export function createRoutes(parts: Parts): readonly AnyRoute[] {
  const onlyOne = inFlight()
  return [
    route({
      method: 'POST',
      path: '/builds',
      operationId: 'createBuild',
      summary: 'Build an image, or join or reuse an earlier build of the same inputs',
      scope: 'build',
      body: { kind: 'json', schema: buildSchema },
      answers: { 201: { description: 'The build, durable', schema: acceptedSchema } },
      refusals: [404, 409, 422],
      async handle(call) {
        const { source, ...options } = call.body
        return onlyOne(call, async (key) => {
          const open = openerOf(parts, call.kiln, source, call.signal)
          return accepted(parts, call, { ...requestOf(options), source: open, fingerprint: fingerprintOf(source, options) }, key)
        })
      },
    }),
    route({
      method: 'POST',
      path: '/builds/archive',
      operationId: 'createBuildFromArchive',
      summary: 'Build the tar or tar.gz that is the body',
      scope: 'build',
      query: z.object({ name: z.string(), options: z.string().optional().describe('the other options of a build, as JSON') }),
      body: { kind: 'raw', type: 'application/x-tar', schema: z.string().meta({ format: 'binary' }) },
      answers: { 201: { description: 'The build, durable', schema: acceptedSchema } },
      refusals: [409, 422],
      handle: (call) =>
        onlyOne(call, async (key) => {
          const options = optionsOf(call.query)
          const { digest } = await parts.uploads.keep(call.kiln, bodyOf(call.request, parts.limits.upload), {
            max: parts.limits.upload,
            signal: call.signal,
          })
          const source = uploadOpener(parts, call.kiln, digest, call.signal)
          return accepted(parts, call, { ...requestOf(options), source, fingerprint: fingerprintOf({ upload: digest }, options) }, key)
        }),
    }),
    route({
      method: 'POST',
      path: '/plan',
      operationId: 'plan',
      summary: 'Plan a source without building it: the plan with its evidence, or why there is none',
      scope: 'build',
      body: { kind: 'json', schema: planSchema },
      answers: {
        200: { description: 'ok: true with plan and evidence, or ok: false with code, message and candidates', schema: plannedSchema },
      },
      refusals: [404],
      async handle({ body, kiln, signal }) {
        const config = parseConfig(body.config ?? {})
        await using source: Source = await openerOf(parts, kiln, body.source, signal)()
        return Response.json(await kiln.plan(source, config, { signal }))
      },
    }),
  ]
}

async function accepted(parts: Parts, call: Call, request: BuildRequest, key: string | undefined): Promise<Response> {
  const build = await call.kiln.build({ ...request, ...(key !== undefined && { idempotencyKey: key }) }, { signal: call.signal })
  const location = `${parts.publicUrl}/kiln/v1/builds/${build.record.id}`
  return Response.json({ ...build.record, notices: build.notices }, { status: 201, headers: { location } })
}

function requestOf({ config, plan, dockerfile, target, platforms, ...options }: GivenOptions): Omit<BuildRequest, 'source'> {
  return {
    ...withoutUndefined(options),
    ...(platforms && { platforms: platforms as Platform[] }),
    ...(config && { how: { config: parseConfig(config) } }),
    ...(plan && { how: { plan: parsePlan(plan) } }),
    ...(dockerfile !== undefined && { how: { dockerfile, ...(target !== undefined && { target }) } }),
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(given: T): Defined<T> {
  const defined: Partial<T> = {}
  for (const key in given) if (given[key] !== undefined) defined[key] = given[key]
  return defined as Defined<T>
}

/** characters that are kept more cheaply than hashed */
const shortText = 300

/** What a repeat in this process is known by, before its source is looked at. */
function fingerprintOf(source: GivenSource, { tags: _tags, attributes: _attributes, ...options }: GivenOptions): string {
  const text = JSON.stringify([source, options])
  return `native ${text.length <= shortText ? text : hash('sha256', text)}`
}

function optionsOf(query: { readonly name: string; readonly options?: string | undefined }): GivenOptions {
  const found = optionsSchema.safeParse({ ...parsed(query.options ?? '{}'), name: query.name })
  if (found.success) return found.data
  throw refusedInput(faultsOf(['query', 'options'], found.error))
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // told below
  }
  throw wrong('query', 'options', 'not a JSON object')
}

function wrong(where: string, field: string, message: string): Refused {
  return new Refused('invalid_input', `${field}: ${message}`, { faults: [{ where: [where, field], message, kind: 'invalid' }] })
}

const archiveTypes = /^application\/(x-tar|tar|gzip|x-gzip|x-gtar|octet-stream)\s*(;|$)/i

function bodyOf(request: Request, max: number): AsyncIterable<Uint8Array> {
  const type = request.headers.get('content-type') ?? ''
  if (!archiveTypes.test(type)) throw new Refused('unsupported_media_type', 'The body has to be application/x-tar or application/gzip.')
  return bytesOf(request, max)
}

/** For a reader as of `lentBody`. What is told to be too large is not read. Throws `payload_too_large`, `body_consumed`. */
export function bytesOf(request: Request, max: number): AsyncIterable<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > max)
    throw new Refused('payload_too_large', `The upload has more than ${max} bytes.`)
  return lentBody(request) ?? (async function* (): AsyncGenerator<Uint8Array> {})()
}

type Answer = (key: string | undefined) => Promise<Response>

/** One request at a time for an idempotency key; which requests are the same is the store's to say. */
function inFlight(): (call: Pick<Call, 'request' | 'caller'>, answer: Answer) => Promise<Response> {
  const open = new Set<string>()
  return async ({ request, caller }, answer) => {
    const key = request.headers.get('idempotency-key') ?? undefined
    if (key === undefined) return answer(undefined)
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw wrong('header', 'Idempotency-Key', `"${shown(key)}" is not 1 to 255 printable characters`)
    const mine = JSON.stringify([caller.tenant, key])
    if (open.has(mine))
      throw new Refused('idempotency_in_flight', 'A request with this idempotency key is being answered.', { retryAfter: 1 })
    open.add(mine)
    return answer(key).finally(() => open.delete(mine))
  }
}
