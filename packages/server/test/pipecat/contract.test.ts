import { describe, expect, test } from 'vitest'
import seed from './seed-openapi.json' with { type: 'json' }
import { project, tarGz, world } from './world.ts'

// the public document as the seed has it, as JSON
type Schema = Record<string, unknown>

const ours = await (async () => {
  await using kiln = world()
  return (await kiln.ask('GET http://localhost/openapi/pipecat.json')).json
})()

/** Everything that `theirs` says stands in `mine` too. What a request must have may be less; a list of names is a set. */
function lacks(theirs: unknown, mine: unknown, path = ''): readonly string[] {
  if (path.endsWith('/required') && Array.isArray(theirs) && Array.isArray(mine))
    return mine.filter((name) => !theirs.includes(name)).map((name) => `${path}: ${name}`)
  if (Array.isArray(theirs)) return theirs.flatMap((one) => (contains(mine, one) ? [] : [`${path}: ${JSON.stringify(one)}`]))
  if (typeof theirs !== 'object' || theirs === null)
    return theirs === mine ? [] : [`${path}: ${JSON.stringify(theirs)}, not ${JSON.stringify(mine)}`]
  if (typeof mine !== 'object' || mine === null) return [path]
  return Object.entries(theirs).flatMap(([key, value]) => lacks(value, (mine as Schema)[key], `${path}/${key}`))
}

function contains(mine: unknown, one: unknown): boolean {
  return Array.isArray(mine) && mine.some((other) => lacks(one, other).length === 0)
}

describe('the document', () => {
  test('has every schema of the public one, property by property', () => {
    expect(lacks(seed.components.schemas, ours.components.schemas)).toEqual([])
    expect(Object.keys(seed.components.schemas.Build.properties)).toHaveLength(16)
  })

  test('has its operations, under /v1', () => {
    const { security, ...post } = seed.paths['/builds'].post
    const mine = ours.paths['/v1/builds'].post
    expect(lacks(post, mine)).toEqual([])
    // said once for all operations
    expect(ours.security).toEqual(security)
    expect(mine.security).toBeUndefined()
  })

  test('has its way to authenticate', () => {
    expect(lacks(seed.components.securitySchemes, ours.components.securitySchemes)).toEqual([])
    expect(ours.openapi.split('.').slice(0, 2)).toEqual(seed.openapi.split('.').slice(0, 2))
  })

  test('lets a region be left out, as one client does', () => {
    expect(ours.components.schemas.CreateBuildRequest.required).toEqual(['uploadId'])
  })
})

describe('every answer', () => {
  /** The value by its schema; nothing beside it. */
  function check(schema: Schema, value: unknown, path: string): readonly string[] {
    if (typeof schema['$ref'] === 'string') return check(ours.components.schemas[schema['$ref'].split('/').at(-1)!], value, path)
    if (schema['type'] === 'array') return (value as unknown[]).flatMap((one, i) => check(schema['items'] as Schema, one, `${path}/${i}`))
    if (schema['type'] === 'object') {
      const properties = (schema['properties'] ?? {}) as Record<string, Schema>
      const missing = ((schema['required'] ?? []) as string[]).filter((name) => !Object.hasOwn(value as object, name))
      const inner = Object.entries(value as object).flatMap(([name, one]) => {
        const of = properties[name] ?? (schema['additionalProperties'] as Schema | undefined)
        return of ? check(of, one, `${path}/${name}`) : [`${path}/${name} is not described`]
      })
      return [...missing.map((name) => `${path}/${name} is missing`), ...inner]
    }
    const type = schema['type'] === 'integer' ? Number.isInteger(value) : typeof value === schema['type']
    const known = schema['enum'] === undefined || (schema['enum'] as unknown[]).includes(value)
    const time = schema['format'] !== 'date-time' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value as string)
    return type && known && time ? [] : [`${path}: ${JSON.stringify(value)}`]
  }

  test('is as the document says', async () => {
    await using kiln = world()
    const context = await tarGz(project)
    const { id } = (await kiln.built(context)).json.build
    const uploadId = await kiln.upload(context)
    const asked: [string, string, number, object?][] = [
      ['POST /builds/upload-url', '/builds/upload-url', 200, { region: 'us-west' }],
      ['POST /builds/upload-url', '/builds/upload-url', 400, { region: 'mars' }],
      ['POST /builds', '/builds', 200, { uploadId, region: 'us-west' }],
      ['POST /builds', '/builds', 201, { uploadId: await kiln.upload(await tarGz({ ...project, more: '' })) }],
      ['POST /builds', '/builds', 400, { uploadId: 'x', region: 'us-west' }],
      ['GET /builds?limit=1', '/builds', 200],
      ['GET /builds?limit=0', '/builds', 400],
      [`GET /builds/${id}`, '/builds/{id}', 200],
      [`GET /builds/${uploadId}`, '/builds/{id}', 404],
      ['GET /builds/x', '/builds/{id}', 400],
      [`GET /builds/${id}/logs?limit=1`, '/builds/{id}/logs', 200],
      ...['/organizations', '/users', '/properties', '/properties/schema', '/regions'].map((path): [string, string, number] => [
        `GET ${path}`,
        path,
        200,
      ]),
      ['GET /services/a', '/services/{name}', 404],
      ['POST /services', '/services', 400, {}],
      ['POST /agents/a', '/agents/{name}', 400, {}],
    ]
    for (const [what, path, status, json] of asked) {
      const answer = await kiln.ask(what, json && { json })
      expect([what, answer.status]).toEqual([what, status])
      const { content } = ours.paths[`/v1${path}`][what.split(' ')[0]!.toLowerCase()].responses[status]
      expect(check(content['application/json'].schema, answer.json, what)).toEqual([])
    }
  })
})
