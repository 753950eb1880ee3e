import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { directory } from '@kiln/core'
import { outputs } from '../schema/output.ts'
import { fakeCli } from './fake-io.ts'
import { agent, folder } from './folder.ts'

describe('kiln plan', () => {
  test('--json prints the plan, byte for byte the same twice, and nothing else', async () => {
    const cli = fakeCli()
    const home = folder(agent)
    const [one, two] = [await cli.run('plan', home, '--json'), await cli.run('plan', home, '--json')]
    expect(one).toMatchObject({ code: 0, err: '' })
    expect(one.out).toBe(two.out)
    expect(v.parse(outputs.plan, JSON.parse(one.out))).toMatchObject({
      language: 'python',
      entrypoint: 'agent.py',
      start: ['python', 'agent.py'],
      port: 8080,
    })
  })

  test.each(['plan', 'explain', 'dockerfile'])('%s opens no engine and writes nothing', async (command) => {
    const home = folder(agent)
    const data = join(home, '../data')
    const cli = fakeCli({ env: { KILN_DATA_DIR: data } })
    expect(await cli.run(command, home)).toMatchObject({ code: 0 })
    expect(cli.opened()).toBe(0)
    expect(existsSync(data)).toBe(false)
    expect(readdirSync(home).sort()).toEqual(Object.keys(agent).sort())
  })

  test('reads a tar and a tar.gz, from a file and from standard input', async () => {
    const home = folder(agent)
    const plain = await fakeCli().run('plan', home, '--json')
    const tar = execFileSync('tar', ['-C', home, '-c', '.'])
    const file = join(home, '../source.tgz')
    execFileSync('tar', ['-C', home, '-czf', file, '.'])
    expect((await fakeCli({ stdin: tar }).run('plan', '-', '--json')).out).toBe(plain.out)
    expect((await fakeCli().run('plan', file, '--json')).out).toBe(plain.out)
  })

  test('standard input that is a terminal is wrong usage', async () => {
    expect(await fakeCli().run('plan', '-')).toMatchObject({ code: 2, err: expect.stringContaining('standard input is a terminal') })
  })

  test('an empty project is an error with code, hint and candidates, and exit code 3', async () => {
    const answer = await fakeCli().run('plan', folder({ 'README.md': 'x' }), '--json')
    expect(answer).toMatchObject({ code: 3, err: '' })
    expect(v.parse(outputs.error, JSON.parse(answer.out))).toMatchObject({
      error: { code: 'nothing_detected', hint: expect.any(String), candidates: expect.any(Array) },
    })
  })

  test('a source that is not there is exit code 3', async () => {
    expect(await fakeCli().run('plan', '/not/there')).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('[source_not_found]'),
    })
  })
})

describe('the configuration', () => {
  test('flags win over kiln.json of the source', async () => {
    const home = folder({ ...agent, 'other.py': 'print(1)\n', 'kiln.json': '{"entrypoint": "other.py", "port": 9000}' })
    const plan = JSON.parse((await fakeCli().run('plan', home, '--json')).out) as object
    expect(plan).toMatchObject({ entrypoint: 'other.py', port: 9000 })
    const flagged = JSON.parse((await fakeCli().run('plan', home, '--json', '--entrypoint', './agent.py', '--port', '7000')).out) as object
    expect(flagged).toMatchObject({ entrypoint: 'agent.py', port: 7000 })
  })

  test('--config is laid over kiln.json', async () => {
    const home = folder({ ...agent, 'kiln.json': '{"port": 9000, "env": {"add": {"A": "1"}}}' })
    const other = join(folder({ 'other.json': '{"port": 9001}' }, 'elsewhere'), 'other.json')
    expect(JSON.parse((await fakeCli().run('plan', home, '--json', '--config', other)).out)).toMatchObject({ port: 9001, env: { A: '1' } })
    expect(await fakeCli().run('plan', home, '--config', '/not/there')).toMatchObject({ code: 2 })
  })

  test('a wrong key names its line and the one that was meant', async () => {
    const answer = await fakeCli().run('plan', folder({ ...agent, 'kiln.json': '{\n  "entrypont": "agent.py"\n}' }))
    expect(answer).toMatchObject({ code: 2, err: expect.stringMatching(/kiln\.json:2.*"entrypont".*"entrypoint"/) })
  })

  test('a wrong port is refused', async () => {
    expect(await fakeCli().run('plan', folder(agent), '--port', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('port') })
  })
})

describe('kiln explain', () => {
  test('names rule, file and line, and how to override', async () => {
    const home = folder(agent)
    const { out } = await fakeCli().run('explain', home)
    expect(out).toMatch(
      /entrypoint = agent\.py\n {2}because .*agent\.py:3 \[python\.[\w.]+\]\n(.*\n)*? {2}override entrypoint in kiln\.json/,
    )
    const json = await fakeCli().run('explain', home, '--json')
    expect(v.parse(outputs.explain, JSON.parse(json.out))).toMatchObject({ version: 1, plan: { entrypoint: 'agent.py' } })
    expect(json.err).toBe('')
  })
})

