import * as fc from 'fast-check'
import { files, plan, render, type FileMap, type Planned } from '@kiln/core'
import { expect, test } from 'vitest'
import { knownNpm, knownPypi } from '../../src/infer/known.ts'
import { validFiles } from './valid-files.ts'

// No source, however hostile, makes planning throw, hang or name a package that nobody knows.

const runs = Number(process.env['KILN_PROPERTY_RUNS'] ?? 60)
/** ms for one source of a few KiB; the worst seen is a tenth */
const budget = 2000

const names = fc.constantFrom(
  ...Object.keys(validFiles),
  'bun.lock',
  'turbo.json',
  'nx.json',
  'runtime.txt',
  'mise.toml',
  'pdm.lock',
  'deno.lock',
)

const words = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '"',
    "'",
    '"""',
    '`',
    '${',
    ',',
    ':',
    ';',
    '=',
    '==',
    '>=',
    '~=',
    '^',
    '*',
    '-r ',
    '-e ',
    '#',
    '//',
    '/*',
  ],
  ...['\n', '\r\n', '\t', '    ', ' ', '\\', '\u0000', '\ufeff', '\u2028', 'é', '😀', '../', './', '/', '@', '<a>', '</a>', '<!--', '&'],
  ...['import ', 'from ', 'require(', 'export ', 'default ', 'async ', 'def ', 'class ', 'if ', 'try:', 'except ImportError:', 'lambda '],
  ...['fastapi', 'flask', 'express', 'next', 'openai', 'FastAPI()', 'app', 'agents', 'azure.core', 'google.cloud', 'not_a_package_at_all'],
  ...[
    '"dependencies"',
    '"scripts"',
    '"workspaces"',
    '"name"',
    '[project]',
    '[tool.uv]',
    '[tool.poetry]',
    'packages:',
    'lockfileVersion: 9',
    'module x',
  ],
  ...[
    '"start"',
    '"build"',
    'null',
    'true',
    '1e999',
    '-0',
    '__proto__',
    'constructor',
    '!!js/function',
    '&a *a',
    '<<: *a',
    'version = ',
    'python',
  ],
]
const word = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }))
const text = fc.array(word, { maxLength: 200 }).map((parts) => parts.join(''))
const bytes = fc.uint8Array({ maxLength: 400 })
const deep = fc.tuple(fc.constantFrom('[', '{"a":', '(', '<a>', '`${', '-'), fc.nat(20_000)).map(([part, count]) => part.repeat(count))
const json = fc.json({ maxDepth: 4 })
const content = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 2, arbitrary: json },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: bytes },
)
/** What is valid, cut and mended at a few places: it comes further than noise does. */
const edits = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), gone: fc.nat(12), put: word }), { maxLength: 4 })
const entry = names.chain((name) => {
  const valid = validFiles[name]
  const edited = edits.map((all) => all.reduce(edit, valid ?? ''))
  return fc.tuple(
    fc.constant(name),
    fc.oneof({ weight: valid === undefined ? 0 : 6, arbitrary: edited }, { weight: 1, arbitrary: content }),
  )
})
const tree = fc
  .uniqueArray(entry, { minLength: 1, maxLength: 10, selector: ([name]) => name })
  .map((all): FileMap => Object.fromEntries(all))

function edit(before: string, { at, gone, put }: { readonly at: number; readonly gone: number; readonly put: string }): string {
  const from = Math.floor(at * before.length)
  return before.slice(0, from) + put + before.slice(from + gone)
}

test('planning answers, in time, and names only packages that are known or declared', { timeout: 20_000 + runs * 1000 }, async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (map) => {
      const { planned, ms } = await answer(map)
      expect(ms).toBeLessThan(budget)
      if (!planned.ok) expect(planned).not.toMatchObject({ code: 'internal' })
      else {
        for (const { name, ecosystem, origin } of planned.plan.dependencies)
          if (origin === 'inferred') expect((ecosystem === 'pypi' ? knownPypi() : knownNpm()).has(name), name).toBe(true)
        expect(render(planned.plan, 'buildkit').text).toMatch(/^#|^FROM /)
      }
    }),
    { numRuns: runs },
  )
})

async function answer(map: FileMap): Promise<{ readonly planned: Planned; readonly ms: number }> {
  await using source = await files(
    Object.fromEntries(Object.entries(map).map(([path, one]) => [path, typeof one === 'string' ? Buffer.from(one) : one])),
  )
  const begun = performance.now()
  const planned = plan(source)
  return { planned, ms: performance.now() - begun }
}
