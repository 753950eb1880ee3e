import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { files } from '../../src/source/files.ts'
import { plan } from '../../src/plan/make-plan.ts'
import { parsePlan } from '../../src/plan/plan-schema.ts'
import type { Source } from '../../src/source/source.ts'
import { systemNeeds } from '../../src/plan/system-packages.ts'
import { ok, planned, refused } from './planning.ts'

const fastapi = 'from fastapi import FastAPI\napp = FastAPI()\n'

describe('system packages', () => {
  test('what is compiled is compiled in a build stage; the image gets what it needs to run', async () => {
    const found = await ok({ 'main.py': 'print(1)', 'requirements.txt': 'Psycopg2==2.9\nopencv_python==4.0\n' })
    expect(found.plan.systemPackages).toEqual(['libgl1', 'libglib2.0-0', 'libpq5', 'libxcb1'])
    expect(found.steps).toEqual([
      'build system gcc libc6-dev libpq-dev',
      'image system libgl1 libglib2.0-0 libpq5 libxcb1',
      'build pip requirements.txt',
      'image copy build:/usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages',
      'image copy build:/usr/local/bin /usr/local/bin',
      'image copy source:. .',
    ])
    expect(found.why('systemPackages')).toBe('system.package requirements.txt:2')
  })
  test('names by distribution', async () => {
    const found = await ok({ 'main.py': 'print(1)', 'requirements.txt': 'opencv-python==4.0\n' }, { base: { distro: 'trixie' } })
    expect(found.plan.systemPackages).toContain('libglib2.0-0t64')
    expect(found.plan.base).toEqual({ kind: 'runtime', distro: 'trixie' })
  })
  test('names are exact', async () => {
    expect(
      (await ok({ 'main.py': 'print(1)', 'requirements.txt': 'opencv-python-headless==4.0\npsycopg2-binary==2.9\n' })).plan.systemPackages,
    ).toEqual([])
    expect((await ok({ 'main.py': 'print(1)', 'requirements.txt': 'psycopg[binary]==3\n' })).plan.systemPackages).toEqual([])
    expect((await ok({ 'main.py': 'print(1)', 'requirements.txt': 'psycopg==3\n' })).plan.systemPackages).toEqual(['libpq5'])
  })
  test('of what a lock brings', async () => {
    const tree = {
      'main.py': 'print(1)',
      'pyproject.toml': '[project]\nname = "x"\ndependencies = ["records"]\n',
      'uv.lock': 'version = 1\n[[package]]\nname = "psycopg2"\nversion = "2.9"\nsource = {registry = "https://pypi.org/simple"}\n',
    }
    expect((await ok(tree)).steps.slice(0, 2)).toEqual(['build system gcc libc6-dev libpq-dev', 'image system libpq5'])
  })
  test('more, and fewer, by the configuration', async () => {
    const found = await ok(
      { 'main.py': 'print(1)', 'requirements.txt': 'psycopg2==2.9\n' },
      { systemPackages: { add: ['git'], remove: ['libpq5'] } },
    )
    expect(found.plan.systemPackages).toEqual(['git'])
  })
  test('every row of the table is sorted and has a name of its own', () => {
    const names = systemNeeds.flatMap(({ ecosystem, names: all }) => all.map((name) => `${ecosystem} ${name}`))
    expect(new Set(names).size).toBe(names.length)
    for (const { build, image } of systemNeeds)
      for (const list of [build, image.bookworm, image.trixie]) expect(list).toEqual(list.toSorted())
  })
})

describe('what the configuration adds and removes', () => {
  const tree = { 'main.py': 'print(1)', 'requirements.txt': '--index-url https://example.com/simple\na==1\nB_b==2 # x\n' }
  test('added packages include the file of the user', async () => {
    const found = await ok(tree, { dependencies: { add: ['c[x]>=3'] } })
    expect(found.steps).toEqual([
      'image write requirements.kiln.txt "-r requirements.txt\\nc[x]>=3\\n"',
      'image pip requirements.kiln.txt requirements.txt',
      'image copy source:. .',
    ])
    expect(found.packages).toEqual(['a==1', 'b-b==2', 'c[x]>=3'])
    expect((await ok(tree, { dependencies: { add: ['c>=3; python_version < "3.12"'] } })).steps[0]).toContain(
      'c>=3 ; python_version < \\"3.12\\"',
    )
  })
  test('a removed one makes a file that takes its place', async () => {
    const found = await ok(tree, { dependencies: { remove: ['b.B'] } })
    expect(found.steps[0]).toBe('image write requirements.kiln.txt "--index-url https://example.com/simple\\na==1\\n"')
    expect(found.packages).toEqual(['a==1'])
  })
  test('an inferred package gets the version that is named', async () => {
    const found = await ok({ 'agent.py': 'import openai, requests' }, { dependencies: { add: ['openai==1.50'], remove: ['requests'] } })
    expect(found.steps[0]).toBe('image write requirements.txt "openai==1.50\\n"')
  })
  test('npm packages', async () => {
    const found = await ok({ 'index.js': '1', 'package.json': '{"dependencies": {"a": "1"}}' }, { dependencies: { add: ['@x/y@^2', 'z'] } })
    expect(found.steps[1]).toBe('image run npm install --no-save --omit=dev --no-audit --no-fund @x/y@^2 z')
  })
  test('what is no package, and what cannot be removed', async () => {
    expect((await refused(tree, { dependencies: { add: ['not a name'] } })).code).toBe('invalid_config')
    expect((await refused(tree, { dependencies: { add: ['a; rm -rf /'] } })).code).toBe('invalid_config')
    expect(
      (await refused({ 'index.js': '1', 'package.json': '{"dependencies": {"a": "1"}}' }, { dependencies: { remove: ['a'] } })).code,
    ).toBe('invalid_config')
  })
  test('variables, commands and a base image', async () => {
    const found = await ok(tree, {
      env: { add: { A: '1' }, remove: ['PYTHONUNBUFFERED'] },
      build: { add: [['python', '-m', 'compileall', '.']] },
      base: { image: 'example.com/base:1' },
    })
    expect(found.plan.env).toEqual({ A: '1', PORT: '8080' })
    expect(found.plan.base).toEqual({ kind: 'image', ref: 'example.com/base:1' })
    expect(found.steps.at(-1)).toBe('image run python -m compileall .')
  })
})

