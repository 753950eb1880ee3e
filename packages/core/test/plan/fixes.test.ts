import { describe, expect, test } from 'vitest'
import { dockerfileOf } from './dockerfile-of.ts'
import { reasonOf } from '../../src/failure/reason.ts'
import type { Missing } from '../../src/failure/missing.ts'
import type { Config } from '../../src/plan/config.ts'
import { fixFor, withFix } from '../../src/plan/fixes.ts'
import { ok, type Tree } from './planning.ts'

const python: Tree = { 'main.py': 'print(1)', 'requirements.txt': 'requests==2.32.3\n' }
const node: Tree = { 'index.js': 'console.log(1)', 'package.json': '{"main":"index.js","dependencies":{"zod":"^4"}}' }

async function fixOf(missing: Missing, tree: Tree = python, config?: Config): Promise<Config | undefined> {
  const { plan } = await ok(tree, config)
  return fixFor(missing, { plan, text: dockerfileOf(plan) })
}

describe('what is missing has a patch of the configuration', () => {
  const rows: readonly [Missing, Config | undefined][] = [
    [
      { kind: 'header', name: 'libpq-fe.h' },
      { systemPackages: { add: ['libpq5'] }, buildPackages: { add: ['gcc', 'libc6-dev', 'libpq-dev'] } },
    ],
    [
      { kind: 'tool', name: 'pg_config' },
      { systemPackages: { add: ['libpq5'] }, buildPackages: { add: ['gcc', 'libc6-dev', 'libpq-dev'] } },
    ],
    [{ kind: 'tool', name: 'gcc' }, { buildPackages: { add: ['gcc', 'libc6-dev'] } }],
    [{ kind: 'header', name: 'weird/thing.h' }, undefined],
    [{ kind: 'header', name: '__proto__' }, undefined],
    [{ kind: 'tool', name: 'constructor' }, undefined],
    [{ kind: 'library', name: 'libglib-2.0.so.0' }, { systemPackages: { add: ['libglib2.0-0'] } }],
    [{ kind: 'module', ecosystem: 'pypi', name: 'cv2' }, { dependencies: { add: ['opencv-python-headless'] } }],
    [{ kind: 'module', ecosystem: 'pypi', name: 'no_such_module_at_all' }, undefined],
    [{ kind: 'module', ecosystem: 'pypi', name: 'requests' }, undefined], // is there, so that this is not it
    [{ kind: 'runtime', runtime: 'python', range: '>=3.12' }, { runtime: { version: '3.12' } }],
    [{ kind: 'runtime', runtime: 'python', range: '<3.11' }, { runtime: { version: '3.10' } }],
    [{ kind: 'runtime', runtime: 'python', range: '>=3.13.1' }, { runtime: { version: '3.13' } }],
    [{ kind: 'runtime', runtime: 'python', range: '>=4' }, undefined],
    [{ kind: 'runtime', runtime: 'python', range: 'no range' }, undefined],
    [{ kind: 'runtime', runtime: 'node', range: '>=22' }, undefined], // of another runtime
    [
      { kind: 'system-package', name: 'libmagic1t64' },
      { systemPackages: { add: ['libmagic1'], remove: ['libmagic1t64'] }, buildPackages: { remove: ['libmagic1t64'] } },
    ],
    [
      { kind: 'system-package', name: 'nosuch' },
      { systemPackages: { remove: ['nosuch'] }, buildPackages: { remove: ['nosuch'] } },
    ],
  ]
  test.each(rows)('%j', async (missing, patch) => {
    expect(await fixOf(missing)).toEqual(patch)
  })

  test('by distribution', async () => {
    expect(await fixOf({ kind: 'library', name: 'libglib-2.0.so.0' }, python, { base: { distro: 'trixie' } })).toEqual({
      systemPackages: { add: ['libglib2.0-0t64'] },
    })
  })

  test('Node: the nearest line that fits; a package of npm that is known', async () => {
    expect(await fixOf({ kind: 'runtime', runtime: 'node', range: '^22.4.0' }, node)).toEqual({ runtime: { version: '22' } })
    expect(await fixOf({ kind: 'runtime', runtime: 'node', range: '>=25' }, node)).toEqual({ runtime: { version: '25' } })
    expect(await fixOf({ kind: 'module', ecosystem: 'npm', name: 'express' }, node)).toEqual({ dependencies: { add: ['express'] } })
    expect(await fixOf({ kind: 'module', ecosystem: 'npm', name: 'zod' }, node)).toBeUndefined()
    expect(await fixOf({ kind: 'module', ecosystem: 'npm', name: 'no-such-package-at-all' }, node)).toBeUndefined()
    expect(await fixOf({ kind: 'tool', name: 'node-gyp' }, node)).toEqual({ buildPackages: { add: ['g++', 'make', 'python3'] } })
  })

  test('a program that a command of the image calls has to be in the image', async () => {
    const { plan } = await ok(python, { build: { add: [['git', 'version']] } })
    const text = dockerfileOf(plan)
    const at = (part: string): number => text.split('\n').findIndex((line) => line.includes(part)) + 1
    const git: Missing = { kind: 'tool', name: 'git' }
    expect(fixFor(git, { plan, text }, at('git'))).toEqual({ systemPackages: { add: ['ca-certificates', 'git'] } })
    expect(fixFor(git, { plan, text }, at('pip install'))).toEqual({ buildPackages: { add: ['ca-certificates', 'git'] } })
  })
})

