import { describe, expect, test } from 'vitest'
import { requirementsText } from '../../src/plan/requirements-text.ts'
import { requirements } from '../../src/plan/requirements.ts'
import { files } from '../../src/source/files.ts'
import type { Tree } from './planning.ts'

async function textOf(tree: Tree): Promise<string> {
  await using source = await files({ ...tree })
  return requirementsText(requirements(source))
}

describe('a requirements file', () => {
  test('of the imports: which, where and how sure; what is unknown is a comment with near names', async () => {
    expect(await textOf({ 'main.py': 'import requests\nimport yaml\n\nimport reqeusts\n' })).toBe(
      `pyyaml    # import yaml (main.py:2), grade A
requests  # import requests (main.py:1), grade A
# unknown: import reqeusts (main.py:4): nothing is written for it; similar: requests
`,
    )
  })

  test('has what is declared, with its version, also where nothing imports it', async () => {
    const tree = { 'main.py': 'import yaml\nimport requests\n', 'requirements.txt': 'requests>=2.30\ngunicorn==22.0\n' }
    expect(await textOf(tree)).toBe(
      `gunicorn==22.0  # no import of it found; declared (requirements.txt:2)
pyyaml          # import yaml (main.py:1), grade A
requests>=2.30  # import requests (main.py:2), grade A; declared (requirements.txt:1)
`,
    )
  })

  test('names a package once where it is declared in another build', async () => {
    const text = await textOf({ 'main.py': 'import psycopg2\n', 'requirements.txt': 'psycopg2==2.9\n' })
    expect(text).toMatch(/^psycopg2==2\.9 {2}# import psycopg2 [^\n]*\n$/)
  })

  test('an import of what is declared under its own name is known, on a list or not', async () => {
    const text = await textOf({ 'main.py': 'import our_glossary\n', 'requirements.txt': 'our-glossary==1.0\n' })
    expect(text).toBe('our-glossary==1.0  # import our_glossary (main.py:1); declared (requirements.txt:1)\n')
  })

  test('of a library without a program', async () => {
    expect(await textOf({ 'src/lib/__init__.py': 'import httpx\n', 'src/lib/other.py': 'def f(): pass\n' })).toContain(
      'httpx  # import httpx',
    )
  })

  test('a name of the source never makes a line of its own', async () => {
    const text = await textOf({ 'server.js': 'import x from \'express\'\nimport \'no-such\u2028    "evil": "1",\'\nx().listen(1)\n' })
    expect(text).not.toContain('\u2028')
    expect(JSON.parse(text.replaceAll(/^ *\/\/.*$/gm, ''))).toEqual({ dependencies: { express: expect.any(String) as unknown } })
  })
})

test('whatever is said of a package stays on its line', () => {
  const evidence = { rule: 'r', says: 's', file: 'a\nevil==1' }
  const inferred = { grade: 'A', imports: ['a\nevil==2'], evidence } as const
  const one = { name: 'x', extras: [], specifier: '==1 ; marker\nevil==3', group: 'default', inferred, declared: { evidence } }
  const found = { ecosystem: 'pypi', language: 'python', unit: '.', packages: [one], unresolved: [], notices: [] } as const
  expect(requirementsText(found).trimEnd().split('\n')).toHaveLength(1)
  expect(requirementsText({ ...found, ecosystem: 'npm' })).not.toMatch(/^\W*evil/m)
})

describe('the part of a package.json', () => {
  test('with a comment for each', async () => {
    const tree = { 'server.ts': "import express from 'express'\nimport x from 'expresss-sesion'\nexpress().listen(1)\n" }
    expect(await textOf(tree)).toMatch(
      /^\{\n {2}"dependencies": \{\n {4}\/\/ import express \(server\.ts:1\), grade \w\n {4}"express": "[^"]+",?\n/,
    )
    expect(await textOf(tree)).toMatch(/\n {4}\/\/ unknown: import expresss-sesion \(server\.ts:2\): nothing is written for it/)
  })

  test('is JSON once its comments are taken away', async () => {
    const text = await textOf({ 'package.json': '{"main":"a.js","dependencies":{"zod":"^4"}}', 'a.js': "require('express')" })
    expect(JSON.parse(text.replaceAll(/^ *\/\/.*$/gm, ''))).toMatchObject({
      dependencies: { zod: '^4', express: expect.any(String) as unknown },
    })
  })
})

test('two languages without a program: the language has to be said', async () => {
  await using source = await files({ 'a/x.py': 'def f(): pass\n', 'b/y.js': 'export const a = 1\n', 'a/z.py': '', 'b/w.js': '' })
  try {
    const found = requirements(source, { language: 'python' })
    expect(found.language).toBe('python')
  } catch (error) {
    expect.unreachable(String(error))
  }
})
