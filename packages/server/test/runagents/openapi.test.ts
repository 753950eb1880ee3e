// oxlint-disable vitest/expect-expect -- expectDocumented expects
import { Ajv } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agent, pip, seed, world, type Answer, type World } from './world.ts'

// Every answer is held against the document that the server gives out.

interface Operation {
  readonly operationId: string
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let its: World
let document: Document
let ajv: Ajv

beforeAll(async () => {
  its = world({ build: pip! })
  document = (await its.ask('GET', '/openapi/runagents.json')).json as Document
  ajv = new Ajv({ strict: false, allErrors: true, formats: fullFormats })
  ajv.addSchema(document, 'api')
})
afterAll(() => its[Symbol.asyncDispose]())

function expectDocumented(method: string, path: string, answer: Answer): void {
  const operation = document.paths[path]?.[method.toLowerCase()]
  const response = operation?.responses[answer.status]
  expect(response, `${method} ${path} ${answer.status} is in the document`).toBeDefined()
  const schema = response!.content!['application/json']!.schema
  const rooted = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object
  expect(ajv.validate(rooted, answer.json), JSON.stringify(ajv.errors)).toBe(true)
}

test('the operations, and the fields of a build', () => {
  expect(document.openapi).toBe('3.0.3')
  expect(
    Object.entries(document.paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
      .sort(),
  ).toEqual([
    'get /api/v1/analysis/{id}',
    'get /api/v1/builds/{id}',
    'post /api/v1/analyze',
    'post /api/v1/builds',
    'post /api/v1/requirements',
  ])
  expect(document.components.schemas['Build']).toMatchObject({
    required: ['id', 'status', 'image', 'created_at'],
    properties: {
      status: { enum: ['PENDING', 'BUILDING', 'SUCCEEDED', 'FAILED'] },
      error: { type: 'string' },
      completed_at: { type: 'string' },
    },
  })
  expect(document.components.schemas['BuildInput']).toMatchObject({
    required: ['name', 'files'],
    properties: { files: { type: 'object', additionalProperties: { type: 'string' } }, entry_point: {}, requirements: {}, framework: {} },
  })
})

test.each([
  [seed, 202],
  [{ ...seed, requirements: 'flask', framework: 'nobody-knows' }, 202],
  [{ ...seed, files: { ...seed.files, 'requirements.txt': 'nonexistent-package' } }, 202],
  [{ ...seed, name: 'A' }, 400],
  [{ ...seed, entry_point: 'x' }, 400],
  [{ name: 'a', files: { 'a.txt': '' } }, 400],
  [[], 400],
])('POST /builds %#', async (json, status) => {
  const answer = await its.ask('POST', '/api/v1/builds', { json })
  expect(answer.status).toBe(status)
  expectDocumented('POST', '/api/v1/builds', answer)
  if (status !== 202) return
  expectDocumented('GET', '/api/v1/builds/{id}', await its.ask('GET', `/api/v1/builds/${answer.json.id}`))
  await its.ended(answer.json.id)
  expectDocumented('GET', '/api/v1/builds/{id}', await its.ask('GET', `/api/v1/builds/${answer.json.id}`))
})

test('refusals of the frame', async () => {
  const path = '/api/v1/builds'
  expectDocumented('POST', path, await its.ask('POST', path, { json: seed, as: 'A B' }))
  expectDocumented('POST', path, await its.ask('POST', path, { json: seed, as: 'acme:read' }))
  expectDocumented('POST', path, await its.ask('POST', path, { json: seed, headers: { 'x-workspace-namespace': 'other' } }))
  expectDocumented('POST', path, await its.ask('POST', path, { body: 'x', headers: { 'content-type': 'text/plain' } }))
  expectDocumented('POST', path, await its.ask('POST', path, { json: { name: 'a', files: { a: 'a'.repeat(11 * 2 ** 20) } } }))
  expectDocumented('GET', '/api/v1/builds/{id}', await its.ask('GET', `${path}/x`))
})

test('analyses', async () => {
  const made = await its.ask('POST', '/api/v1/analyze', { json: { files: { 'agent.py': agent } } })
  expectDocumented('POST', '/api/v1/analyze', made)
  expectDocumented('GET', '/api/v1/analysis/{id}', await its.ask('GET', `/api/v1/analysis/${made.json.id}`))
  expectDocumented('GET', '/api/v1/analysis/{id}', await its.ask('GET', '/api/v1/analysis/x'))
  for (const files of [{ 'agent.py': agent }, { 'a.txt': 'x' }, {}])
    expectDocumented('POST', '/api/v1/requirements', await its.ask('POST', '/api/v1/requirements', { json: { files } }))
})