describe('kiln explain, in full', () => {
  const web = { 'main.py': 'from fastapi import FastAPI\n\napp = FastAPI()\n', 'requirements.txt': 'fastapi\nuvicorn\npsycopg2==2.9\n' }

  test('has every value of the plan, packages of the distribution and steps, each with its reason', async () => {
    const { out } = await fakeCli().run('explain', folder(web))
    for (const field of ['edition', 'unit', 'language', 'runtime.version', 'packageManager', 'start', 'port', 'base', 'env.PORT'])
      expect(out).toMatch(new RegExp(`^${field.replace('.', '\\.')} = .+\\n {2}because .+ \\[[a-z.-]+\\]\\n`, 'm'))
    expect(out).toMatch(/^systemPackages = libpq5\n {2}because {2}psycopg2 needs it requirements\.txt:3 \[system\.package\]\n/m)
    expect(out).toMatch(
      /^Steps\n {2}build install gcc libc6-dev libpq-dev\n {8}because what psycopg2 needs to be built; .* \[step\.build-packages\]\n/m,
    )
  })

  test('--json has a reason for each step', async () => {
    const { out } = await fakeCli().run('explain', folder(web), '--json')
    const { plan, evidence } = v.parse(outputs.explain, JSON.parse(out)) as { plan: { steps: unknown[] }; evidence: { steps: unknown[] } }
    expect(evidence.steps).toHaveLength(plan.steps.length)
  })
})

describe('kiln requirements', () => {
  const source = { 'main.py': 'import yaml\nimport requests\n', 'requirements.txt': 'requests==2.32.3\n' }

  test('prints a requirements file with reasons, and ends with 0', async () => {
    expect(await fakeCli().run('requirements', folder(source))).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^pyyaml +# import yaml \(main\.py:1\), grade A\nrequests==2\.32\.3 +# import requests \(main\.py:2\).*; declared \(requirements\.txt:1\)\n$/,
      ),
    })
  })

  test('an import without a known package: a comment, and exit code 3', async () => {
    const { code, out, err } = await fakeCli().run('requirements', folder({ ...source, 'main.py': 'import reqeusts\n' }))
    expect(code).toBe(3)
    expect(out).toMatch(/^# unknown: import reqeusts \(main\.py:1\): nothing is written for it; similar: requests/m)
    expect(err).toContain('no known package has these imports')
  })

  test('--json', async () => {
    const { code, out, err } = await fakeCli().run('requirements', folder(source), '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(v.parse(outputs.requirements, JSON.parse(out))).toMatchObject({
      ecosystem: 'pypi',
      packages: [{ name: 'pyyaml' }, { name: 'requests' }],
    })
  })
})

describe('kiln plan --edition', () => {
  const source = { ...agent, 'requirements.txt': 'requests==2.32.3\nopencv-python==4.0\n' }

  test('shows what an edition changes, with reasons and how to hold on', async () => {
    const { code, out } = await fakeCli().run('plan', folder(source), '--edition', 'next')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^edition 2026\.11 -> 2027\.05\nruntime\.version 3\.11 -> 3\.13\n {2}because .+ \[python\.version\.default\]\n {2}override runtime\.version in kiln\.json\nbase bookworm -> trixie\n/,
    )
    expect(out).toMatch(/to take it: "edition": "2027\.05" in kiln\.json\n$/)
  })

  test('--json has the changes and the plan', async () => {
    const { out } = await fakeCli().run('plan', folder(source), '--edition', '2027.05', '--json')
    expect(v.parse(outputs['plan --edition'], JSON.parse(out))).toMatchObject({
      from: '2026.11',
      to: '2027.05',
      plan: { edition: '2027.05' },
    })
  })

  test('against the edition that kiln.json pins', async () => {
    const home = folder({ ...source, 'kiln.json': '{"edition": "2027.05"}' })
    expect((await fakeCli().run('plan', home, '--edition', '2027.05')).out).toContain('that is the edition this source has')
    expect((await fakeCli().run('plan', home, '--edition', '2026.11')).out).toContain('runtime.version 3.13 -> 3.11')
  })

  test('an unknown one is exit code 2 with the known ones', async () => {
    expect(await fakeCli().run('plan', folder(source), '--edition', '2026.12')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/did you mean 2026\.11\? \[unknown_edition\]\n.*2026\.11 \(the default\), 2027\.05 \(a preview\)/),
    })
  })

  test('reaches the Dockerfile', async () => {
    expect((await fakeCli().run('dockerfile', folder(source), '--edition', 'next')).out).toContain('FROM python:3.13-slim-trixie')
  })
})

test('a command of kiln.json is planned once', async () => {
  const { out } = await fakeCli().run('plan', folder({ ...agent, 'kiln.json': '{"build": {"add": [["make", "all"]]}}' }))
  expect(out.match(/run make all/g)).toHaveLength(1)
})

