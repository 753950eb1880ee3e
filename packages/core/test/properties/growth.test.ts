import type { FileMap } from '@kiln/core'
import { expect, test } from 'vitest'
import { planTime } from './own-time.ts'

// A text of four times the length is planned in some four times as long: what is quadratic takes sixteen.

const [short, times] = [20_000, 4]
/** times as long, at most; below the floor (ms) a machine's own noise is larger */
const [most, floor] = [10, 150]

const repeated = [
  '"',
  "'",
  ' ',
  '\t',
  '\n',
  '\\',
  '/*',
  '/* ',
  '# ',
  '(',
  '[',
  '{',
  '`',
  '${',
  ',',
  ' ,',
  '.',
  '-',
  ' --',
  '@',
  'a ',
  'a.',
  ' ;',
  '\\\n',
  'x = 1\n',
]
const names = [
  'requirements.txt',
  'pyproject.toml',
  'package.json',
  'tsconfig.json',
  'apps/a/tsconfig.json',
  'setup.py',
  'Procfile',
  'deno.json',
  'go.mod',
  'main.py',
  'app.py',
  'src/index.ts',
  'src/app.tsx',
  'index.html',
  'environment.yml',
  'Pipfile',
  '.python-version',
]
/** what stands in front, so that the text comes where it is looked at */
const heads: Readonly<Record<string, readonly string[]>> = {
  'requirements.txt': ['', 'flask', 'a @ https://h/a', '-r '],
  'pyproject.toml': [
    '',
    '[project]\nname = "a"\nversion = "1"\ndependencies = ["',
    '[project]\nname = "a"\nversion = "1"\n[project.scripts]\na = "a:b',
  ],
  'package.json': ['', '{"scripts":{"start":"', '{"name":"'],
  'tsconfig.json': ['', '{', '{"extends":"'],
  'apps/a/tsconfig.json': ['{"references":[{"path":"', '{"extends":"'],
  Procfile: ['', 'web: a'],
  'main.py': ['', 'x = ', 'import os\nos.getenv(', 'static_folder="', 'app = FastAPI('],
  'src/index.ts': ['', 'import ', 'const a = <b ', 'require('],
}

/** what makes it whole again, where nothing is read of a part */
const tails: Readonly<Record<string, string>> = { '{"references":[{"path":"': 'x"}]}', '{"extends":"': 'x"}' }
/** of a member of a workspace */
const member = {
  'package.json': '{"workspaces":["apps/*"]}',
  'apps/a/package.json': '{"scripts":{"start":"node a.js"}}',
  'apps/a/a.js': '',
}

test.each(names.flatMap((name) => (heads[name] ?? ['']).map((head) => [name, head] as const)))(
  '%s after %j',
  { timeout: 120_000 },
  async (name, head) => {
    for (const part of repeated) {
      const text = (length: number): string => `${head}${part.repeat(length / part.length)}${tails[head] ?? 'x'}`
      const fast = await time(name, text(short), 0)
      const slow = await time(name, text(short * times), Math.max(floor, most * fast))
      expect(slow, `${JSON.stringify(part)}: ${fast.toFixed(0)} ms, then ${slow.toFixed(0)} ms`).toBeLessThan(Math.max(floor, most * fast))
    }
  },
)

const packagesOf = (count: number, one: (name: string) => string): string => Array.from({ length: count }, (_, i) => one(`p${i}`)).join('')
const listing: Readonly<Record<string, (count: number) => Readonly<Record<string, string>>>> = {
  '[project]': (count) => ({
    'pyproject.toml': `[project]\nname = "a"\ndependencies = [\n${packagesOf(count, (name) => `  "${name}>=1",\n`)}]\n`,
  }),
  'groups of [project]': (count) => ({
    'pyproject.toml': `[project]\nname = "a"\ndependencies = ["a"]\n[dependency-groups]\n${packagesOf(count, (name) => `${name} = ["${name}"]\n`)}`,
  }),
  'sources of uv': (count) => ({
    'pyproject.toml': [
      `[project]\nname = "a"\ndependencies = [\n${packagesOf(count, (name) => `  "${name}",\n`)}]\n[tool.uv.sources]\n`,
      packagesOf(count, (name) => `${name} = { git = "https://h/${name}" }\n`),
    ].join(''),
  }),
  'scripts of [project]': (count) => ({
    'pyproject.toml': `[project]\nname = "a"\n[project.scripts]\n${packagesOf(count, (name) => `${name} = "main:a"\n`)}`,
  }),
  'a script block': (count) => ({
    'main.py': `# /// script\n# dependencies = [\n${packagesOf(count, (name) => `#   "${name}>=1",\n`)}# ]\n# ///\nprint(1)\n`,
  }),
  'quoted lines': (count) => ({ 'requirements.txt': packagesOf(count, (name) => `"${name}"\n`) }),
  Pipfile: (count) => ({ Pipfile: `[packages]\n${packagesOf(count, (name) => `${name} = "*"\n`)}` }),
  poetry: (count) => ({
    'pyproject.toml': `[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\n${packagesOf(count, (name) => `${name} = "*"\n`)}`,
  }),
  pixi: (count) => ({ 'pixi.toml': `[workspace]\n[pypi-dependencies]\n${packagesOf(count, (name) => `${name} = "*"\n`)}` }),
  'pixi with a lock': (count) => ({
    'pixi.toml': `[workspace]\n[dependencies]\n${packagesOf(count, (name) => `${name} = "*"\n`)}`,
    'pixi.lock': [
      'version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n',
      packagesOf(count, (name) => `      - conda: https://c/${name}-1.0-py_0.conda\n`),
      'packages:\n',
      packagesOf(count, (name) => `- conda: https://c/${name}-1.0-py_0.conda\n  purls:\n  - pkg:pypi/${name}\n`),
    ].join(''),
  }),
}

test.each(Object.entries(listing))('packages of %s', { timeout: 120_000 }, async (_, listed) => {
  const of = (count: number, enough: number): Promise<number> => planTime({ 'main.py': 'print(1)\n', ...listed(count) }, enough)
  const fast = await of(2000, 0)
  const slow = await of(2000 * times, Math.max(floor, most * fast))
  expect(slow, `${fast.toFixed(0)} ms, then ${slow.toFixed(0)} ms`).toBeLessThan(Math.max(floor, most * fast))
})

async function time(name: string, text: string, enough: number): Promise<number> {
  const node = /\.(?:json|tsx?)$/.test(name)
  const program = node
    ? { 'package.json': '{"dependencies":{"express":"5"}}', 'src/index.ts': 'import "express"\n' }
    : { 'main.py': 'print(1)\n' }
  const map: FileMap = {
    ...(name.startsWith('apps/') ? member : program),
    ...(name.endsWith('.py') && { 'requirements.txt': 'flask\n' }),
    [name]: text,
  }
  return planTime(map, enough)
}
