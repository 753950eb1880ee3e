import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '../../src/infer')
const page = readFileSync(join(import.meta.dirname, '../../../../docs/detection/inference.md'), 'utf8')
const code = readdirSync(source)
  .filter((file) => /^(?:python|gather).*\.ts$/.test(file))
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n')

test("docs/detection/inference.md has every rule and notice of Python's inference", () => {
  const rules = [...new Set(Array.from(code.matchAll(/'(python\.(?:import|indirect|declared)\.[a-z-]+)'/g), (match) => match[1]!))]
  const notices = [...new Set(Array.from(code.matchAll(/\bcode: '([a-z]+(?:_[a-z]+)+)'/g), (match) => match[1]!))]
  expect(rules.length).toBeGreaterThan(10)
  const missing = [...rules, 'python.declared.script-block', 'python.declared.pip-line', 'python.import.unknown', ...notices].filter(
    (name) => !page.includes(`\`${name}\``) && name !== 'file_not_inferred',
  )
  expect(missing).toEqual([])
})
