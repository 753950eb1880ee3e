import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { inferJavaScript } from '../../src/infer/javascript.ts'
import { lexJavaScript, scanJavaScript } from '../../src/infer/javascript-lexer.ts'
import { knownNpm, knownPypi } from '../../src/infer/known.ts'
import { inferPython } from '../../src/infer/python.ts'
import { lexPython, scanPython } from '../../src/infer/python-lexer.ts'
import { sourceOf } from './sources.ts'

const pythonPieces = fc.constantFrom(
  ...[
    'import ',
    'from ',
    'as ',
    'a',
    'openai',
    'google.cloud',
    '.',
    ',',
    '(',
    ')',
    '[',
    '{',
    '}',
    '"',
    "'",
    '"""',
    'f"',
    "rb'",
    '\\',
    '\n',
    '\r\n',
    '    ',
    '\t',
    ':',
    ';',
    '#',
  ],
  ...[
    'try:\n',
    'except ImportError:\n',
    'else:\n',
    'def f():\n',
    'if TYPE_CHECKING:\n',
    'if __name__ == "__main__":\n',
    'x = f(',
    'raise',
    '\0',
    '\uD800',
    'é',
  ],
)
const python = fc.array(pythonPieces, { maxLength: 60 }).map((pieces) => pieces.join(''))

const javascriptPieces = fc.constantFrom(
  ...[
    'import ',
    'export ',
    'from ',
    '"a"',
    "'express'",
    'require(',
    'import(',
    ')',
    '{',
    '}',
    '`',
    '${',
    '/',
    '//',
    '/*',
    '*/',
    '<div>',
    '</div>',
    '\n',
    ';',
    '=',
    'type ',
    'default ',
    'await ',
  ],
  ...['const x = ', 'app.listen(3000)', 'new Hono()', '\\', '\0', '\uD800', 'é', ' '],
)
const javascript = fc.array(javascriptPieces, { maxLength: 60 }).map((pieces) => pieces.join(''))

test('any Python text is read without an error, and both entry points agree', () => {
  fc.assert(
    fc.property(fc.oneof(python, fc.string({ unit: 'binary' })), (text) => {
      expect(scanPython(text).imports).toEqual(lexPython(text))
    }),
    { numRuns: 2000 },
  )
})

test('any JavaScript text is read without an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(javascript, fc.string({ unit: 'binary' })),
      fc.constantFrom('a.ts', 'a.tsx', 'a.js', 'a.cjs', 'a'),
      (text, file) => {
        expect(scanJavaScript(text, file).imports).toBeInstanceOf(Array)
        expect(lexJavaScript(text, file)).toBeInstanceOf(Array)
      },
    ),
    { numRuns: 500 },
  )
})

const module = fc.oneof(
  fc.stringMatching(/^[a-zA-Z_]\w{0,12}(\.[a-z_]\w{0,8}){0,3}$/),
  fc.constantFrom(
    'google.cloud.storage',
    'openai',
    'yaml',
    'agents',
    'config',
    '__proto__',
    'constructor.prototype',
    'azure.x',
    'llama_index.y',
  ),
)

test('only known names become Python dependencies', () => {
  fc.assert(
    fc.property(fc.array(module, { maxLength: 8 }), (modules) => {
      const found = inferPython(sourceOf({ 'main.py': modules.map((one) => `import ${one}\n`).join('') }), { unit: '.', version: '3.12' })
      for (const { name } of found.dependencies) expect(knownPypi().has(name), name).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('only known names become JavaScript dependencies', () => {
  const specifier = fc.oneof(
    fc.stringMatching(/^(@[a-z]{1,8}\/)?[a-z-]{1,10}(\/[a-z]{1,5})?$/),
    fc.constantFrom('express', '@hono/node-server/x', 'fs', '__proto__', 'constructor'),
  )
  fc.assert(
    fc.property(fc.array(specifier, { maxLength: 8 }), (specifiers) => {
      const found = inferJavaScript(sourceOf({ 'main.ts': specifiers.map((one) => `import '${one}'\n`).join('') }), {
        unit: '.',
        version: '24',
      })
      for (const { name } of found.dependencies) expect(knownNpm().has(name), name).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('the same source gives the same answer', () => {
  const files = { 'b.py': 'import yaml, requests\n', 'a.py': 'import requests, nope_x\n' }
  const infer = (): unknown => inferPython(sourceOf(files), { unit: '.', version: '3.11' })
  expect(infer()).toEqual(infer())
})
