import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { files } from '@kiln/core'
import { fakeDriver, gated, hanging, interpreted } from '@kiln/testkit/driver'
import { outputs } from '../schema/output.ts'
import { fakeCli, type FakeCli } from './fake-io.ts'
import { agent, folder } from './folder.ts'

async function withBuilds(...names: readonly string[]): Promise<FakeCli & { readonly ids: readonly string[] }> {
  const cli = fakeCli()
  const ids: string[] = []
  for (const name of names) {
    const { out } = await cli.run('build', folder(agent), '--name', name, '--json')
    ids.unshift((JSON.parse(out) as { build: { id: string } }).build.id)
  }
  return Object.assign(cli, { ids })
}

describe('kiln builds ls', () => {
  test('is a table, newest first, and JSON on request', async () => {
    const cli = await withBuilds('one', 'two')
    const { out } = await cli.run('builds', 'ls')
    expect(out.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual(['NAME', 'two', 'one', undefined])
    const json = v.parse(outputs['builds ls'], JSON.parse((await cli.run('builds', 'ls', '--json', '--limit', '1')).out)) as {
      builds: { name: string }[]
    }
    expect(json.builds.map(({ name }) => name)).toEqual(['two'])
    expect(JSON.parse((await cli.run('builds', 'ls', '--json', '--name', 'one')).out)).toMatchObject({ builds: [{ name: 'one' }] })
    expect(JSON.parse((await cli.run('builds', 'ls', '--json', '--state', 'failed')).out)).toMatchObject({ builds: [] })
  })

  test('a wrong limit or state is exit code 2', async () => {
    expect(await fakeCli().run('builds', 'ls', '--limit', 'many')).toMatchObject({ code: 2 })
    expect(await fakeCli().run('builds', 'ls', '--state', 'faild')).toMatchObject({ code: 2 })
  })
})

describe('--tenant', () => {
  test('names the builds of a server by tenant, in every command', async () => {
    const cli = await withBuilds('mine')
    await using engine = await cli.open()
    await using source = await files(agent)
    const theirs = await engine.for('acme').build({ name: 'theirs', source })
    await theirs.result()
    const { id } = theirs.record
    const run = (...words: readonly string[]) => cli.run('builds', ...words, '--tenant', 'acme', '--data', '/nowhere/kiln')
    expect((await run('ls')).out).toMatch(/theirs/)
    expect((await run('ls')).out).not.toMatch(/mine/)
    expect((await cli.run('builds', 'ls')).out).not.toMatch(/theirs/)
    expect(await run('show')).toMatchObject({ code: 0, out: expect.stringContaining(id) })
    expect(await run('logs', id)).toMatchObject({ code: 0 })
    expect((await run('export', id)).bytes.length).toBeGreaterThan(1000)
    expect(await cli.run('builds', 'rm', id)).toMatchObject({ code: 2 })
    expect(await run('cancel', id)).toMatchObject({ code: 0, err: expect.stringContaining('nothing to cancel') })
    expect(await run('rm', id)).toMatchObject({ code: 0, out: `${id} removed\n` })
  })
})

test('a failed build of a tenant names the command that finds its log', async () => {
  const cli = fakeCli({ driver: fakeDriver({ build: interpreted }) })
  await using engine = await cli.open()
  await using source = await files({ Dockerfile: 'FROM scratch\nRUN exit 3\n' })
  const build = await engine.for('acme').build({ name: 'theirs', source, how: { dockerfile: 'Dockerfile' } })
  await build.result().catch(() => undefined)
  const { out } = await cli.run('builds', 'show', '--tenant', 'acme', '--data', "/no where's/kiln")
  expect(out).toContain(`kiln builds logs ${build.record.id} --tenant acme --data-dir '/no where'\\''s/kiln'\n`)
})

describe('naming a build', () => {
  test('by id, the beginning of one, and ^N', async () => {
    const cli = await withBuilds('one', 'two')
    const name = async (reference: string): Promise<unknown> =>
      (JSON.parse((await cli.run('builds', 'show', reference, '--json')).out) as { build?: { name: string } }).build?.name
    expect(await name(cli.ids[1]!)).toBe('one')
    expect(await name(cli.ids[0]!.slice(0, 30))).toBe('two')
    expect(await name('^0')).toBe('two')
    expect(await name('^1')).toBe('one')
    expect((await cli.run('builds', 'show')).out).toMatch(/name +two\nstate +succeeded\n/)
  })

  test('none is exit code 2 with a hint; several name them', async () => {
    const cli = await withBuilds('one', 'two')
    expect(await cli.run('builds', 'show', '^7')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/There is no build \^7.*\n.*kiln builds ls/),
    })
    expect(await cli.run('builds', 'show', 'zzz')).toMatchObject({ code: 2 })
    const same = cli.ids[0]!.slice(0, 6)
    const { code, out } = await cli.run('builds', 'show', same, '--json')
    expect(code).toBe(2)
    expect(v.parse(outputs.error, JSON.parse(out))).toMatchObject({
      error: { message: expect.stringContaining('2 builds begin with'), candidates: cli.ids },
    })
  })
})

