import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { readConfig } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { outputs } from '../schema/output.ts'
import { checkClock, checkNode, checkProxies } from '../src/doctor/machine.ts'
import { metadataCheck } from '../src/doctor/metadata.ts'
import { fakeCli } from './fake-io.ts'
import { agent, folder } from './folder.ts'

describe('kiln doctor', () => {
  const away = fakeDriver({
    probe: { ready: false, code: 'driver_unreachable', message: 'No Docker Engine answers.', hint: 'Start it with: dockerd' },
  })

  test('without a builder ends with 0, a warning and what to do', async () => {
    const data = join(folder({}), 'not/yet')
    const answer = await fakeCli({ driver: away, env: { KILN_DATA_DIR: data } }).run('doctor')
    expect(answer.code).toBe(0)
    expect(answer.out).toMatch(/warn driver fake +No Docker Engine answers\.\n +fix: Start it with: dockerd\n/)
    expect(existsSync(data)).toBe(false)
  })

  test('--json has a status for every check', async () => {
    const { code, out, err } = await fakeCli({ env: { KILN_DATA_DIR: folder({}) } }).run('doctor', '--json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const { checks } = v.parse(outputs.doctor, JSON.parse(out)) as { checks: { name: string }[] }
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'clock', 'data directory', 'disk', 'store', 'driver fake', 'metadata']),
    )
  })

  test('a data directory that is a file fails with what to do', async () => {
    const home = folder({ file: '' })
    const { code, out } = await fakeCli().run('doctor', '--data-dir', join(home, 'file'))
    expect(code).toBe(7)
    expect(out).toMatch(/FAIL data directory .*\n.*fix: .*--data-dir/)
  })

  test('tells old Nodes, wrong clocks, and proxies without their passwords', () => {
    expect(checkNode('22.17.9').status).toBe('fail')
    expect(checkNode('22.18.0').status).toBe('ok')
    expect(checkClock(0).status).toBe('warn')
    const [proxy] = checkProxies({ HTTPS_PROXY: 'http://me:hunter2@proxy.example:3128' })
    expect(proxy).toMatchObject({ status: 'warn', message: expect.stringContaining('proxy.example:3128') })
    expect(JSON.stringify(proxy)).not.toContain('hunter2')
    expect(checkProxies({})).toEqual([])
  })

  test("tells that builds may reach a cloud's metadata address, and what to do", async () => {
    const { code, out } = await fakeCli({ cloud: true, env: { KILN_DATA_DIR: folder({}) } }).run('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(/warn metadata +a cloud hands out .* at 169\.254\.169\.254.*\n +fix: .*iptables .*docs\/security\.md/)
    expect((await fakeCli({ env: { KILN_DATA_DIR: folder({}) } }).run('doctor')).out).toMatch(/ok +metadata +no cloud answers/)
  })

  test.each([
    ['-P PREROUTING ACCEPT\n-A PREROUTING -d 169.254.169.254/32 -p tcp -m tcp ! --dport 53 -j DROP\n', 'ok'],
    ['-A PREROUTING -d 169.254.0.0/16 -j DROP', 'ok'],
    ['-A PREROUTING -d 169.254.169.254/32 -p tcp -m tcp --dport 80 -j DROP', 'ok'],
    ['-P PREROUTING ACCEPT', 'warn'],
    ['-A PREROUTING -d 169.254.169.254/32 -p tcp -m tcp --dport 8080 -j DROP', 'warn'],
    ['-A PREROUTING -i docker0 -d 169.254.169.254/32 -j DROP', 'warn'],
    ['-A PREROUTING -d 169.254.170.2/32 -j DROP', 'warn'],
    ['-A PREROUTING ! -d 169.254.169.254/32 -j DROP', 'warn'],
    ['-A PREROUTING -d 169.254.169.254/32 -p udp -j DROP', 'warn'],
    ['-A PREROUTING -d 169.254.169.254/32 -p tcp -m tcp --sport 80 -j DROP', 'warn'],
    ['-A PREROUTING -d 169.254.169.254/32 -m comment --comment "no metadata" -j DROP', 'ok'],
    ['-A PREROUTING -d 169.254.169.254/32 -m comment --comment "x" -m mark --mark 0x1 -j DROP', 'warn'],
    [undefined, 'warn'],
  ])('sees whether the rule is there: %j', (rules, status) => {
    expect(metadataCheck(true, rules)).toMatchObject({ name: 'metadata', status })
  })
})

