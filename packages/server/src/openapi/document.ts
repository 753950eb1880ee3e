import type { z } from 'zod'
import type { AnyRoute, Api } from '../api.ts'
import { createComponents, type Components } from './components.ts'
import { refusalsOf } from './refusals.ts'

type Json = Readonly<Record<string, unknown>>

/** The OpenAPI 3.0.3 document of an API, under its first prefix. */
export function documentOf(api: Api, publicUrl: string): Json {
  const components = createComponents()
  const prefix = api.prefixes[0] ?? ''
  // first, so that what is written has the plain names
  for (const route of api.routes) answers(route, components)
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of api.routes) {
    const place = (paths[prefix + route.path] ??= {})
    place[route.method.toLowerCase()] = operation(api, prefix + route.path, route, components)
  }
  return {
    openapi: '3.0.3',
    info: { title: api.title, version: api.version, ...(api.description !== undefined && { description: api.description }) },
    servers: [{ url: publicUrl }],
    security: Object.keys(api.security).map((name) => ({ [name]: [] })),
    paths,
    components: { securitySchemes: api.security, schemas: components.schemas },
  }
}

function operation(api: Api, path: string, route: AnyRoute, components: Components): Json {
  const parameters = [...parametersOf('path', path, route, components), ...parametersOf('query', path, route, components)]
  const body = requestBody(route, components)
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: [api.name],
    ...(route.scope === 'open' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: { ...answers(route, components), ...refusals(api, route, components) },
  }
}

/** Every name in a path is a parameter, also one that only its prefix has. */
function parametersOf(where: 'path' | 'query', path: string, route: AnyRoute, components: Components): readonly Json[] {
  const schema = where === 'path' ? route.params : route.query
  const { properties = {}, required = [] } = (schema ? flat(components.schema(schema, 'input'), components) : {}) as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  const names = where === 'path' ? [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!) : Object.keys(properties)
  return names.map((name) => {
    const { description, ...of } = properties[name] ?? { type: 'string' }
    return {
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      ...(description !== undefined && { description }),
      schema: of,
    }
  })
}

function flat(schema: Json, { schemas }: Components): Json {
  const ref = schema['$ref']
  return typeof ref === 'string' ? schemas[ref.slice('#/components/schemas/'.length)]! : schema
}

function requestBody({ body }: AnyRoute, components: Components): Json | undefined {
  if (!body) return undefined
  const type = body.kind === 'json' ? 'application/json' : body.type
  const required = !(body.schema as z.ZodType).safeParse(undefined).success
  return { required, content: { [type]: { schema: components.schema(body.schema, 'input') } } }
}

function answers(route: AnyRoute, components: Components): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema, type = 'application/json' }]) => [
      status,
      { description, ...(schema && { content: { [type]: { schema: components.schema(schema, 'output') } } }) },
    ]),
  )
}

function refusals(api: Api, route: AnyRoute, components: Components): Json {
  const schema = components.schema(api.errorSchema, 'output')
  return Object.fromEntries(
    [...refusalsOf(api, route)]
      .filter(([status]) => !(status in route.answers))
      .map(([status, description]) => [status, { description, content: { 'application/json': { schema } } }]),
  )
}
