import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createRequire } from 'node:module'
import { directory, plan } from '@kiln/core'
import { openKiln } from '@kiln/kiln'
import { fakeDriver } from '@kiln/testkit/driver'
import { measure, median, table, type Sample } from './measure.ts'

const root = resolve(import.meta.dirname, '..')
const node = process.execPath
const hello = ['-e', '0']

/** Planning, a hit, and starting: each beside its limit, and beside an empty Node process where a process is started. */
export default async function main(): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'kiln-bench-'))
  try {
    const agent = agentOf20Files(scratch)
    const rows = [...(await inProcess(agent, scratch)), ...(await processes(agent))]
    console.log(
      table(
        ['what', 'median', 'limit', 'beside an empty Node', 'met'],
        rows.map(({ cells }) => cells),
      ),
    )
    const closed = closure()
    console.log(
      `\nclosure of @kiln/core: ${closed.packages.length} packages (limit 25), ${(closed.bytes / 1e6).toFixed(1)} MB (limit 12), install scripts: ${closed.scripts.join(', ') || 'none'}`,
    )
    console.log(closed.packages.join(' '))
    return (
      rows.every(({ met }) => met) &&
      closed.packages.length <= 25 &&
      closed.bytes <= 12e6 &&
      closed.scripts.length === 0 &&
      !closed.packages.includes('rxjs')
    )
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

interface Row {
  readonly cells: readonly string[]
  readonly met: boolean
}

async function inProcess(agent: string, scratch: string): Promise<Row[]> {
  await using engine = await openKiln({ dataDir: join(scratch, 'data'), drivers: [fakeDriver()] })
  const kiln = engine.for('bench')
  const build = async (): Promise<string> => {
    await using source = await directory(agent)
    const made = await kiln.build({ name: 'agent', source, verify: 'fast' })
    return made.reuse
  }
  await using first = await kiln.build({ name: 'agent', source: await directory(agent) })
  await first.result()
  const samples = await measure(
    [
      {
        name: 'plan of a 20-file agent, in process, opening included',
        run: async () => {
          await using source = await directory(agent)
          if (!plan(source).ok) throw new Error('the agent was not planned')
        },
      },
      {
        name: 'hit, from 20 files to the durable answer, plan remembered',
        run: async () => {
          if ((await build()) !== 'hit') throw new Error('not a hit')
        },
      },
    ],
    25,
  )
  return [...[...samples.values()].map((sample) => row(sample, 10)), await unplanned(scratch)]
}

/** A warm process, an open engine, and trees that no plan is remembered of: each is built by one engine and hit once by the next. */
async function unplanned(scratch: string): Promise<Row> {
  const trees = Array.from({ length: 40 }, (_, n) => agentOf20Files(join(scratch, `tree-${n}`), `# ${n}\n`))
  const driver = fakeDriver()
  const times: number[] = []
  for (const expected of ['none', 'hit']) {
    await using engine = await openKiln({ dataDir: join(scratch, 'unplanned'), drivers: [driver] })
    for (const tree of trees) {
      const start = performance.now()
      await using source = await directory(tree)
      const made = await engine.for('bench').build({ name: 'agent', source, verify: 'fast' })
      if (expected === 'hit') times.push(performance.now() - start)
      if (made.reuse !== expected) throw new Error(`${made.reuse} instead of ${expected}`)
      await made.result()
    }
  }
  const ms = median(times.slice(10))
  return row(
    { name: 'hit, from 20 files to the durable answer, not planned before', ms, min: Math.min(...times), foreign: 0, rounds: 30 },
    10,
  )
}

async function processes(agent: string): Promise<Row[]> {
  const bin = join(root, 'packages/cli/bin/kiln.mjs')
  if (!existsSync(join(root, 'packages/core/dist/index.js'))) throw new Error('build first: npm run setup')
  const core = join(root, 'packages/core/dist/index.js')
  const start = (name: string, args: readonly string[]) => ({
    name,
    run: () => void execFileSync(node, args, { stdio: ['ignore', 'ignore', 'inherit'] }),
  })
  const samples = await measure(
    [
      start('an empty Node', hello),
      start('kiln --version', [bin, '--version']),
      start('kiln plan of a 20-file agent', [bin, 'plan', agent, '--json']),
      start('a Node that imports @kiln/core', ['--input-type=module', '-e', `await import(${JSON.stringify(core)})`]),
    ],
    9,
  )
  const empty = samples.get('an empty Node')!.ms
  const imported = samples.get('a Node that imports @kiln/core')!
  const limits = { 'kiln --version': 100, 'kiln plan of a 20-file agent': 400 }
  return [
    ...Object.entries(limits).map(([name, limit]) => row(samples.get(name)!, limit, empty)),
    row({ ...imported, name: 'importing @kiln/core, start of Node taken off', ms: imported.ms - empty }, 150),
  ]
}

function row(sample: Sample, limit: number, empty?: number): Row {
  const met = sample.ms <= limit
  return {
    met,
    cells: [
      sample.name,
      `${sample.ms.toFixed(1)} ms`,
      `${limit} ms`,
      empty === undefined ? '' : `+${(sample.ms - empty).toFixed(1)} ms`,
      met ? 'yes' : 'NO',
    ],
  }
}

/** What `npm install @kiln/core` would bring: every package and its bytes, found by resolving as Node does. */
function closure(): { readonly packages: readonly string[]; readonly bytes: number; readonly scripts: readonly string[] } {
  const seen = new Map<string, string>()
  const visit = (home: string): void => {
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      name: string
      dependencies?: object
      optionalDependencies?: object
    }
    if (seen.has(manifest.name)) return
    seen.set(manifest.name, home)
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) visit(homeOf(name, home))
  }
  visit(join(root, 'packages/core'))
  const bytes = [...seen.values()].reduce((sum, home) => sum + published(home), 0)
  const scripts = [...seen].filter(([, home]) => hasInstallScript(home)).map(([name]) => name)
  return { packages: [...seen.keys()].toSorted(), bytes, scripts }
}

function homeOf(name: string, from: string): string {
  for (const place of createRequire(join(from, 'x.js')).resolve.paths(name) ?? [])
    if (existsSync(join(place, name, 'package.json'))) return realpathSync(join(place, name))
  throw new Error(`${name} is not installed for ${from}`)
}

/** Of our own packages only what is published counts. */
function published(home: string): number {
  const parts = home.startsWith(join(root, 'packages')) ? ['dist', 'src', 'schema', 'package.json'] : ['.']
  return parts.filter((part) => existsSync(join(home, part))).reduce((sum, part) => sum + size(join(home, part)), 0)
}

function size(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + size(join(path, name)), 0)
}

function hasInstallScript(home: string): boolean {
  const { scripts = {} } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { scripts?: Record<string, string> }
  return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
}

/** A FastAPI agent of 20 files without a manifest, the costliest kind to plan. */
function agentOf20Files(scratch: string, head = ''): string {
  const home = join(scratch, 'agent')
  mkdirSync(join(home, 'tools'), { recursive: true })
  cpSync(join(root, 'examples/agents/fastapi-inferred/main.py'), join(home, 'main.py'))
  writeFileSync(join(home, 'knowledge.py'), 'FACTS = "clay: soft"\n')
  const body = 'def answer(question: str) -> str:\n    """Answers."""\n    return f"{question}: {len(question)}"\n\n'.repeat(40)
  for (let n = 0; n < 18; n++)
    writeFileSync(join(home, 'tools', `tool_${n}.py`), `${head}import json\nimport requests\nfrom pydantic import BaseModel\n\n${body}`)
  return home
}