describe('kiln init', () => {
  test('writes what was detected; the plan stays the same', async () => {
    const home = folder(agent)
    const cli = fakeCli({ cwd: home })
    const before = JSON.parse((await cli.run('plan', '.', '--json')).out) as object
    const { code, out } = await cli.run('init', '--json')
    expect(code).toBe(0)
    expect(v.parse(outputs.init, JSON.parse(out))).toMatchObject({ config: { entrypoint: 'agent.py', runtime: { version: '3.11' } } })
    const text = readFileSync(join(home, 'kiln.json'), 'utf8')
    expect(text).toMatch(/^ {2}\/\/ .*agent\.py:3.*\n {2}"entrypoint": "agent\.py"/m)
    expect(readConfig(text, 'kiln.json')).toMatchObject({
      $schema: expect.stringContaining('config.schema.json'),
      language: 'python',
    })
    expect(JSON.parse((await cli.run('plan', '.', '--json')).out)).toEqual(before)
  })

  test('never overwrites without --force', async () => {
    const home = folder({ ...agent, 'kiln.json': '{}' })
    expect(await fakeCli().run('init', home)).toMatchObject({ code: 2, err: expect.stringContaining('there already') })
    expect(readFileSync(join(home, 'kiln.json'), 'utf8')).toBe('{}')
    expect(await fakeCli().run('init', home, '--force', '--port', '9000')).toMatchObject({ code: 0 })
    expect(readConfig(readFileSync(join(home, 'kiln.json'), 'utf8'), 'kiln.json')).toMatchObject({ port: 9000 })
  })
})

describe('kiln init and names of the source', () => {
  test('a name with a line break ends no comment', async () => {
    const home = folder({ 'a\n"port": 1,.py': 'import requests\n\nif __name__ == "__main__":\n    print(1)\n' })
    const { code } = await fakeCli({ cwd: home }).run('init')
    if (code === 0) expect(readConfig(readFileSync(join(home, 'kiln.json'), 'utf8'), 'kiln.json').port).toBe(8080)
    else expect(code).toBe(3) // such a name is refused with the source
  })
})

describe('kiln validate', () => {
  const wrong = `{
  // what starts
  "entrypiont": "agent.py",
  "port": "80",
  "framework": "fastpi",
  "runtime": { "version": "3.12" },
  "dependencies": { "add": ["requsts"] }
}
`

  test('tells every fault with its line and column, and what was meant', async () => {
    const home = folder({ ...agent, 'kiln.json': wrong })
    expect(await fakeCli({ cwd: home }).run('validate')).toMatchObject({
      code: 2,
      err: '',
      out: `kiln.json:3:3: error: unknown field "entrypiont", did you mean "entrypoint"?
kiln.json:4:11: error: "port" must be a number, not "80"
kiln.json:5:16: error: "framework" must be a framework that Kiln knows, did you mean "fastapi"?
kiln.json:7:29: warning: "dependencies.add[0]" requsts is no package that Kiln knows, did you mean "requests"?
3 errors, 1 warning
`,
    })
  })

  test('--json has the same', async () => {
    const { code, out } = await fakeCli({ cwd: folder({ ...agent, 'kiln.json': wrong }) }).run('validate', '--json')
    expect(code).toBe(2)
    expect(v.parse(outputs.validate, JSON.parse(out))).toMatchObject({
      ok: false,
      faults: [
        { field: 'entrypiont', line: 3, column: 3, meant: 'entrypoint' },
        { field: 'port' },
        { level: 'error', field: 'framework', line: 5, meant: 'fastapi' },
        { level: 'warning' },
      ],
    })
  })

  test.each([
    [
      '{"entrypoint": "agnet.py"}',
      /^kiln\.json:1:16: error: "entrypoint" agnet\.py is no file of the source, did you mean "agent\.py"\?$/m,
    ],
    ['{"unit": "srv"}', /^kiln\.json:1:10: error: "unit" srv is no directory of the source$/m],
    ['{"edition": "2026.10"}', /^kiln\.json:1:13: error: .*did you mean 2026\.11\?/m],
    ['{"runtime": {"version": "three"}}', /^kiln\.json:1:25: error: "runtime\.version" three is no Python version$/m],
    ['{"port": 80,}', /^kiln\.json:1:13: error: is not valid JSON/m],
    ['[]', /^kiln\.json:1:1: error: must be an object$/m],
  ])('%s', async (text, said) => {
    const home = folder({ ...agent, 'kiln.json': text })
    expect(await fakeCli().run('validate', join(home, 'kiln.json'))).toMatchObject({ code: 2, out: expect.stringMatching(said) })
  })

  test('what is right is ok; warnings are no fault; a file that is not there is one', async () => {
    const home = folder({ ...agent, 'kiln.json': '{ "framework": "next" } // mine' })
    expect(await fakeCli({ cwd: home }).run('validate')).toMatchObject({ code: 0, out: expect.stringContaining('1 warning\n') })
    await fakeCli({ cwd: home }).run('init', '--force')
    expect(await fakeCli({ cwd: home }).run('validate')).toMatchObject({ code: 0 })
    expect(await fakeCli({ cwd: folder(agent) }).run('validate')).toMatchObject({ code: 2, err: expect.stringContaining('kiln init') })
  })
})

