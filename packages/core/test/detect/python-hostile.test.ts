import { expect, test } from 'vitest'
import { planned } from '../plan/planning.ts'

// No Python file, however hostile, makes the reading of starts throw or hang: a file of each of these is planned, or refused in words.

const many = 60_000
const head = 'from fastapi import FastAPI\nimport gradio, celery, mcp\n'

const texts: Readonly<Record<string, string>> = {
  'brackets that never close': `x = ${'('.repeat(many)}`,
  'calls in calls': `x = ${'f('.repeat(many)}`,
  'calls in calls that close': `x = ${'f('.repeat(many)}${')'.repeat(many)}`,
  'a long chain of attributes': `x = a${'.b'.repeat(many)}`,
  'a long chain of calls': `x = f()${'.g()'.repeat(many)}`,
  'or, again and again': `x = a${' or a'.repeat(many)}`,
  'await, again and again': `x = ${'await '.repeat(many)}f()`,
  'texts side by side': `x = ${'"a" '.repeat(many)}`,
  'dictionaries in dictionaries': `x = ${'{1:'.repeat(many)}`,
  'fields in fields': `x = f"${'{a'.repeat(many)}`,
  'heads of blocks after each other': `${'if a: '.repeat(many)}app = FastAPI()`,
  'parameters without end': `def f(${'a, '.repeat(many)}`,
  'names without end': `from a import ${'b, '.repeat(many)}`,
  'targets without end': `${'a = '.repeat(many)}FastAPI()`,
  semicolons: 'a;'.repeat(many),
  'joined lines': 'x = \\\n'.repeat(many),
  decorators: '@'.repeat(many),
  'many applications': 'app = FastAPI()\n'.repeat(5000),
  'functions that give each other': Array.from(
    { length: 500 },
    (_, at) => `def f${at}():\n    return f${(at + 1) % 500}()\nb${at} = f${at}()\n`,
  ).join(''),
  'middleware around each other': Array.from(
    { length: 300 },
    (_, at) => `a${at} = XMiddleware(${Array.from({ length: 20 }, (__, by) => `a${(at * 7 + by) % 300}`).join(', ')})\n`,
  ).join(''),
}

test.each(Object.keys(texts))('%s', async (what) => {
  const answer = await planned({ 'main.py': head + texts[what]!, 'requirements.txt': 'fastapi==1\n' })
  expect(answer.ok || answer.message.length > 0).toBe(true)
  if (!answer.ok) expect(answer.code).toMatch(/^(?:nothing_detected|several_candidates)$/)
})

test.each([
  ['environment.yml', 'dependencies:\n' + '  - a\n'.repeat(5000)],
  ['Pipfile.lock', '{"default": {"a": {"version": "==1\\n--index-url x"}}}'],
  ['pylock.toml', '[[packages]]\nname = "a\\nb"\nversion = "1"\n'],
  ['Procfile', `web: ${'"'.repeat(many)}`],
  ['Procfile', `web: ${'$'.repeat(many)}`],
  ['langgraph.json', '{"graphs": {"__proto__": "./main.py:x", "a b": "./main.py:x"}}'],
  ['setup.cfg', `[options]\n${' a\n'.repeat(many)}install_requires =\n${'  b\n'.repeat(5000)}`],
])('%s', async (file, text) => {
  const answer = await planned({ 'main.py': 'print(1)\n', [file]: text })
  if (answer.ok) expect(JSON.stringify(answer.plan.steps)).not.toContain('--index-url x')
  else expect(answer.code).toMatch(/^(?:invalid_manifest|unsupported_project|nothing_detected)$/)
})
