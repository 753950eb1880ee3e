import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseDockerfile } from '../../src/dockerfile/parse.ts'
import { dialects } from '../../src/dockerfile/recipe.ts'
import { render } from '../../src/dockerfile/render.ts'
import type { Plan } from '../../src/plan/plan.ts'

// A golden Dockerfile for each example and dialect, from the golden plan beside the example. UPDATE_GOLDEN=1 writes them anew.

const agents = new URL('../../../../examples/agents/', import.meta.url)
const golden = new URL('./golden/', import.meta.url)
const planned = readdirSync(agents).filter((name) => existsSync(new URL(`${name}/plan.json`, agents)))

test('there are examples', () => {
  expect(planned.length).toBeGreaterThanOrEqual(7)
})

describe.each(planned)('%s', (name) => {
  const text = readFileSync(new URL(`${name}/plan.json`, agents), 'utf8')
  const value = JSON.parse(text) as Plan | { plan: Plan }
  const plan = 'plan' in value ? value.plan : value

  test.each(dialects)('%s', (dialect) => {
    const rendered = render(plan, dialect).text
    const file = new URL(`${name}/Dockerfile.${dialect}`, golden)
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(new URL(`${name}/`, golden), { recursive: true })
      writeFileSync(file, rendered)
    }
    expect(rendered).toBe(readFileSync(file, 'utf8'))
    expect(() => parseDockerfile(rendered)).not.toThrow()
  })
})
