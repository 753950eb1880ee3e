import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inferJavaScript } from '../../src/infer/javascript.ts'
import { lexJavaScript, scanJavaScript } from '../../src/infer/javascript-lexer.ts'
import { parseProgram, walkImports } from '../../src/infer/javascript-syntax.ts'
import { sourceOf } from './sources.ts'

/** Specifiers in order, `?` when the program runs without them. */
function imports(text: string, file = 'a.ts'): string[] {
  return lexJavaScript(text, file).map(({ module, optional }) => module + (optional ? '?' : ''))
}

describe('imports', () => {
  test.each<[string, string, string, string[]]>([
    ['static', 'a.ts', `import a from 'a'\nimport * as b from "b"\nimport { c } from 'c'\nimport 'd'\n`, ['a', 'b', 'c', 'd']],
    ['exports', 'a.ts', `export * from 'a'\nexport { b } from 'b'\nexport type { C } from 'c'\n`, ['a', 'b', 'c?']],
    ['types only', 'a.ts', `import type { A } from 'a'\nimport { type B } from 'b'\nimport { type C, d } from 'c'\n`, ['a?', 'b?', 'c']],
    ['dynamic', 'a.ts', 'await import("a"); import(`b`); import(`./${c}`); import(d)\n', ['a', 'b']],
    [
      'text that is no import',
      'a.ts',
      `// import 'a'\n/* import 'b' */\nconst s = "import 'c'", t = \`import 'd'\`, r = /import 'e'/\nimport 'f'\n`,
      ['f'],
    ],
    ['JSX', 'a.tsx', `import a from 'a'\nexport default () => <p>it's {"import 'b'"}</p>\nimport c from 'c'\n`, ['a', 'c']],
    ['JSX in .js', 'a.js', `import a from 'a'\nconst p = <p>don't</p>\nimport c from 'c'\n`, ['a', 'c']],
    ['require', 'a.cjs', `const a = require('a'); require.resolve("b"); x.require('c'); require(d)\n`, ['a', 'b']],
    ['require in a try', 'a.cjs', `try { require('a') } catch {}\ntry { require('b') } finally {}\n`, ['a?', 'b']],
    ['require in text', 'a.ts', `import 'a'\nconst s = "require('b')" // require('c')\n`, ['a']],
    ['createRequire', 'a.mjs', `import { createRequire } from 'node:module'\ncreateRequire(import.meta.url)('a')\n`, ['node:module', 'a']],
    ['import = require', 'a.ts', `import a = require('a')\nimport type b = require('b')\n`, ['a', 'b?']],
    ['import types', 'a.ts', `let a: typeof import('a')\nconst b: import('b').B = require('c')\n`, ['a?', 'b?', 'c']],
    ['broken', 'a.ts', `import a from 'a'\nconst = ;\n`, ['a']],
  ])('%s', (_, file, text, expected) => expect(imports(text, file)).toEqual(expected))

  test('lines', () => expect(lexJavaScript(`\n\nimport 'a'\nimport('b')`, 'a.ts').map(({ line }) => line)).toEqual([3, 4]))

  test.each<[string, string]>([
    ['a file nobody can read', 'import {{{ from <<<'],
    ['deep nesting', '['.repeat(200_000)],
    ['deep JSX', '<a>'.repeat(20_000)],
    ['nothing', ''],
  ])('%s has none, and does no harm', (_, text) => {
    for (const file of ['a.ts', 'a.tsx', 'a.cjs']) expect(lexJavaScript(text, file)).toEqual([])
  })
})

// es-module-lexer against Babel's whole tree, on files that neither JSX nor require sends to Babel in the first place.
test('finds what Babel finds', () => {
  const packages = ['vitest', 'fast-check', 'typescript', 'valibot', '@lezer/python', 'tsup', '@types/node', 'es-module-lexer', 'knip']
  const top = join(import.meta.dirname, '../../../..')
  const roots = [
    ...packages.map((name) => join(top, 'node_modules', name)),
    join(top, 'packages/core/src'),
    join(top, 'packages/core/test'),
  ]
  const files = roots.flatMap((root) =>
    globSync('**/*.{js,mjs,ts,mts}', { cwd: root })
      .slice(0, 60)
      .map((file) => join(root, file)),
  )
  let compared = 0
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    // Declarations have modules inside modules; they are never inferred from.
    if (/\.d\.[cm]?ts$/.test(file) || text.includes('equire') || text.length > 200_000) continue
    const program = parseProgram(text, file)!
    const truth = walkImports(program, file).filter((one) => !one.optional)
    const ours = lexJavaScript(text, file).filter((one) => !one.optional)
    expect(ours.map(key).sort(), file).toEqual(truth.map(key).sort())
    compared++
  }
  expect(compared).toBeGreaterThan(60)
})

function key({ module, line }: { module: string; line: number }): string {
  return `${line} ${module}`
}

