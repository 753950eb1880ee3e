import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codes } from '../../src/failure/codes.ts'

const text = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')
const sections = new Map(text.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')).trim(), section]))

test('every code has a section with class, cause and remedy', () => {
  for (const [code, { class: kind, retryable }] of Object.entries(codes)) {
    const section = sections.get(code)
    expect(section, `docs/errors.md has no "## ${code}"`).toBeDefined()
    expect(section, code).toContain(`- Class: \`${kind}\`, ${retryable ? 'may succeed later without a change' : 'not retryable'}\n`)
    expect(section, code).toMatch(/^- Cause: .+\.$/m)
    expect(section, code).toMatch(/^- Remedy: .+\.$/m)
  }
})

test('every section is a code that there is', () => {
  const documented = [...sections.keys()].filter((name) => /^[a-z_]+$/.test(name))
  expect(documented.filter((name) => !Object.hasOwn(codes, name))).toEqual([])
  expect(documented.length).toBe(Object.keys(codes).length)
})

test('every class has its exit code', () => {
  const classes = new Set(Object.values(codes).map((facts) => facts.class))
  for (const kind of classes) expect(text).toMatch(new RegExp(`^\\|[^|]*\`${kind}\`[^|]*\\|[^|]+\\| \\d \\|$`, 'm'))
})