describe('a failure', () => {
  const pip = { title: 'RUN pip install -r requirements.txt', exitCode: 1, message: 'returned a non-zero code: 1' }
  const said = ['Error: pg_config executable not found.']

  test('carries the patch and says it in words', async () => {
    const { plan } = await ok(python)
    const text = dockerfileOf(plan)
    const failure = reasonOf(pip, said, { recipe: { kind: 'dockerfile', dialect: 'classic', text, added: {}, needs: [] } })
    expect(withFix(failure, { plan, text })).toMatchObject({
      message: expect.stringContaining('pg_config'),
      hint: expect.stringContaining('install gcc, libc6-dev, libpq-dev, libpq5'),
      data: { fix: { buildPackages: { add: ['gcc', 'libc6-dev', 'libpq-dev'] } } },
    })
  })

  test("of a user's own Dockerfile gets words only: no kiln.json changes it", () => {
    const text = 'FROM python:3.13-slim-trixie\nRUN pip install -r requirements.txt\n'
    const failure = reasonOf(pip, ['ImportError: libmagic.so.1: cannot open shared object file: No such file'], {
      recipe: { kind: 'dockerfile', dialect: 'classic', text, added: {}, needs: [], path: 'Dockerfile' },
    })
    const told = withFix(failure, { plan: undefined, text })
    expect(told.hint).toBe('Before this step: install libmagic1t64.')
    expect(told.data).not.toHaveProperty('fix')
  })

  test('without a known patch stays as it is', () => {
    const failure = reasonOf(pip, ['ERROR: Failed building wheel for x'], {
      recipe: { kind: 'dockerfile', dialect: 'classic', text: '', added: {}, needs: [] },
    })
    expect(withFix(failure, { plan: undefined, text: '' })).toBe(failure)
  })
})

test('buildPackages are installed where packages are built, and stay out of the image', async () => {
  const { steps } = await ok(python, { buildPackages: { add: ['gcc'] } })
  expect(steps.slice(0, 2)).toEqual(['build system gcc', 'build pip requirements.txt'])
  const fewer = await ok({ ...python, 'requirements.txt': 'psycopg2==2.9\n' }, { buildPackages: { remove: ['gcc'] } })
  expect(fewer.steps[0]).toBe('build system libc6-dev libpq-dev')
})
