import { describe, expect, test } from 'vitest'
import { isSameCommand } from '../../src/plan/same-command.ts'
import { ok, type Tree } from './planning.ts'

const web: Tree = {
  'app.py': 'from fastapi import FastAPI\nimport cv2\napp = FastAPI()\n',
  'requirements.txt': 'fastapi==0.115.0\nopencv-python==4.0\npsycopg2==2.9\n',
}

describe('everything in a plan has a reason', () => {
  const trees: readonly [string, Tree][] = [
    ['declared', web],
    ['inferred', { 'main.py': 'import requests\n' }],
    ['uv', { 'main.py': 'print(1)', 'pyproject.toml': '[project]\nname = "x"\ndependencies = []\n', 'uv.lock': 'version = 1\n' }],
    ['npm', { 'index.js': 'console.log(1)', 'package.json': '{"main":"index.js","dependencies":{"zod":"^4"}}' }],
    [
      'typescript',
      {
        'src/index.ts': 'enum A { B }\nconsole.log(A)',
        'package.json': '{"scripts":{"build":"tsc","start":"node dist/index.js"},"devDependencies":{"typescript":"^5"}}',
        'tsconfig.json': '{"compilerOptions":{"outDir":"dist"}}',
      },
    ],
  ]
  test.each(trees)('%s', async (_, tree) => {
    const { plan, evidence } = await ok(tree)
    const told = new Set(evidence.values.map(({ field }) => field.split('.')[0]))
    const named = Object.entries(plan)
      .filter(([, value]) => value !== null && (!Array.isArray(value) || value.length > 0))
      .map(([name]) => name)
    expect(named.filter((name) => !told.has(name))).toEqual(['version', 'dependencies', 'steps'].filter((name) => named.includes(name)))
    expect(evidence.dependencies).toHaveLength(plan.dependencies.length)
    expect(evidence.steps).toHaveLength(plan.steps.length)
    for (const { rule, says } of evidence.steps) expect(`${rule} ${says}`).toMatch(/^[a-z][a-z.-]+ \S/)
    for (const name of Object.keys(plan.env)) expect(evidence.values.filter(({ field }) => field === `env.${name}`)).toHaveLength(1)
    const systems = evidence.values.filter(({ field }) => field === 'systemPackages').map(({ value }) => value)
    expect(systems.toSorted()).toEqual([...plan.systemPackages])
  })
})

test('packages of the distribution: who needs each, where that is declared, what is taken away', async () => {
  const { evidence } = await ok(web, { systemPackages: { add: ['git'], remove: ['libxcb1'] }, buildPackages: { add: ['make'] } })
  const of = (value: string): unknown => {
    const found = evidence.values.find((one) => one.value === value)
    return found && [found.field, found.evidence.rule, found.evidence.says, found.evidence.line, found.lost.map((one) => one.value)]
  }
  expect(of('libpq5')).toEqual(['systemPackages', 'system.package', 'psycopg2 needs it', 3, []])
  expect(of('libpq-dev')).toEqual(['buildPackages', 'system.package', 'psycopg2 is compiled with it', 3, []])
  expect(of('git')).toEqual(['systemPackages', 'config.systemPackages', 'the configuration adds it', undefined, []])
  expect(of('make')).toEqual(['buildPackages', 'config.buildPackages', 'the configuration adds it', undefined, []])
  expect(of('without libxcb1')).toEqual(['systemPackages', 'config.systemPackages', 'the configuration removes it', undefined, ['libxcb1']])
})

