// examples/deploy, as far as it can be checked without an engine.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processIo } from '@kiln/cli'
import { expect, test } from 'vitest'
import { createProgram } from '../../packages/cli/src/program.ts'

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

const file = join(root, 'examples/deploy/compose.yaml')
const composeFile = read('examples/deploy/compose.yaml')
const serve = createProgram(processIo(), () => {}).program.commands.find((command) => command.name() === 'serve')!
const composed = words(/command:\s*\[([^\]]+)\]/.exec(composeFile)![1]!)

test.each([
  ['compose.yaml', composed],
  ['Dockerfile', words(/^CMD \[(.+)\]$/m.exec(read('examples/deploy/Dockerfile'))![1]!)],
  ['kiln.service', /^ExecStart=\S+ (.+)$/m.exec(unit)![1]!.split(' ')],
])('%s starts the server with options that it has', (_, [command, ...rest]) => {
  expect(command).toBe('serve')
  const options = rest.filter((word) => word.startsWith('--'))
  expect(options).not.toEqual([])
  expect(options.filter((option) => !serve.options.some(({ long, short }) => [long, short].includes(option)))).toEqual([])
})

test('the server is given more time to end than it takes, and its data and its registry are those of compose', () => {
  const grace = Number.parseInt(serve.options.find(({ long }) => long === '--grace')!.defaultValue as string, 10)
  expect(grace).toBeGreaterThan(0)
  const [, stop] = /stop_grace_period: (\d+)s/.exec(composeFile)!
  const [, until] = /^TimeoutStopSec=(\d+)$/m.exec(unit)!
  expect(Math.min(Number(stop), Number(until))).toBeGreaterThanOrEqual(grace + 10)
  // `run --rm` of a command that writes elsewhere would lose what it wrote
  expect(composeFile).toContain('- data:/data\n')
  expect(read('examples/deploy/Dockerfile')).toContain('ENV KILN_DATA_DIR=/data\nVOLUME /data\n')
  const [, published] = /ports: \['127\.0\.0\.1:(\d+):5000'\]/.exec(composeFile)!
  expect(composed[composed.indexOf('--registry') + 1]).toBe(`localhost:${published}/kiln`)
})

const compose = spawnSync('docker', ['compose', 'version']).status === 0

test.skipIf(!compose)('Docker Compose reads the file as it is meant (needs docker compose)', () => {
  const shown = execFileSync('docker', ['compose', '-f', file, 'config', '--format', 'json'], { encoding: 'utf8' })
  expect(JSON.parse(shown)).toMatchObject({
    services: {
      kiln: { command: composed, network_mode: 'host', stop_grace_period: '45s', build: { dockerfile: 'examples/deploy/Dockerfile' } },
      registry: { image: 'registry:3', environment: { REGISTRY_LOG_LEVEL: 'warn', OTEL_TRACES_EXPORTER: 'none' } },
    },
    volumes: { data: {}, images: {} },
  })
})

/** The words of a list as YAML's flow style and Dockerfiles have it. */
function words(list: string): readonly string[] {
  return list.split(',').flatMap((word) => word.trim().replaceAll(/^['"]|['"]$/g, '') || [])
}
