import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { inferJavaScript } from '../../src/infer/javascript.ts'
import { lexSpecifiers } from '../../src/infer/javascript-lexer.ts'
import { lexOwn } from '../../src/infer/javascript-own.ts'
import { knownNpm } from '../../src/infer/known.ts'
import { sourceOf } from './sources.ts'

const pieces = fc.constantFrom(
  ...[
    'import ',
    'export ',
    'from ',
    'type ',
    'typeof ',
    'require(',
    'require.resolve(',
    'import(',
    'createRequire(',
    'import.meta',
    'jest.mock(',
  ],
  ...["'express'", '"a"', '`', '${', '`b/${', "'\\x61'", "'", '"', '/', '/*', '*/', '//', '/[', ']/', '\\', '#!', '<!--'],
  ...['{', '}', '(', ')', '[', ']', '<', '>', '</', '/>', '<div>', '</div>', '<a b={', '<T,>', '=>', '...', '.', '?.', '!', '++'],
  ...[
    'try {',
    '} catch {',
    'if (',
    'return ',
    'a',
    ' ',
    '\n',
    '\r',
    '\u2028',
    ';',
    ':',
    ',',
    '=',
    '@jsxImportSource ',
    '\0',
    '\uD800',
    'é',
  ],
)
const program = fc.oneof(
  fc.array(pieces, { maxLength: 80 }).map((all) => all.join('')),
  fc.string({ unit: 'binary' }),
)
const names = ['a.ts', 'a.tsx', 'a.js', 'a.jsx', 'a.mjs', 'a.d.ts', 'a', 'a.vue', 'a.svelte', 'a.astro', 'a.mdx', 'a.css', 'a.scss']
const configs = [
  'tsconfig.json',
  'package.json',
  'deno.json',
  'vite.config.ts',
  'postcss.config.js',
  '.eslintrc.json',
  '.babelrc',
  'x/package.json',
]

test('any text is read without an error, and every find is a piece of it', () => {
  fc.assert(
    fc.property(program, fc.constantFrom(...names), (text, file) => {
      for (const { line, module } of lexSpecifiers(text, file)) {
        expect(line).toBeGreaterThan(0)
        expect(typeof module).toBe('string')
      }
      for (const typed of [true, false])
        for (const jsx of [true, false])
          for (const { at } of lexOwn(text, { typed, jsx }).found)
            expect(text.slice(at)).toMatch(/^(?:import|export|require|createRequire|jest|[a-z])/)
    }),
    { numRuns: 3000 },
  )
})

test('what stands after a broken text is found again, or Babel cannot read it either', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (before) => {
      const { sound, found } = lexOwn(`${before.join('')}\n;import 'end'`, { typed: true, jsx: false })
      expect(!sound || /[`*]/.test(before.join('')) || found.at(-1)?.module === 'end').toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('only known names become dependencies, whatever the files say', () => {
  const specifier = fc.oneof(
    fc.stringMatching(/^(@[a-z]{1,8}\/)?[a-z-]{1,10}(@[\w.:/^~-]{0,8})?(\/[a-z]{1,5})?$/),
    fc.constantFrom(
      'express',
      'npm:zod@1',
      '@hono/node-server/x',
      'fs',
      '__proto__',
      'constructor',
      'toString',
      'https://esm.sh/pg@8',
      'jsr:@a/bcd',
    ),
  )
  const json = fc.json()
  const file = fc.oneof(
    fc.tuple(
      fc.constantFrom(...names),
      fc.array(specifier, { maxLength: 8 }).map((all) => all.map((one) => `import ${JSON.stringify(one)}\n`).join('')),
    ),
    fc.tuple(fc.constantFrom(...names, ...configs), program),
    fc.tuple(fc.constantFrom(...configs), json),
    fc.tuple(
      fc.constantFrom(...configs),
      fc
        .record({
          imports: fc.json(),
          compilerOptions: fc.record({
            paths: fc.dictionary(specifier, fc.array(specifier)),
            types: fc.array(specifier),
            jsxImportSource: specifier,
          }),
        })
        .map((value) => JSON.stringify(value)),
    ),
  )
  fc.assert(
    fc.property(fc.array(file, { maxLength: 6 }), (files) => {
      const found = inferJavaScript(sourceOf(Object.fromEntries(files)), { unit: '.', version: '24' })
      for (const { name, specifier: version } of found.dependencies) {
        expect(knownNpm().has(name), name).toBe(true)
        expect(version).toMatch(/^(?:\*|[\^~=<>v\dx*.\w-]+(?: \|\| [\^~=<>v\dx*.\w-]+)*)$/)
      }
    }),
    { numRuns: 600 },
  )
})

test('the order of files does not matter', () => {
  const files = { 'b.ts': `import 'zod'; import 'expresss'`, 'a.tsx': `import 'next/link'; <p/>`, 'postcss.config.js': `'tailwindcss'` }
  const infer = (map: Readonly<Record<string, string>>): unknown => inferJavaScript(sourceOf(map), { unit: '.', version: '24' })
  expect(infer(Object.fromEntries(Object.entries(files).toReversed()))).toEqual(infer(files))
})

// Each of these took quadratic time in some lexer. At this length that is hours; the time limit of the test is the measure.
const long = 300_000
test.each<[string, string]>([
  ['tags', '<a '],
  ['tags with types', '<a<'],
  ['elements', '<a>'],
  ['elements in expressions', '<a>{'],
  ['functions of types', '=<T>(x: T) => '],
  ['attributes without an end', '<a b="'],
  ['classes of regular expressions', '=/['],
  ['regular expressions without an end', '=/a'],
  ['clauses', 'import {'],
  ['clauses of words', 'import { a '],
  ['imports of imports', 'import import '],
  ['arguments', 'import('],
  ['strings', "import('"],
  ['templates', '`${'],
  ['requires of comments', 'require(/*'],
  ['created requires', 'createRequire('],
  ['tries', 'try{require("a");'],
  ['closed tries', 'try{require("a")}catch{'],
  ['nots', 'a! '],
  ['brackets', '(['],
  ['closing', '}'],
  ['mocks', 'jest.mock('],
  ['references', '/** @type {import("a")} */'],
  ['carriage returns', '\rimport "a"'],
  ['aliases', 'alias: {'],
  ['scripts', '<script'],
  ['frontmatter', '---\n'],
  ['comments of styles', '/*'],
  ['imports of styles', '@import "'],
])('%s without end', (_, piece) => {
  const text = piece.repeat(long / piece.length)
  for (const file of [
    'a.ts',
    'a.tsx',
    'a.jsx',
    'a.vue',
    'a.astro',
    'a.mdx',
    'a.scss',
    'vite.config.ts',
    'postcss.config.js',
    'tsconfig.json',
    '.eslintrc.json',
  ])
    expect(inferJavaScript(sourceOf({ [file]: text, 'index.js': '' }), { unit: '.', version: '24' }).dependencies.length).toBeLessThan(20)
})

test('creations inside of each other, closed', () => {
  const depth = 20_000
  const text = 'createRequire('.repeat(depth) + ')("a")'.repeat(depth)
  expect(lexSpecifiers(text, 'a.js')).toHaveLength(depth)
})
