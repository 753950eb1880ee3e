import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes } from '../src/exit-codes.ts'
import { jsonSchemaText } from '../schema/json-schema.ts'

test('the published schema is the one of the source', () => {
  expect(readFileSync(join(import.meta.dirname, '../schema/cli.schema.json'), 'utf8')).toBe(jsonSchemaText())
})

test('docs/cli.md has every exit code as the command has it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
  for (const { code, means } of exitCodes) expect(page).toContain(`| ${code} | ${means} |`)
})
