import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { builtinModules } from 'node:module'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { knownNpm, knownPypi, normalised } from '../../src/infer/known.ts'
import { nearNames } from '../../src/infer/near.ts'
import { companionsOf, resolvePython } from '../../src/infer/python-packages.ts'
import { pythonTables } from '../../src/infer/python-tables.ts'
import { decodeFronted, encodeFronted } from '../../src/infer/tables/fronted.ts'
import { nodeBuiltins } from '../../src/infer/tables/node-builtins.ts'

test('all tables of the package together stay small', () => {
  const directory = join(import.meta.dirname, '../../src/infer/tables')
  const sizes = readdirSync(directory).map((file) => gzipSync(readFileSync(join(directory, file)), { level: 9 }).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40 * 1024)
})

test('front coding gives back what it was given', () => {
  const entry = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019-_. @/[]<>=,+')), minLength: 1, maxLength: 90 })
  fc.assert(
    fc.property(fc.uniqueArray(entry, { minLength: 1 }), (entries) => {
      const sorted = entries.toSorted((a, b) => (a < b ? -1 : 1))
      expect(decodeFronted(encodeFronted(sorted))).toEqual(sorted)
    }),
    { numRuns: 500 },
  )
})

test('names are sorted, unique and written as their registry writes them', () => {
  for (const names of [knownPypi().all, knownNpm().all]) expect(names).toEqual([...new Set(names)].sort((a, b) => (a < b ? -1 : 1)))
  expect(knownPypi().all.filter((name) => normalised(name) !== name)).toEqual([])
  expect(knownNpm().all.filter((name) => !/^(?:@[a-z0-9-][\w.-]*\/)?[a-z0-9][\w.-]*$/i.test(name))).toEqual([])
})

const requirement = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\[[a-z0-9,-]+\])?(?:(?:[<>]=?|==)[\d.]+)?$/

test('every row of the import table gives a package, or nothing on purpose', () => {
  for (const [module, says] of pythonTables().providers) {
    if (says === '-') expect(resolvePython(module), module).toBeUndefined()
    else expect(says, module).toMatch(requirement)
  }
})

test('every row of what code needs besides gives packages, and its own package is known', () => {
  for (const [module, says] of pythonTables().companions) {
    for (const one of says.split(' ')) expect(one, module).toMatch(/^\[/.test(one) ? /^\[[a-z0-9-]*\]$/ : requirement)
    expect(companionsOf(module).length, module).toBe(says.split(' ').length)
  }
})

test('names on the index that belong to somebody else are on no list', () => {
  const squats = [
    'agents',
    'attr',
    'azure',
    'bs4',
    'crypto',
    'discord',
    'docx',
    'dotenv',
    'fitz',
    'google',
    'jwt',
    'kafka',
    'serial',
    'sklearn',
    'slack',
    'telegram',
    'whisper',
  ]
  expect(squats.filter((name) => knownPypi().has(name))).toEqual([])
})

test('the builtin modules are those of Node', () => {
  const ours = [...nodeBuiltins].filter((name) => !builtinModules.includes(name))
  const theirs = builtinModules.filter((name) => !/^[_]|^node:|^internal/.test(name) && !nodeBuiltins.has(name))
  expect(ours).toEqual([])
  expect(theirs).toEqual([])
})

test('near names are slips and parts, at most three', () => {
  expect(nearNames('reqeusts', ['requests', 'flask', 'request'])).toEqual(['requests', 'request'])
  expect(nearNames('opentelemetri', ['opentelemetry-api', 'opentelemetry-sdk'])).toEqual([])
  expect(nearNames('weaviate', ['weaviate-client', 'weaviate-agents', 'weaviate-x', 'weaviate-y'])).toHaveLength(3)
  expect(nearNames('zq', ['zmq'])).toEqual([])
  expect(nearNames('abc', ['abc-tools'])).toEqual([])
})
