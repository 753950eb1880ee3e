import { toJsonSchemaDefs } from '@valibot/to-json-schema'
import { outputs, shared } from './output.ts'

/** The text of cli.schema.json: a definition per command. `node --conditions=kiln-source packages/cli/schema/write.ts` writes it. */
export function jsonSchemaText(): string {
  const whole = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:kiln:schema:cli',
    title: 'What the kiln command prints with --json',
    description:
      'A definition per command. Any command prints "error" instead when it fails. Fields may be added; ignore those you do not know.',
    anyOf: Object.keys(outputs).map((command) => ({ $ref: `#/$defs/${command.replaceAll(' ', '%20')}` })),
    $defs: toJsonSchemaDefs({ ...shared, ...outputs }, { errorMode: 'ignore' }),
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}