describe('commands that the configuration leaves out', () => {
  const next = { 'package.json': '{"scripts":{"build":"tsc","start":"node dist/index.js"},"devDependencies":{"typescript":"^5"}}' }
  const tree: Tree = { ...next, 'src/index.ts': 'enum A { B }\n', 'tsconfig.json': '{"compilerOptions":{"outDir":"dist"}}' }
  const runs = ({ plan }: Awaited<ReturnType<typeof ok>>): readonly string[] =>
    plan.steps.flatMap((step) => (step.kind === 'run' ? [step.argv.join(' ')] : []))

  test('do not run, and that is told with its line', async () => {
    expect(runs(await ok(tree))).toContain('npm run build')
    const found = await ok({ ...tree, 'kiln.json': '{\n  "build": {\n    "remove": [["npm", "run", "build"]]\n  }\n}' })
    expect(runs(found)).toEqual(runs(await ok(tree)).filter((one) => one !== 'npm run build'))
    expect(found.evidence.steps).toHaveLength(found.plan.steps.length)
    expect(found.evidence.values.filter(({ field }) => field === 'build')).toMatchObject([
      {
        value: 'without npm run build',
        evidence: { rule: 'config.build', file: 'kiln.json', line: 3 },
        lost: [{ value: 'npm run build' }],
      },
    ])
  })

  test('a file of the directory above is another file; the packages of a workspace are the same ones', () => {
    expect(isSameCommand(['node', '../x.js'], ['node', 'x.js'])).toBe(false)
    expect(isSameCommand(['node', '../../x.js'], ['node', '../x.js'])).toBe(false)
    expect(isSameCommand(['node', '../../node_modules/next/x.js'], ['node', 'node_modules/next/x.js'])).toBe(true)
  })

  test('also those that a weaker configuration adds; others stay', async () => {
    const own = { ...tree, 'kiln.json': '{ "build": { "add": [["make", "x"], ["make", "y"]] } }' }
    const found = await ok(own, {
      build: {
        remove: [
          ['make', 'x'],
          ['npm', 'run', 'other'],
        ],
      },
    })
    expect(runs(found)).toEqual([...runs(await ok(tree)).slice(0, 1), 'make y', ...runs(await ok(tree)).slice(1)])
  })
})

test('variables: the configuration wins, and what lost is told', async () => {
  const { evidence } = await ok(web, { env: { add: { PORT: '9', MINE: 'x' }, remove: ['PYTHONUNBUFFERED'] } })
  const of = (field: string): unknown => {
    const found = evidence.values.find((one) => one.field === field)
    return found && [found.value, found.evidence.rule, found.lost.map(({ value, evidence: { rule } }) => `${value} ${rule}`)]
  }
  expect(of('env.PORT')).toEqual(['9', 'config.env', ['8080 env.port']])
  expect(of('env.MINE')).toEqual(['x', 'config.env', []])
  expect(of('env.PYTHONUNBUFFERED')).toEqual(['not set', 'config.env', ['1 env.program']])
})

test('what kiln.json says has its line; what the caller says has none', async () => {
  const config = `{
  "runtime": { "version": "3.12" },
  // more
  "systemPackages": {
    "add": ["git"],
    "remove": ["libxcb1"]
  },
  "dependencies": { "add": ["HTTPX>=0.27"] },
  "env": { "add": { "MINE": "x" } },
  "build": { "add": [["make"]] },
  "port": 9000
}`
  const { evidence } = await ok({ ...web, 'kiln.json': config }, { port: 9001, systemPackages: { add: ['curl'] } })
  const line = (field: string, value: string): unknown =>
    evidence.values.filter((one) => one.field === field && one.value === value).map((one) => one.evidence.file && one.evidence.line)
  expect(line('runtime.version', '3.12')).toEqual([2])
  expect(line('systemPackages', 'git')).toEqual([5])
  expect(line('systemPackages', 'without libxcb1')).toEqual([6])
  expect(line('systemPackages', 'curl')).toEqual([undefined])
  expect(line('env.MINE', 'x')).toEqual([9])
  expect(line('port', '9001')).toEqual([undefined])
  expect(evidence.dependencies.find(({ name }) => name === 'httpx')?.evidence).toMatchObject({ file: 'kiln.json', line: 8 })
  expect(evidence.steps.find(({ rule }) => rule === 'config.build')).toMatchObject({ file: 'kiln.json', line: 10 })
})