describe('what starts the program', () => {
  test('creations, listening and exports', () => {
    const scan = scanJavaScript(
      [
        `import express from 'express'`,
        `const PORT = Number(process.env.PORT ?? 3000)`,
        `const app = express()`,
        `const api = new Hono().basePath('/x').get('/', (c) => c.text('x'))`,
        `const fast = await Fastify({ logger: true })`,
        `app.listen(PORT)`,
        `serve({ fetch: app.fetch, port: parseInt(process.env.PORT || '8787', 10), hostname: '0.0.0.0' })`,
        `function later() { const inner = express() }`,
        `export default app`,
      ].join('\n'),
      'server.ts',
    )
    expect(scan.creations).toEqual([
      { name: 'app', callee: 'express', new: false, line: 3 },
      { name: 'api', callee: 'Hono', new: true, line: 4 },
      { name: 'fast', callee: 'Fastify', new: false, line: 5 },
    ])
    const call = (callee: string): unknown => scan.calls.find((one) => one.callee === callee)
    expect(call('app.listen')).toMatchObject({ args: [3000], variables: { 0: 'PORT' }, line: 6 })
    expect(call('serve')).toMatchObject({ keywords: { port: 8787, hostname: '0.0.0.0' }, variables: { port: 'PORT' } })
    expect(scan).toMatchObject({ exportsDefault: true, defaultName: 'app', topLevelAwait: true, usesModuleSyntax: 'esm' })
  })

  test.each<[string, string, object]>([
    ['commonjs by require', `const a = require('a')`, { usesModuleSyntax: 'commonjs', topLevelAwait: false }],
    ['commonjs by exports', `module.exports = app`, { usesModuleSyntax: 'commonjs', exportsDefault: false }],
    ['neither', `console.log(1)`, { usesModuleSyntax: 'none' }],
    ['await in a function is not at the top', `async function f() { await 1 }`, { topLevelAwait: false }],
    ['export default new', `export default new Hono()`, { creations: [{ name: 'default', callee: 'Hono', new: true, line: 1 }] }],
    ['unreadable', `{{{`, { calls: [], creations: [], usesModuleSyntax: 'none' }],
  ])('%s', (_, text, expected) => expect(scanJavaScript(text, 'a.js')).toMatchObject(expected))
})

describe('packages', () => {
  const inferred = (files: Readonly<Record<string, string>>, unit = '.'): ReturnType<typeof inferJavaScript> =>
    inferJavaScript(sourceOf(files), { unit, version: '24' })
  const needs = (files: Readonly<Record<string, string>>): string[] =>
    inferred(files).dependencies.flatMap(({ name, specifier, group }) => (group === 'default' ? [`${name}@${specifier}`] : []))

  test('names of specifiers, builtins out', () => {
    const text = `import express from 'express'\nimport 'hono/cors'\nimport '@hono/node-server/serve-static'\nimport 'fs'\nimport 'node:test'\nimport 'fs/promises'\nimport 'bun:test'\nimport 'https://deno.land/x'\nimport 'npm:zod@3.1'\nimport './local.js'\nimport 'path'\nimport 'events'\n`
    expect(needs({ 'index.ts': text })).toEqual(['@hono/node-server@*', 'express@*', 'hono@*', 'zod@3.1'])
    expect(inferred({ 'index.ts': text }).unresolved).toEqual([])
  })

  test('types are listed, and only there to build', () => {
    const found = inferred({ 'index.ts': `import type { A } from 'express'\n` })
    expect(found.dependencies.filter(({ group }) => group === 'default')).toEqual([])
    expect(found.dependencies.find(({ name }) => name === '@types/express')).toMatchObject({
      group: 'dev',
      grade: 'C',
      imports: ['express'],
    })
    expect(found.imports.map(({ module, optional }) => [module, optional])).toEqual([['express', true]])
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    [
      'tsconfig paths',
      {
        'tsconfig.json': '{ // c\n "compilerOptions": { "paths": { "express": ["./x"], "zod/*": ["./y/*"], }, } }',
        'a.ts': `import 'express'; import 'zod/v4'`,
      },
    ],
    [
      'extended paths',
      {
        'tsconfig.json': '{"extends": "./base"}',
        'base.json': '{"compilerOptions":{"paths":{"express":["./x"]}}}',
        'a.ts': `import 'express'`,
      },
    ],
    ['baseUrl', { 'tsconfig.json': '{"compilerOptions":{"baseUrl":"src"}}', 'src/express.ts': '', 'src/a.ts': `import 'express'` }],
    ['workspace packages', { 'packages/x/package.json': '{"name":"express"}', 'a.ts': `import 'express/sub'` }],
    ['aliases', { 'a.ts': `import '@/x'; import '~/y'; import '#z'; import '$lib/w'` }],
    [
      'tests and tools',
      {
        'a.test.ts': `import 'express'`,
        'vite.config.ts': `import 'vite'`,
        'dist/a.js': `import 'express'`,
        'a.min.js': `import 'express'`,
      },
    ],
    ['an unreadable tsconfig', { 'tsconfig.json': '{{{', 'a.ts': `import './express'` }],
    [
      'a tsconfig that extends itself',
      {
        'tsconfig.json': '{"extends": ["./tsconfig.json", "./tsconfig.json"], "compilerOptions": {"paths": {"express": []}}}',
        'a.ts': `import 'express'`,
      },
    ],
  ])('%s', (_, files) => {
    expect(needs(files)).toEqual([])
    expect(inferred(files).unresolved).toEqual([])
  })

  test('hostile configuration is read in linear time', () => {
    const parents = JSON.stringify(Array.from({ length: 1000 }, () => './tsconfig.json'))
    expect(
      needs({ 'tsconfig.json': `{"extends": ${parents}}`, 'jsconfig.json': '/*'.repeat(500_000), 'a.ts': `import 'express'` }),
    ).toEqual(['express@*'])
  })

  test('unknown names are reported with names that look alike', () => {
    expect(inferred({ 'a.ts': `import 'expresss'` }).unresolved).toEqual([
      {
        import: 'expresss',
        ecosystem: 'npm',
        grade: 'F',
        near: expect.arrayContaining(['express']),
        evidence: { rule: 'javascript.import.unknown', file: 'a.ts', line: 1, says: 'expresss is no known package' },
      },
    ])
  })
})
