import { z } from 'zod'

type Schema = Readonly<Record<string, unknown>>

/** The schemas of a document: those with an id stand once, below `components`. */
export interface Components {
  /** a schema as it is read from a request, or written into an answer */
  schema(of: z.ZodType, io: 'input' | 'output'): Schema
  readonly schemas: Readonly<Record<string, Schema>>
}

export function createComponents(): Components {
  const schemas: Record<string, Schema> = {}
  return {
    schemas,
    schema(of, io) {
      const { definitions, ...root } = z.toJSONSchema(of, { target: 'openapi-3.0', io, unrepresentable: 'any' }) as Schema
      const found = Object.entries((definitions ?? {}) as Record<string, Schema>)
      const names = namesFor(found, schemas)
      for (const [id, schema] of found) schemas[names.get(id)!] = tidied(schema, names)
      return tidied(root, names)
    },
  }
}

/** The id, or with `Input` behind it where the same id is read in another form than it is written, itself or in what it refers to. */
function namesFor(found: readonly (readonly [string, Schema])[], schemas: Readonly<Record<string, Schema>>): ReadonlyMap<string, string> {
  const names = new Map(found.map(([id]) => [id, id]))
  for (let changed = true; changed;) {
    changed = false
    for (const [id, schema] of found) {
      if (names.get(id) !== id || schemas[id] === undefined) continue
      if (JSON.stringify(schemas[id]) === JSON.stringify(tidied(schema, names))) continue
      names.set(id, `${id}Input`)
      changed = true
    }
  }
  return names
}

/** OpenAPI 3.0 has one `example`, no `contentEncoding`; answers may gain fields, so that they are not closed. */
function tidied(schema: Schema, names: ReadonlyMap<string, string>): Schema {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).flatMap(([key, inner]): (readonly [string, unknown])[] => {
      if (key === '$ref' && typeof inner === 'string')
        return [[key, `#/components/schemas/${names.get(inner.slice('#/definitions/'.length))}`]]
      if (key === 'examples' && Array.isArray(inner)) return [['example', inner[0]]]
      if (key === 'contentEncoding' || key === '$schema' || (key === 'additionalProperties' && inner === false)) return []
      return [[key, key === 'properties' ? properties(inner as Schema, walk) : walk(inner)]]
    })
    return Object.fromEntries(entries)
  }
  return walk(schema) as Schema
}

/** A property may be called as a keyword is. */
function properties(all: Schema, walk: (value: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(all).map(([name, schema]) => [name, walk(schema)]))
}
