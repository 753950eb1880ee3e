import { dereference, validate } from '@readme/openapi-parser'
import { createEngine } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHandler, native, pipecat, route, runagents, scale, type Api } from '../../src/index.ts'
import { documentOf } from '../../src/openapi/document.ts'

const pet = z.object({ id: z.string(), age: z.number().default(3), tag: z.string().nullable() }).meta({ id: 'Pet' })

const litter = z.object({ pets: z.array(pet) }).meta({ id: 'Litter' })

const api: Api = {
  name: 'pets',
  title: 'Pets',
  version: '1',
  prefixes: ['/p/{owner}', '/p'],
  refuse: ({ code }) =>
    Response.json({ code }, { status: { unauthorized: 401, forbidden: 403, not_found: 404, internal: 500 }[code as string] ?? 400 }),
  security: { bearer: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
  errorSchema: z.object({ code: z.string() }).meta({ id: 'Trouble' }),
  routes: [
    route({
      method: 'POST',
      path: '/pets',
      operationId: 'addPet',
      summary: 'Add',
      scope: 'build',
      query: z.object({ limit: z.coerce.number().int().min(1).max(10).optional().describe('how many'), kind: z.enum(['cat', 'dog']) }),
      body: { kind: 'json', schema: litter },
      answers: { 201: { description: 'Added', schema: litter } },
      refusals: [409],
      handle: async () => Response.json({}),
    }),
    route({
      method: 'GET',
      path: '/pets/{id}',
      operationId: 'pet',
      summary: 'One',
      scope: 'open',
      params: z.object({ id: z.uuid() }),
      answers: { 200: { description: 'It', schema: z.object({ mine: pet, maybe: pet.nullable() }) }, 204: { description: 'Nothing' } },
      handle: async () => Response.json({}),
    }),
    route({
      method: 'POST',
      path: '/pets/{id}/photo',
      operationId: 'photo',
      summary: 'Photo',
      scope: 'build',
      body: { kind: 'raw', type: 'multipart/form-data', schema: z.object({ photo: z.file(), title: z.string().optional() }) },
      answers: { 200: { description: 'Log', type: 'text/event-stream', schema: z.string() } },
      handle: async () => Response.json({}),
    }),
  ],
}

// oxlint-disable-next-line typescript/no-explicit-any -- a document is read at any depth
type Doc = Record<string, any>
const doc = documentOf(api, 'https://kiln.example/base') as Doc

test('is a valid document', async () => {
  expect(await validate(structuredClone(doc) as never)).toMatchObject({ valid: true })
  expect(doc.servers).toEqual([{ url: 'https://kiln.example/base' }])
  expect(doc.security).toEqual([{ bearer: [] }, { key: [] }])
  expect(Object.keys(doc.paths)).toEqual(['/p/{owner}/pets', '/p/{owner}/pets/{id}', '/p/{owner}/pets/{id}/photo'])
})

test('parameters are those of path, prefix and query', () => {
  expect(doc.paths['/p/{owner}/pets'].post.parameters).toEqual([
    { name: 'owner', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'limit', in: 'query', required: false, description: 'how many', schema: { type: 'integer', minimum: 1, maximum: 10 } },
    { name: 'kind', in: 'query', required: true, schema: { type: 'string', enum: ['cat', 'dog'] } },
  ])
  expect(doc.paths['/p/{owner}/pets/{id}'].get.parameters[1].schema).toMatchObject({ type: 'string', format: 'uuid' })
})

test('a schema with an id stands once, and twice where it is read in another form', async () => {
  const { post } = doc.paths['/p/{owner}/pets']
  expect(Object.keys(doc.components.schemas).sort()).toEqual(['Litter', 'LitterInput', 'Pet', 'PetInput', 'Trouble'])
  const [read, written] = [
    post.requestBody.content['application/json'].schema.$ref,
    post.responses[201].content['application/json'].schema.$ref,
  ]
  expect([read, written]).toEqual(['#/components/schemas/LitterInput', '#/components/schemas/Litter'])
  const whole = (await dereference(structuredClone(doc) as never)) as Doc
  const { post: full } = whole.paths['/p/{owner}/pets']
  expect(full.requestBody).toMatchObject({ required: true })
  expect(full.requestBody.content['application/json'].schema.properties.pets.items.required).toEqual(['id', 'tag'])
  expect(full.responses[201].content['application/json'].schema.properties.pets.items.required).toEqual(['id', 'age', 'tag'])
})

test('what every route can be refused with, as the API gives it', () => {
  const { post } = doc.paths['/p/{owner}/pets']
  expect(Object.keys(post.responses)).toEqual(['201', '400', '401', '403', '409', '500'])
  expect(post.responses[400].description).toContain('invalid_json')
  expect(post.responses[401].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Trouble' })
  const { get } = doc.paths['/p/{owner}/pets/{id}']
  expect(get.security).toEqual([])
  expect(Object.keys(get.responses)).toEqual(['200', '204', '400', '404', '500'])
  expect(get.responses[204].content).toBeUndefined()
})

test('forms and streams have their own type', () => {
  const { post } = doc.paths['/p/{owner}/pets/{id}/photo']
  expect(post.requestBody.content['multipart/form-data'].schema.properties.photo).toEqual({ type: 'string', format: 'binary' })
  expect(post.responses[200].content).toEqual({ 'text/event-stream': { schema: { type: 'string' } } })
})

describe('the APIs of the server', () => {
  test.each([
    ['native', native],
    ['runagents', runagents],
    ['scale', scale],
    ['pipecat', pipecat],
  ] as const)('%s is served and valid', async (name, make) => {
    await using engine = createEngine({ drivers: [fakeDriver()], worker: false })
    await using handler = createHandler({
      engine,
      apis: [make],
      authenticate: async () => undefined,
      publicUrl: 'http://kiln',
      basePath: '/base',
    })
    const answer = await handler(new Request(`http://kiln/base/openapi/${name}.json`))
    expect(answer.status).toBe(200)
    const served = (await answer.json()) as Doc
    expect(served.servers).toEqual([{ url: 'http://kiln/base' }])
    expect(served.info.description).toMatch(/^.{40,}\.$/)
    expect(await validate(served as never)).toMatchObject({ valid: true })
    const ids = Object.values(served.paths).flatMap((path) => Object.values(path as Doc).map(({ operationId }) => operationId as string))
    expect(new Set(ids).size).toBe(ids.length)
  })
})