describe('one build', () => {
  test('shows its plan and Dockerfile', async () => {
    const cli = await withBuilds('one')
    expect(JSON.parse((await cli.run('builds', 'show', '--plan')).out)).toMatchObject({ entrypoint: 'agent.py' })
    expect((await cli.run('builds', 'show', '--dockerfile')).out).toContain('FROM python')
    expect(v.is(outputs['builds show --plan'], JSON.parse((await cli.run('builds', 'show', '--plan', '--json')).out))).toBe(true)
    expect(v.is(outputs['builds show --dockerfile'], JSON.parse((await cli.run('builds', 'show', '--dockerfile', '--json')).out))).toBe(
      true,
    )
  })

  test('prints its log: numbered, raw, as events, and from an event on', async () => {
    const cli = await withBuilds('one')
    expect((await cli.run('builds', 'logs')).out).toMatch(/^#1 FROM scratch\n#1 \S+ context of/)
    expect((await cli.run('builds', 'logs', '--raw')).out).toMatch(/^context of \d+ bytes\ncopied\n$/)
    const lines = (await cli.run('builds', 'logs', '--json', '--since-seq', '4')).out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number })
    expect(lines.map(({ seq }) => seq)).toEqual([5, 6, 7, 8])
    expect(lines.every((line) => v.is(outputs['builds logs'], line))).toBe(true)
  })

  test('can be followed while another command runs it', async () => {
    const gate = gated()
    const cli = fakeCli({ driver: fakeDriver({ build: gate.build }) })
    const building = cli.run('build', folder(agent))
    await gate.waiting
    const following = cli.run('builds', 'logs', '--follow')
    await expect.poll(() => cli.out.text()).toContain('#1 RUN wait')
    gate.open()
    expect(await building).toMatchObject({ code: 0 })
    expect(await following).toMatchObject({ code: 0, out: expect.stringMatching(/#1 RUN wait\n#1 done/) })
  })

  test('a cancel of one that has ended says so, and leaves it as it is', async () => {
    const cli = fakeCli()
    await cli.run('build', folder(agent))
    expect(await cli.run('builds', 'cancel', '^0')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ succeeded\n$/),
      err: 'kiln: nothing to cancel: the build had already ended (succeeded).\n',
    })
  })

  test('can be cancelled while another command runs it', async () => {
    const driver = fakeDriver({ build: hanging })
    const cli = fakeCli({ driver })
    const building = cli.run('build', folder(agent))
    await expect.poll(() => driver.running.size).toBe(1)
    const { code, out } = await cli.run('builds', 'cancel', '^0', '--wait', '--json')
    expect(code).toBe(0)
    expect(v.parse(outputs['builds cancel'], JSON.parse(out))).toMatchObject({ build: { state: 'cancelled' } })
    expect(await building).toMatchObject({ code: 130 })
    expect(driver.running.size).toBe(0)
  })

  test('is removed', async () => {
    const cli = await withBuilds('one', 'two', 'three')
    const { code, out } = await cli.run('builds', 'rm', '^0', '^2', '--json')
    expect(code).toBe(0)
    expect(v.parse(outputs['builds rm'], JSON.parse(out))).toEqual({ version: 1, removed: [cli.ids[0], cli.ids[2]] })
    expect(JSON.parse((await cli.run('builds', 'ls', '--json')).out)).toMatchObject({ builds: [{ name: 'two' }] })
  })

  test('is exported as a tar that tar reads', async () => {
    const cli = await withBuilds('one')
    const home = folder({}, 'export')
    const { bytes } = await cli.run('builds', 'export')
    writeFileSync(join(home, 'stdout.tar'), bytes)
    const { code, out } = await cli.run('builds', 'export', '--json', '-o', join(home, 'file.tar'))
    expect(code).toBe(0)
    const { files: names } = v.parse(outputs['builds export'], JSON.parse(out)) as { files: string[] }
    for (const name of ['stdout.tar', 'file.tar'])
      expect(
        execFileSync('tar', ['-tf', join(home, name)])
          .toString()
          .trimEnd()
          .split('\n'),
      ).toEqual(names)
    const entry = (name: string): string => execFileSync('tar', ['-xOf', join(home, 'file.tar'), name]).toString()
    expect(JSON.parse(entry('record.json'))).toMatchObject({ build: { id: cli.ids[0] } })
    expect(entry('Dockerfile')).toContain('FROM python')
    expect(entry('events.jsonl').trimEnd().split('\n')).toHaveLength(9)
    expect(entry('log.txt')).toContain('#2 COPY . .')
  })
})

test('a failed build is shown with its reason', async () => {
  const cli = fakeCli({ driver: fakeDriver({ build: interpreted }) })
  expect(await cli.run('build', folder({ Dockerfile: 'FROM scratch\nRUN echo hi\nRUN exit 3\n', x: '' }))).toMatchObject({ code: 1 })
  expect((await cli.run('builds', 'show')).out).toMatch(/state +failed\n(.*\n)*failed: .*\n.*RUN exit 3, line 3 of Dockerfile, exit code 3/)
  expect((await cli.run('builds', 'logs')).out).toMatch(/\nfailed: .+\n$/)
  expect(await cli.run('builds', 'logs', '--json', '--raw')).toMatchObject({ code: 2 })
})