describe('kiln prune', () => {
  test('removes by rule and reports', async () => {
    const cli = fakeCli()
    await cli.run('build', folder(agent))
    expect((await cli.run('prune')).out).toMatch(/^removed 0 builds, /)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { out } = await cli.run('prune', '--records', '0s', '--json')
    expect(v.parse(outputs.prune, JSON.parse(out))).toMatchObject({ pruned: { builds: 1 } })
    expect(await cli.run('prune', '--logs', 'soon')).toMatchObject({ code: 2, err: expect.stringContaining('--logs') })
  })
})

describe('kiln completion', () => {
  const complete = async (line: string): Promise<readonly string[]> => {
    const { out } = await fakeCli().run('completion', 'bash')
    const words = line.split(' ')
    const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _kiln; printf '%s\\n' "\${COMPREPLY[@]}"`
    const done = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: folder({ 'inside.txt': '' }) })
    expect(done.stderr).toBe('')
    return done.stdout.split('\n').filter((word) => word !== '')
  }

  test('in bash offers commands, commands below, flags, choices and files', async () => {
    expect(await complete('kiln b')).toEqual(['build', 'builds'])
    expect(await complete('kiln builds l')).toEqual(['ls', 'logs'])
    expect(await complete('kiln build . --pl')).toEqual(['--plan', '--platform'])
    expect(await complete('kiln build . --progress pl')).toEqual(['plain'])
    expect(await complete('kiln completion f')).toEqual(['fish'])
    expect(await complete('kiln build ins')).toEqual(['inside.txt'])
    expect(await complete('kiln build . --name x')).toEqual([])
  })

  test.each(['zsh', 'fish'])('%s: every command is in it, and the shell can read it where it is installed', async (shell) => {
    const { out } = await fakeCli().run('completion', shell)
    for (const word of ['kiln builds export', 'dockerfile', 'dialect', 'classic']) expect(out).toContain(word)
    const home = folder({})
    mkdirSync(join(home, 'x'))
    writeFileSync(join(home, 'script'), out)
    const read = spawnSync(shell, ['-n', join(home, 'script')], { encoding: 'utf8' })
    if (!read.error) expect(read.stderr).toBe('')
  })

  test('is JSON on request; an unknown shell is exit code 2', async () => {
    expect(v.is(outputs.completion, JSON.parse((await fakeCli().run('completion', 'bash', '--json')).out))).toBe(true)
    expect(await fakeCli().run('completion', 'tcsh')).toMatchObject({ code: 2 })
  })
})
