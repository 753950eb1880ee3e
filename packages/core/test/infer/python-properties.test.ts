// No source, however strange, makes Python's inference throw, hang, or name a package that is on no list and nowhere declared.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { knownPypi } from '../../src/infer/known.ts'
import { inferPython } from '../../src/infer/python.ts'
import { commands } from '../../src/infer/python-mentions.ts'
import { useRules } from '../../src/infer/python-use-rules.ts'
import { needsOf } from '../../src/infer/python-uses.ts'
import { restored } from '../../src/infer/tables/python-stdlib.ts'
import { sourceOf } from './sources.ts'

const rules = [
  ...useRules.flatMap(({ needs }) =>
    typeof needs === 'string' ? needs.split(' ') : Object.values(needs).flatMap((one) => one.split(' ')),
  ),
  ...Object.values(commands),
  ...Object.values(restored),
  ...['postgresql', 'mysql', 'mysql+pymysql', 'postgresql+asyncpg', 'snowflake', 'trino', 'sqlite+aiosqlite', 'mssql+pyodbc'].flatMap(
    (what) => needsOf({ id: 'database', what, file: '', line: 1 }),
  ),
  ...['python-multipart', 'opencv-python', 'protobuf', 'grpcio', 'llama-index', 'sqlalchemy'],
].map((requirement) => /^[^[<>=]*/.exec(requirement)![0])
const known = (name: string): boolean => knownPypi().has(name) || rules.includes(name)

const pieces = fc.constantFrom(
  ...[
    'import ',
    'from ',
    ' import ',
    'pandas',
    'agno.models.openai',
    'google.cloud',
    'llama_index.core',
    'smolagents',
    'cv2',
    '__proto__',
    'constructor',
    'x',
  ],
  ...[
    '.',
    ',',
    '(',
    ')',
    '[',
    ']',
    '{',
    '"',
    "'",
    '"""',
    'f"',
    '\\',
    '\n',
    '\r\n',
    '    ',
    ':',
    ';',
    '#',
    ' as ',
    '*',
    '\0',
    '\uD800',
    'é',
    '\u202E',
  ],
  ...[
    'try:\n',
    'except ImportError:\n',
    'def f():\n',
    'if TYPE_CHECKING:\n',
    'pd.read_excel(',
    'df.to_parquet(',
    '.to_dataframe()',
    'postgresql+evil://',
    'mysql://',
  ],
  ...[
    'INSTALLED_APPS = [',
    'MIDDLEWARE = (',
    '"BACKEND": "',
    'engine="evil"',
    '"provider": "evil"',
    'model_provider="evil"',
    '"evil:model"',
    '"evil/model"',
  ],
  ...['sys.version_info < (3, 8)', 'importlib.import_module("evil")', 'evil', 'evil_pkg', 'celery', 'redis://', 'socks5://'],
)
const python = fc.oneof(
  fc.array(pieces, { maxLength: 80 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 400 }),
)
const bytes = fc.uint8Array({ maxLength: 600 })
const file = fc.constantFrom(
  'main.py',
  'a/b.py',
  'n.ipynb',
  'Procfile',
  '.env.example',
  'settings.py',
  'start.sh',
  'alembic.ini',
  'openai.py',
)

test('any bytes as any files: no error, and only known packages', () => {
  fc.assert(
    fc.property(
      fc.dictionary(file, fc.oneof(python, bytes), { maxKeys: 5 }),
      fc.constantFrom('3.8', '3.11', '3.14', 'x'),
      (files, version) => {
        const found = inferPython(sourceOf(files), { unit: '.', version })
        expect(found.dependencies.map(({ name }) => name).filter((name) => !known(name))).toEqual([])
      },
    ),
    { numRuns: 1500 },
  )
})

test('any cells of a notebook: no error, and only known packages, where no pip line names one', () => {
  const line = fc.oneof(pieces, fc.constantFrom('%matplotlib', '!ls', '%%bash', '%%html', '?x', 'x = !ls', 'import boto3'))
  const cell = fc.record({ cell_type: fc.constantFrom('code', 'markdown', 'x'), source: fc.oneof(fc.array(line), line, fc.anything()) })
  fc.assert(
    fc.property(fc.array(fc.oneof(cell, fc.anything()), { maxLength: 6 }), (cells) => {
      const found = inferPython(sourceOf({ 'a.ipynb': JSON.stringify({ cells }) ?? '' }), { unit: '.', version: '3.11' })
      expect(found.dependencies.map(({ name }) => name).filter((name) => !known(name))).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('the order of the files changes nothing', () => {
  const files = fc.uniqueArray(fc.tuple(fc.constantFrom('a.py', 'b.py', 'c/d.py', 'e.py', 'settings.py'), python), {
    selector: ([path]) => path,
    maxLength: 5,
  })
  fc.assert(
    fc.property(files, (all) => {
      const answer = (order: typeof all): unknown => inferPython(sourceOf(Object.fromEntries(order)), { unit: '.', version: '3.11' })
      expect(answer(all.toReversed())).toEqual(answer(all))
    }),
    { numRuns: 200 },
  )
})

/** Each takes a second where it is read in linear time, and minutes where it is not. */
const size = 500_000
test.each<[string, string, string]>([
  ['quotes', 'main.py', `import pandas\n${'"'.repeat(size)}`],
  ['long quotes', 'main.py', `import pandas\n${'"""\n'.repeat(size / 4)}`],
  ['spaces after a call', 'main.py', `import pandas\n${`read_excel${' '.repeat(50)}`.repeat(size / 60)}`],
  ['one long space', 'main.py', `import bs4\nBeautifulSoup(x,${' '.repeat(size)}`],
  ['calls without an end', 'main.py', `import bs4\n${'BeautifulSoup(,'.repeat(size / 15)}`],
  ['words', 'main.py', `import transformers, crewai\n${'a'.repeat(size)}\n${'"a/'.repeat(size / 3)}`],
  ['addresses', 'main.py', `import sqlalchemy\n"${'postgresql+'.repeat(size / 11)}://"`],
  ['lists of settings', 'settings.py', 'INSTALLED_APPS = ["'.repeat(size / 19)],
  ['settings of classes', 'settings.py', `MIDDLEWARE ${'"BACKEND": '.repeat(size / 11)}`],
  ['capital letters', 'settings.py', `MIDDLEWARE ${'A_'.repeat(size / 2)}`],
  ['routes', 'main.py', `import flask\n${'@a.get('.repeat(size / 7)}${')'.repeat(1000)}`],
  ['a script block', 'main.py', `# /// script\n${'# x\n'.repeat(size / 4)}# ///\n`],
  ['a list in a script block', 'main.py', `# /// script\n# dependencies = [${'"a",'.repeat(size / 4)}]\n# ///\n`],
  [
    'pip lines',
    'a.ipynb',
    JSON.stringify({ cells: [{ cell_type: 'code', source: `!${' '.repeat(size)}pip install ${'"'.repeat(size)}` }] }),
  ],
  [
    'lines that are escaped oddly',
    'a.ipynb',
    `{"cells":[{"cell_type":"code","source":[${'"\\u0075u\\n",'.repeat((size * 3.9) / 13)}""]}]}`,
  ],
  ['a procfile', 'Procfile', 'web: '.repeat(size / 5)],
  ['magics', 'a.ipynb', JSON.stringify({ cells: [{ cell_type: 'code', source: `${' '.repeat(size)}x = \n?${'? '.repeat(size / 2)}` }] })],
  ['dots', 'main.py', `import ${'a.'.repeat(size / 2)}a`],
  ['dots below a namespace', 'main.py', `import google.cloud.${'a.'.repeat(size / 2)}a`],
  ['dots below a module of the source', 'main.py', `import main.${'a.'.repeat(size / 2)}a`],
  ['dots of a relative import', 'main.py', `from ${'.'.repeat(size)} import a`],
  ['names', 'main.py', `from openai import ${'a, '.repeat(size / 3)}a`],
])('%s are read in linear time', (_, path, text) => {
  expect(inferPython(sourceOf({ [path]: text }), { unit: '.', version: '3.11' }).dependencies.length).toBeLessThan(10)
})
