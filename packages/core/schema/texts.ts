import { toJsonSchema } from '@valibot/to-json-schema'
import { configSchema } from '../src/plan/config-schema.ts'
import { planSchema } from '../src/plan/plan-schema.ts'

/** The published schema of `kiln.json`. */
export function configSchemaText(): string {
  return text('config', 'Kiln configuration: wishes over what is detected', configSchema)
}

/** The published schema of a Plan. */
export function planSchemaText(): string {
  return text('plan', 'Kiln plan: how to build and start a source', planSchema)
}

function text(name: string, title: string, schema: Parameters<typeof toJsonSchema>[0]): string {
  const { $schema, ...rest } = toJsonSchema(schema, { errorMode: 'throw' })
  const id = `urn:kiln:schema:${name}`
  return `${JSON.stringify({ $schema, $id: id, title, ...rest }, null, 2)}\n`
}
