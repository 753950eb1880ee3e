import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { frameworkNames, frameworksOf } from '../../src/detect/framework-names.ts'
import { builtFrameworks } from '../../src/detect/node/framework-names.ts'
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

test('every name of Node that is no package has rules', () => {
  const rules = readdirSync(`${source}node/frameworks`)
    .map((path) => text(`node/frameworks/${path}`))
    .join('\n')
  expect(builtFrameworks.filter((name) => !rules.includes(`'${name}'`))).toEqual([])
})

test('whoever checks a Config loads no detectors for the names', () => {
  const loaded = (path: string): string[] =>
    [...text(path).matchAll(/^import (?!type )[^]*?from '(.+)'$/gm)].flatMap((found) => {
      const one = new URL(found[1]!, `file:///${path}`).pathname.slice(1)
      return [one, ...loaded(one)]
    })
  expect(loaded('framework-names.ts').sort()).toEqual(['go/framework-names.ts', 'node/framework-names.ts', 'python/framework-names.ts'])
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
