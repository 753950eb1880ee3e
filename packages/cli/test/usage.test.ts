import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { outputs } from '../schema/output.ts'
import { createProgram } from '../src/program.ts'
import { nodesOf } from '../src/completion/nodes.ts'
import { fakeCli } from './fake-io.ts'

describe('wrong words', () => {
  test.each([
    ['a command', ['plna', '.'], 'Did you mean plan?'],
    ['a command below builds', ['builds', 'sho'], 'Did you mean show?'],
    ['a flag', ['build', '.', '--tga', 'x'], 'Did you mean --tag?'],
    ['a choice', ['build', '.', '--progress', 'fancy'], 'Allowed choices are auto, tty, plain, json, quiet'],
    ['too few', ['plan'], "missing required argument 'source'"],
    ['too many', ['plan', 'a', 'b'], 'too many arguments'],
  ])('%s: exit code 2 and what was meant', async (_what, words, said) => {
    const answer = await fakeCli().run(...words)
    expect(answer).toMatchObject({ code: 2, out: '' })
    expect(answer.err).toContain(said)
  })

  test.each([
    [['--nope'], 'See kiln --help.'],
    [['serve', '--nope'], 'See kiln serve --help.'],
    [['keys', 'create'], 'See kiln keys create --help.'],
  ])('%j: says whose help to read', async (words, said) => {
    expect((await fakeCli().run(...words)).err).toContain(said)
  })

  test('with --json they are JSON too', async () => {
    const answer = await fakeCli().run('plan', '--json', '--nope')
    expect(answer).toMatchObject({ code: 2, err: '' })
    expect(v.parse(outputs.error, JSON.parse(answer.out)).error).toMatchObject({ code: 'invalid_argument' })
  })

  test('and where KILN_PROGRESS asks for events', async () => {
    const answer = await fakeCli({ env: { KILN_PROGRESS: 'json' } }).run('build', '/not/there')
    expect(answer).toMatchObject({ code: 3, err: '' })
    expect(v.is(outputs['build --progress json'], JSON.parse(answer.out))).toBe(true)
  })

  test('a wrong KILN_PROGRESS is told', async () => {
    expect(await fakeCli({ env: { KILN_PROGRESS: 'fancy' } }).run('build', '/')).toMatchObject({
      code: 2,
      err: expect.stringContaining('KILN_PROGRESS'),
    })
  })
})

describe('help', () => {
  const io = { stdout: { write: () => {}, columns: 80 }, stderr: { write: () => {}, columns: 80 } } as never
  const commands = nodesOf(createProgram(io, () => {}).program).map(({ path }) => path.split(' ').slice(1))

  test.each(commands.filter((words) => words.length > 0 && words.join() !== 'builds'))('%s %s ends with an example', async (...words) => {
    const { code, out, err } = await fakeCli().run(...words.filter((word) => typeof word === 'string'), '--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/Examples?:\n( {2}\$ .+\n)+/)
  })

  test('without words it is shown, with the exit codes', async () => {
    const { code, out } = await fakeCli().run()
    expect(code).toBe(0)
    expect(out).toMatch(/Exit codes:\n {2}0 +it worked\n(.*\n)* {2}130 +cancelled/)
  })

  test('a group without a command shows its help too, as if asked for', async () => {
    expect(await fakeCli().run('builds')).toEqual(await fakeCli().run('builds', '--help'))
    expect(await fakeCli().run('builds', 'help')).toMatchObject({ code: 0, err: '' })
    expect(await fakeCli().run('builds')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Usage: kiln builds') })
  })

  test('--version is the version of the package', async () => {
    for (const words of [['--version'], ['--version', '--json']])
      expect(await fakeCli().run(...words)).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})
