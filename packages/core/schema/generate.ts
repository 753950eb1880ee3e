// Writes the published JSON schemas. Run: node --conditions=kiln-source packages/core/schema/generate.ts
import { writeFileSync } from 'node:fs'
import { configSchemaText, planSchemaText } from './texts.ts'

writeFileSync(new URL('config.schema.json', import.meta.url), configSchemaText())
writeFileSync(new URL('plan.schema.json', import.meta.url), planSchemaText())
