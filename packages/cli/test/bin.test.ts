import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agent, folder } from './folder.ts'

const bin = join(import.meta.dirname, '../bin/kiln.mjs')

function kiln(
  words: readonly string[],
  options: { readonly env?: Record<string, string>; readonly input?: Buffer; readonly node?: readonly string[] } = {},
): { code: number | null; out: string; err: string } {
  const { CI: _ci, NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env
  const done = spawnSync(process.execPath, ['--conditions=kiln-source', ...(options.node ?? []), bin, ...words], {
    encoding: 'utf8',
    env: { ...env, ...options.env },
    input: options.input ?? '',
  })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

describe('the process', () => {
  test('--version prints the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }
    expect(kiln(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test('--version loads nothing of Kiln or commander', () => {
    const noted =
      "data:text/javascript,import{registerHooks}from'node:module';registerHooks({load(u,c,n){if(!u.startsWith('node:'))process.stderr.write(u+'\\n');return n(u,c)}})"
    expect(
      kiln(['--version'], { node: ['--import', noted] })
        .err.trim()
        .split('\n'),
    ).toEqual([expect.stringMatching(/bin\/kiln\.mjs$/)])
  })

  test('an old Node is told so in one line', () => {
    const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.17.1'}})"
    expect(kiln(['plan', '.'], { node: ['--import', old] })).toEqual({
      code: 2,
      out: '',
      err: 'kiln: Node 22.18 or newer is needed, this is 22.17.1.\n',
    })
  })

  test('reads a tar from standard input', () => {
    const tar = spawnSync('tar', ['-C', folder(agent), '-c', '.']).stdout
    const { code, out, err } = kiln(['plan', '-', '--json'], { input: tar })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ entrypoint: 'agent.py' })
  })

  test.each([{}, { CI: '1' }, { NO_COLOR: '1' }, { TERM: 'dumb' }, { AI_AGENT: 'x' }])(
    'writes no escape byte when piped, with %o',
    (env) => {
      const { code, out, err } = kiln(['plan', '/not/there'], { env })
      expect({ code, out }).toEqual({ code: 3, out: '' })
      expect(err).toContain('[source_not_found]')
      expect(err).not.toContain('\u001b')
    },
  )

  test('ends with the exit code of its class', () => {
    const data = folder({})
    expect(kiln(['build', folder(agent), '--data-dir', data], { env: { DOCKER_HOST: 'unix:///not/there.sock' } })).toMatchObject({
      code: 4,
      err: expect.stringContaining('[driver_unreachable]'),
    })
    expect(kiln(['builds', 'ls', '--data-dir', join(folder({ file: '' }), 'file')])).toMatchObject({
      code: 7,
      err: expect.stringContaining('[store_unavailable]'),
    })
    expect(kiln(['nope']).code).toBe(2)
  })
})
