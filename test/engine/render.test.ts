// What only a real engine can say of a rendered Dockerfile: that values arrive as they were, that nothing beside the source gets
// in, who the program is, and that a stop is a stop.
import { docker } from '@kiln/driver-docker'
import { render, type Dialect, type Plan } from '@kiln/core'
import { testJob } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { runContainer } from '../containers/containers.ts'
import { ask, engines, run } from './docker-engine.ts'

const { all } = await engines()
const owner = 'render-test'
const hard = {
  DOLLAR: 'costs $5, $HOME and ${PATH:-x}',
  QUOTES: `'single' "double" \`back\``,
  SLASH: 'ends in a backslash \\',
  SHELL: '; id && echo $(id) | cat # no comment',
  SPACES: '  two  and two  ',
  NAMES: '<<EOF ${ [ ] * ? é 日本',
  EMPTY: '',
}
const odd = { 'a file.txt': 'space', "it's $HOME.txt": 'quote', '[a]*?.txt': 'pattern', '-dash.txt': 'dash' }

const report = `import json, os, sys
def can_write(path):
    try:
        open(os.path.join(path, 'new'), 'w').close()
        return True
    except OSError:
        return False
print(json.dumps({
    'argv': sys.argv[1:], 'env': dict(os.environ), 'uid': os.getuid(), 'gid': os.getgid(), 'pid': os.getpid(), 'home': os.path.expanduser('~'),
    'files': sorted(os.listdir('.')), 'copied': sorted(os.listdir('/copied')), 'generated': open('made/by kiln.txt').read(),
    'writes': [can_write(path) for path in ('.', 'data', 'data/deep', '/etc')],
}), flush=True)
`
const plain = `import time\nprint('up', flush=True)\ntime.sleep(600)\n`
const handled = `import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('said goodbye', flush=True), sys.exit(7)))
print('up', flush=True)
time.sleep(600)
`

function planOf(runtime: 'python' | 'node', start: readonly string[]): Plan {
  return {
    version: 1,
    edition: '2026.11',
    unit: '.',
    workspace: null,
    context: null,
    language: runtime,
    runtime: { name: runtime, version: runtime === 'python' ? '3.11' : '24' },
    toolchains: [],
    framework: null,
    packageManager: null,
    entrypoint: null,
    port: null,
    base: { kind: 'runtime', distro: 'bookworm' },
    frontend: null,
    dependencies: [],
    systemPackages: [],
    steps: [
      { in: 'image', kind: 'write', path: 'made/by kiln.txt', text: 'generated\n' },
      { in: 'image', kind: 'copy', from: 'source', paths: Object.keys(odd), to: '/copied' },
      { in: 'image', kind: 'copy', from: 'source', paths: ['.'], to: '.' },
    ],
    start,
    env: hard,
  }
}

const files = {
  ...odd,
  'report.py': report,
  'plain.py': plain,
  'handled.py': handled,
  'plain.js': `console.log('up'); setInterval(() => {}, 1000)`,
  'data/deep/x': '',
}

// BuildKit reads .dockerignore of a directory, but not of the tar that POST /build gets. Plans are built there in the classic dialect.
const strays = { classic: [], buildkit: ['.dockerignore', 'Dockerfile.kiln'] } as const

const cases = Object.entries(all).flatMap(([name, host]) => (['classic', 'buildkit'] as const).map((dialect) => ({ name, host, dialect })))

/** Builds a plan, gives the image to `use`, and leaves nothing behind. */
async function withImage(host: string, dialect: Dialect, plan: Plan, use: (image: string) => Promise<void>): Promise<void> {
  await using driver = docker({ host, owner })
  const labels = { 'org.example.hard': hard.SHELL + hard.SLASH }
  const job = { ...testJob({ dockerfile: '', files }), recipe: render(plan, dialect, { labels }) }
  try {
    const ran = await run(driver, job)
    expect(ran.error).toBeUndefined()
    await use(ran.built!.ref)
  } finally {
    await driver.reap(async () => false, {})
  }
}

async function stopped(host: string, image: string): Promise<{ readonly code: number; readonly output: string }> {
  await using container = await runContainer(host, image)
  await expect.poll(() => container.output(), { timeout: 20_000, interval: 100 }).toContain('up')
  await container.stop(8)
  return { code: await container.exited(20_000), output: await container.output() }
}

describe.each(cases)('$name, $dialect', ({ host, dialect }) => {
  test('values, files, user and home are as the plan says', async () => {
    const words = ['$HOME', 'a b', `"'\\`, '$(id)']
    await withImage(host, dialect, planOf('python', ['python', 'report.py', ...words]), async (image) => {
      await using container = await runContainer(host, image)
      expect(await container.exited(20_000)).toBe(0)
      const found = JSON.parse(await container.output()) as Record<string, unknown>
      expect(found['env']).toMatchObject(hard)
      expect(found['argv']).toEqual(words)
      expect(found).toMatchObject({ uid: 1000, gid: 1000, home: '/app', generated: 'generated\n', writes: [true, true, true, false] })
      // neither the Dockerfile nor .dockerignore; what is generated lies where the plan wrote it
      expect(found['files']).toEqual(
        [...new Set([...Object.keys(files).map((path) => path.split('/')[0]!), 'made', ...strays[dialect]])].sort(),
      )
      expect(found['copied']).toEqual(Object.keys(odd).sort())
      const { Config } = JSON.parse((await ask(host, `/images/${encodeURIComponent(image)}/json`)).body) as {
        Config: { Labels: Record<string, string>; User: string }
      }
      expect(Config.Labels).toMatchObject({
        'org.example.hard': hard.SHELL + hard.SLASH,
        'org.opencontainers.image.base.name': 'python:3.11-slim',
      })
      expect(Config.User).toBe('1000:1000')
    })
  })
})

// 137 is what a process gets that heard nothing and was killed at the end of the wait
describe('a stop', () => {
  const [host] = Object.values(all)

  test.each([
    ['python', 'plain.py', 143],
    ['python', 'handled.py', 7],
    ['node', 'plain.js', 143],
  ] as const)('of %s %s ends with %i', async (runtime, file, code) => {
    await withImage(host!, 'classic', planOf(runtime, [runtime, file]), async (image) => {
      const ended = await stopped(host!, image)
      expect(ended.code).toBe(code)
      if (code === 7) expect(ended.output).toContain('said goodbye')
    })
  })
})
