import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { codes } from '../../src/failure/codes.ts'

const source = fileURLToPath(new URL('../../src/', import.meta.url))
const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url))
const pages = [
  'detection.md',
  ...(existsSync(`${docs}detection`) ? readdirSync(`${docs}detection`).map((name) => `detection/${name}`) : []),
]
const page = pages.map((name) => readFileSync(docs + name, 'utf8')).join('\n')
const text = ['detect', 'plan']
  .flatMap((stage) => readdirSync(source + stage, { recursive: true, encoding: 'utf8' }).map((path) => `${source}${stage}/${path}`))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n')

const found = (pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))].toSorted()

test('docs/detection.md and its pages have every notice', () => {
  const notices = found(/\bcode: '([a-z]+(?:_[a-z]+)+)'/g).filter((code) => !(code in codes))
  expect(notices.length).toBeGreaterThan(15)
  expect(notices.filter((notice) => !page.includes(`\`${notice}\``))).toEqual([])
})

test('docs/detection.md and its pages have every rule about values', () => {
  const rules = found(
    /\brule: '((?:python|node|go|deno|bun|static)\.(?:version|manager|installer|start|port|build|server|framework|runner|cgo|root)\.[a-z.-]+|port\.default|install\.inferred|system\.package)'/g,
  )
  expect(rules.length).toBeGreaterThan(25)
  const internal = new Set(['python.manager.other', 'node.manager.other', 'go.start.main'])
  expect(rules.filter((rule) => !internal.has(rule) && !page.includes(`\`${rule}\``))).toEqual([])
})
