import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { frameworkNames, frameworksOf } from '../../src/detect/framework-names.ts'
import { pythonFrameworks } from '../../src/detect/python/framework-names.ts'

const source = fileURLToPath(new URL('../../src/detect/', import.meta.url))
const text = (path: string): string => readFileSync(source + path, 'utf8')

test('every name of Python is given by a rule', () => {
  const rules = readdirSync(`${source}python`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'framework-names.ts')
    .map((path) => text(`python/${path}`))
    .join('\n')
  // a key of a table may stand there without quotes
  expect(pythonFrameworks.filter((name) => !rules.includes(`'${name}'`) && !rules.includes(`  ${name}: (`))).toEqual([])
})

test('what Bun names can be chosen', () => {
  const names = /^const frameworks = \[(.*)\]$/m
    .exec(text('bun.ts'))![1]!
    .split(', ')
    .map((name) => name.slice(1, -1))
  expect(names.length).toBeGreaterThan(3)
  expect(names.filter((name) => !frameworksOf.javascript.includes(name))).toEqual([])
})

test('of all languages, each once', () => {
  expect(frameworkNames).toEqual(expect.arrayContaining(['fastapi', 'langgraph', 'streamlit', 'next', 'nest', 'vite', 'express', 'gin']))
  expect(new Set(frameworkNames).size).toBe(frameworkNames.length)
})