describe('which project of a source', () => {
  test('nothing', async () => {
    expect(await refused({ 'README.md': '# x' })).toMatchObject({ code: 'nothing_detected', patches: [] })
  })
  test('two languages that both start', async () => {
    const tree = { 'main.py': fastapi, 'index.js': '1', 'package.json': '{"scripts": {"start": "node index.js"}}' }
    expect(await refused(tree)).toMatchObject({ code: 'several_candidates', patches: [{ language: 'python' }, { language: 'javascript' }] })
    expect((await ok(tree, { language: 'javascript' })).command).toBe('node index.js')
    expect((await ok(tree, { entrypoint: 'main.py' })).plan.language).toBe('python')
  })
  test('a language that only has tools here is none', async () => {
    expect(
      (await ok({ 'main.py': fastapi, 'package.json': '{"devDependencies": {"prettier": "3"}}', 'prettier.config.js': '' })).plan.language,
    ).toBe('python')
    expect(
      (
        await ok({
          'server.js': 'require("http").createServer().listen(80)',
          'package.json': '{"scripts": {"start": "node server.js"}}',
          'seed.py': 'x = 1',
        })
      ).plan.language,
    ).toBe('javascript')
  })
  test('several units, one unit, and the unit of the configuration', async () => {
    const tree = {
      'services/a/main.py': fastapi,
      'services/a/requirements.txt': 'fastapi[standard]==0.1',
      'services/b/package.json': '{"scripts": {"start": "node index.js"}}',
      'services/b/index.js': '1',
      'README.md': '',
    }
    expect(await refused(tree)).toMatchObject({ code: 'several_candidates', patches: [{ unit: 'services/a' }, { unit: 'services/b' }] })
    const found = await ok(tree, { unit: 'services/a' })
    expect(found.plan).toMatchObject({ unit: 'services/a', entrypoint: 'services/a/main.py' })
    expect(found.steps).toEqual(['image pip requirements.txt', 'image copy source:. .'])
    expect((await ok(tree, { unit: 'services/a', entrypoint: 'services/a/main.py' })).plan.entrypoint).toBe('services/a/main.py')
    const { 'services/b/package.json': _, 'services/b/index.js': __, ...single } = tree
    expect((await ok(single)).codes).toContain('unit_chosen')
    expect((await refused(tree, { unit: 'services/c' })).code).toBe('invalid_config')
  })
  test('nothing says what was looked for', async () => {
    expect((await refused({ 'README.md': '# x' })).message).toMatch(/^no program among 1 file: Kiln looked for package\.json/)
    expect((await refused({ 'README.md': '# x', 'a.sh': '' })).message).toContain('among 2 files:')
  })
  test.each([
    ['composer.json', 'PHP'],
    ['Cargo.toml', 'Rust'],
    ['pom.xml', 'Java'],
    ['Gemfile', 'Ruby'],
  ])('another language is named: %s', async (file, language) => {
    const { code, message, place } = await refused({ [file]: '', 'main.x': '' })
    expect({ code, place }).toEqual({ code: 'unsupported_project', place: `${file}:` })
    expect(message).toContain(`this is ${language},`)
    expect((await ok({ [file]: '', 'main.py': fastapi })).plan.language).toBe('python')
  })
  test.each([
    [{ 'main.sh': 'true' }, 'nothing_detected'],
    [{ 'main.py': '', 'environment.yml': 'dependencies:\n  - r-base\n' }, 'unsupported_project'],
  ])('without a plan a Dockerfile is the way on: %j', async (tree, code) => {
    const answer = await planned({ ...tree, Dockerfile: 'FROM x' })
    expect(answer).toMatchObject({ ok: false, code, notices: [{ code: 'dockerfile_instead', file: 'Dockerfile' }] })
    expect(!answer.ok && answer.hint).toContain('`kiln build` uses the Dockerfile')
    expect(await planned(tree)).toMatchObject({ ok: false, code, notices: [] })
  })
  test('a Dockerfile is only said', async () => {
    expect((await ok({ 'main.py': fastapi, Dockerfile: 'FROM x' })).notices.find(({ code }) => code === 'dockerfile_not_used')?.file).toBe(
      'Dockerfile',
    )
  })
})

