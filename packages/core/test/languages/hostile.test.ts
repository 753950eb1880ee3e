import { array, assert, asyncProperty, constantFrom, dictionary } from 'fast-check'
import { expect, test } from 'vitest'
import { planned } from '../plan/planning.ts'

const files = [
  'go.mod',
  'go.work',
  'main.go',
  'cmd/x/main.go',
  'deno.json',
  'deno.lock',
  'main.ts',
  'package.json',
  'bun.lock',
  'Procfile',
  'Staticfile',
  'index.html',
  'config.toml',
  '.dvmrc',
]
const words = [
  ...[
    'package main\n',
    'func main() {',
    '}',
    'import "C"\n',
    'import (\n',
    ')',
    'require (\n',
    'use ./x\n',
    'replace a => ../b\n',
    'go 1.26\n',
    'toolchain go1.26.4\n',
    '"',
    '`',
    "'",
  ],
  ...[
    '{"tasks":{"start":',
    '"deno run -A main.ts"',
    '}}',
    'Deno.serve(',
    'Bun.serve({ port: ',
    'export default ',
    '3000',
    '=',
    '/*',
    '//',
    '\\',
    '\0',
    '\n',
    ' ',
    '🙂',
  ],
  ...[
    '{"scripts":{"start":"bun run start"}}',
    'web: deno task start\n',
    'root: ../..\n',
    '<script src="',
    'http.ListenAndServe(":',
    'os.Getenv("PORT")',
    'baseURL = ',
    '[tools]\n',
  ],
]
const text = array(constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(''))
const tree = dictionary(constantFrom(...files), text, { minKeys: 1, maxKeys: 6 })

test('any mixture of their words is an answer', async () => {
  await assert(
    asyncProperty(tree, async (source) => {
      const answer = await planned(source)
      expect(answer.ok ? 'plan' : answer.code).not.toBe('internal')
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['lines without end', '\n'.repeat(100_000)],
  ['quotes', '"'.repeat(60_000)],
  ['blanks', `root:${' '.repeat(60_000)}x`],
  ['names', `src=${'a '.repeat(40_000)}`],
  ['brackets', '('.repeat(60_000)],
  ['comments', '/*'.repeat(40_000)],
])('%s end in time linear in their length', async (_, long) => {
  // what is not linear runs into the time limit of the test
  for (const file of files) expect(await planned({ 'a.txt': '', [file]: long })).toBeDefined()
})
