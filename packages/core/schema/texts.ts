import { toJsonSchema } from '@valibot/to-json-schema'
import { configSchema } from '../src/plan/config-schema.ts'
import { planSchema } from '../src/plan/plan-schema.ts'

type JsonSchema = ReturnType<typeof toJsonSchema>

/** The published schema of `kiln.json`. */
export function configSchemaText(): string {
  return text('config', 'Kiln configuration: wishes over what is detected', toJsonSchema(configSchema, { errorMode: 'throw' }))
}

/** The published schema of a Plan as Kiln writes it: with every field. Fed back, those that may be null may be absent. */
export function planSchemaText(): string {
  const schema = toJsonSchema(planSchema, { errorMode: 'throw' })
  return text('plan', 'Kiln plan: how to build and start a source', { ...schema, required: Object.keys(schema.properties ?? {}) })
}

function text(name: string, title: string, { $schema, ...rest }: JsonSchema): string {
  const id = `urn:kiln:schema:${name}`
  return `${JSON.stringify({ $schema, $id: id, title, ...rest }, null, 2)}\n`
}
