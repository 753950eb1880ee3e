// examples/deploy, as far as it can be checked without an engine.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const unit = read('examples/deploy/kiln.service')

test('the unit sets exactly the rules of docs/security.md, after those of an earlier start are gone', () => {
  const rules = [...read('docs/security.md').matchAll(/^(ip6?tables -w .+)$/gm)].map(([, rule]) => rule!)
  const starts = [...unit.matchAll(/^ExecStartPre=(-?\+)\/usr\/sbin\/(.+)$/gm)].map(([, how, line]) => [how, line])
  expect(rules).toHaveLength(4)
  expect(starts).toEqual([...rules.map((rule) => ['-+', rule.replace(' -I ', ' -D ')]), ...rules.map((rule) => ['+', rule])])
})

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0

test.skipIf(!systemd)('systemd takes the unit (needs systemd-analyze)', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'kiln-unit-'))
  try {
    // the programs of another machine are not here
    writeFileSync(join(scratch, 'kiln.service'), unit.replaceAll(/^(ExecStart(?:Pre)?=[-+]*)\/\S+/gm, '$1/bin/true'))
    expect(spawnSync('systemd-analyze', ['verify', join(scratch, 'kiln.service')], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('the Dockerfile copies what is there, installs the pnpm of the set-up, and compose builds it', () => {
  const dockerfile = read('examples/deploy/Dockerfile')
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '))
  expect(copied.length).toBeGreaterThan(5)
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(execFileSync('git', ['ls-files', '.dockerignore'], { cwd: root, encoding: 'utf8' })).toBe('.dockerignore\n')
  const [, pnpm] = /const pnpm = '(pnpm@[\d.]+)'/.exec(read('scripts/setup.mjs')) ?? []
  expect(dockerfile).toContain(`npx --yes ${pnpm} `)
  expect(read('examples/deploy/compose.yaml')).toContain('build: { context: ../.., dockerfile: examples/deploy/Dockerfile }')
})