test('the start of a plan is shown as the image has it', async () => {
  const web = { 'main.py': 'from fastapi import FastAPI\n\napp = FastAPI()\n', 'requirements.txt': 'fastapi\nuvicorn\n' }
  const { out } = await fakeCli().run('plan', folder(web))
  expect(out).toMatch(/^start .* --port 8080 {2}\(8080 is the default for PORT; fixed in the image\)$/m)
  expect(out).not.toContain('${')
})

describe('packages', () => {
  test.each(['plan', 'explain'])('%s shows those of npm as npm takes them', async (command) => {
    const project = { 'server.js': "require('express')()\n", 'package.json': '{"main":"server.js","dependencies":{"express":"^4.18.0"}}' }
    const { code, out } = await fakeCli().run(command, folder(project))
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/ express@\^4\.18\.0\s/) })
  })
})

describe('SOURCE', () => {
  test('a file that is no tar is told so, with its directory', async () => {
    const home = folder(agent)
    expect(await fakeCli({ cwd: home }).run('plan', 'agent.py')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/agent\.py is neither a directory nor a tar\..*\n(.*\n)*.*Name its directory: \.\n/),
    })
  })

  test.each([['ustar'], ['v7'], ['gnu']])('a %s tar is read', async (format) => {
    const home = folder(agent)
    const tar = join(home, '..', 'a.bin')
    execFileSync('tar', ['-c', `--format=${format}`, '-f', tar, '-C', home, 'agent.py', 'requirements.txt'])
    expect(await fakeCli().run('plan', tar)).toMatchObject({ code: 0 })
    execFileSync('gzip', ['-f', tar])
    expect(await fakeCli().run('plan', `${tar}.gz`)).toMatchObject({ code: 0 })
  })
})

describe('kiln dockerfile', () => {
  test('prints the text alone', async () => {
    const { code, out } = await fakeCli().run('dockerfile', folder(agent))
    expect(code).toBe(0)
    expect(out).toContain('FROM python:3.11-slim\n')
    expect(out).toContain('org.opencontainers.image.title=my-agent')
  })

  test('prints the dialect that is asked for, also as JSON', async () => {
    const { out } = await fakeCli().run('dockerfile', folder(agent), '--dialect', 'buildkit', '--json')
    expect(v.parse(outputs.dockerfile, JSON.parse(out))).toMatchObject({
      dialect: 'buildkit',
      text: expect.stringContaining('--mount=type=cache'),
    })
  })

  test('writes it beside the source, and overwrites only when told', async () => {
    const home = folder(agent)
    expect(await fakeCli().run('dockerfile', home, '--output', home)).toMatchObject({ code: 0, out: '' })
    expect(readFileSync(join(home, 'Dockerfile'), 'utf8')).toContain('FROM python')
    expect(await fakeCli().run('dockerfile', home, '--output', home)).toMatchObject({
      code: 2,
      err: expect.stringContaining('there already'),
    })
    expect(await fakeCli().run('dockerfile', home, '--output', home, '--force')).toMatchObject({ code: 0 })
  })

  test('writes an ignore file with what Kiln leaves out, since docker build leaves nothing out', async () => {
    const home = folder({ ...agent, '.env': 'A=1', 'env2/pyvenv.cfg': '', id_rsa: 'k', 'certs/x.pem': 'k' })
    const first = await fakeCli().run('dockerfile', home, '--output', home, '--keep', 'certs/*.pem')
    expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/^wrote .*\.dockerignore\nwrote .*Dockerfile\n$/) })
    const rules = readFileSync(join(home, '.dockerignore'), 'utf8')
    expect(rules.split('\n')).toEqual(expect.arrayContaining(['**/.git', '**/.env', '**/id_rsa', '/env2', '/Dockerfile', '/.dockerignore']))
    expect(rules).toMatch(/\n!certs\/\*\.pem\n$/)
    await using source = await directory(home, { ignore: 'as-given' })
    const left = source.entries.map(({ path }) => path).filter((path) => !path.startsWith('.dockerignore') && path !== 'Dockerfile')
    expect(left).toEqual(['agent.py', 'certs', 'certs/x.pem', 'requirements.txt'])
  })

  test.each([
    ['on standard output', []],
    ['with an ignore file of the source', ['--output', '.']],
  ])('%s it names what docker build would take', async (_, words) => {
    const home = folder({ ...agent, '.env': 'A=1', id_rsa: 'k', ...(words.length > 0 && { '.dockerignore': '*.md\n' }) })
    const { code, err } = await fakeCli({ cwd: home }).run('dockerfile', '.', ...words)
    expect(code).toBe(0)
    expect(err).toContain('docker build does not unless .dockerignore says so: .env, id_rsa\n')
    if (words.length > 0) expect(readFileSync(join(home, '.dockerignore'), 'utf8')).toBe('*.md\n')
  })

  test('of a source that cannot be planned is its own, and says so', async () => {
    const answer = await fakeCli().run('dockerfile', folder({ Dockerfile: 'FROM scratch\nCOPY x /\n', x: '1' }))
    expect(answer).toMatchObject({ code: 0, out: 'FROM scratch\nCOPY x /\n', err: expect.stringContaining('Dockerfile of the source') })
  })
})
