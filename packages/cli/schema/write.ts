import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchemaText } from './json-schema.ts'

writeFileSync(join(import.meta.dirname, 'cli.schema.json'), jsonSchemaText())