describe('the same source gives the same plan', () => {
  const tree = {
    'app/main.py': `${fastapi}import openai, requests, yaml, nosuch_x\nfrom app.tools import x\n`,
    'app/tools.py': 'import numpy\nx = 1\n',
    'app/__init__.py': '',
    'web/page.js': 'console.log(1)',
    'kiln.json': '{"env": {"add": {"B": "1", "A": "2"}}, "systemPackages": {"add": ["git", "curl"]}}',
  }
  test('in any order of its files', async () => {
    const texts = new Set<string>()
    for (const entries of [Object.entries(tree), Object.entries(tree).toReversed()])
      texts.add(JSON.stringify(await planned(Object.fromEntries(entries))))
    expect(texts.size).toBe(1)
  })
  test('every text of a plan is JSON without undefined', async () => {
    const answer = await planned(tree)
    expect(JSON.parse(JSON.stringify(answer))).toStrictEqual(answer)
  })
})

describe('hostile sources are answers', () => {
  const names = [
    'main.py',
    'agent.py',
    'requirements.txt',
    'pyproject.toml',
    'uv.lock',
    'poetry.lock',
    'package.json',
    'package-lock.json',
    'pnpm-lock.yaml',
    'tsconfig.json',
    'index.ts',
    'server.js',
    '.nvmrc',
    '.python-version',
    'mise.toml',
    'kiln.json',
    'runtime.txt',
    'Pipfile',
    'Pipfile.lock',
    'pdm.lock',
    'pylock.toml',
    'environment.yml',
    'setup.cfg',
    'langgraph.json',
    'Procfile',
    'manage.py',
  ]
  const hostile = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.json({ maxDepth: 4 }),
    fc.constantFrom(
      '\0',
      '__proto__ = 1',
      '{"__proto__": {"a": 1}, "dependencies": {"__proto__": "1"}}',
      '['.repeat(5000),
      '{"a":'.repeat(3000),
      '[project]\ndependencies = [1, {}]\n',
      '[[package]]\nname = 1\n',
      '-r requirements.txt',
      'import '.repeat(500),
      'from fastapi import FastAPI\nfrom .main import *\nfrom agent import app\napp = app or FastAPI(app)\ndef f(): return f()\nx = f()\n',
      'import os\nfrom django.core.management import x\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "main")\n',
      '[packages]\n"a b" = {version = 1, extras = [1], git = 2}\nc = [1]\n[requires]\npython_version = 3\n',
      '{"default": {"a": 1, "b": {"version": 2, "hashes": [1, {}], "extras": {}}, "__proto__": {"path": "../.."}}, "_meta": []}',
      '[[package]]\nname = "a"\nversion = "1"\ngroups = [1, "default"]\nfiles = [{hash = 1}, 2]\ndependencies = [1, "??"]\n[metadata]\ntargets = 1\n',
      'dependencies:\n  - pip:\n    - "-r ../../x"\n    - a b c\n  - python=a.b\n',
      '[options]\ninstall_requires = a\npython_requires = x\n',
      '{"graphs": {"a": 1, "b": "./main.py:x", "c": {"path": "main:x:y"}}, "python_version": {}}',
      'web: a && b\nworker: $PORT\nrelease: x\n',
      'if __name__ == "__main__":\n',
      '[tool.poetry.dependencies]\npython = {}\nx = [1]\n',
      '{"scripts": {"start": "node $(x)"}}',
      '{"engines": null, "packageManager": 7, "main": {}, "devEngines": {"runtime": [null]}}',
    ),
  )
  test('never a throw, never `internal`', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), hostile, { minKeys: 1 }), async (tree) => {
        const answer = await planned(tree)
        expect(answer.ok || answer.code, JSON.stringify(answer)).not.toBe('internal')
        if (answer.ok) expect(parsePlan(answer.plan)).toEqual(answer.plan)
      }),
      { numRuns: 300 },
    )
  })
  test('a source that cannot be read any more is its code', async () => {
    await using source = await files({ 'main.py': 'print(1)' })
    const broken: Source = {
      ...source,
      entries: source.entries,
      entry: (path) => source.entry(path),
      read: () => {
        throw new Error('gone')
      },
    }
    expect(plan(broken)).toMatchObject({ ok: false, code: 'internal' })
  })
  test('texts that are not text are not read as such', async () => {
    expect(await refused({ 'main.py': 'print(1)', 'requirements.txt': new Uint8Array([0x80, 0x81, 0]) })).toMatchObject({
      code: 'invalid_manifest',
      place: 'requirements.txt:',
    })
  })
})
