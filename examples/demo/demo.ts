// The main job, on two agents: what is detected and why, the packages, the Dockerfile, the build, the running container;
// then the same source again, and with one line changed. `npm run demo` starts it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directory, openKiln, type Build, type Kiln } from '@kiln/kiln'
import { plan, render, type Planned } from '@kiln/core'
import { ask, runContainer } from '../../test/containers/containers.ts'

const agents = [
  {
    name: 'python-agent',
    folder: 'fastapi-inferred',
    changes: 'main.py',
    path: '/ask/kiln',
    note: 'a Python agent without a requirements file',
  },
  {
    name: 'typescript-agent',
    folder: 'typescript-tsc',
    changes: 'src/server.ts',
    path: '/health',
    note: 'a TypeScript agent without a Dockerfile',
  },
] as const

const engineHost = process.env['KILN_DEMO_ENGINE']
const scratch = mkdtempSync(join(tmpdir(), 'kiln-demo-'))
const started = performance.now()

try {
  await main()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

async function main(): Promise<void> {
  await using engine = await openKiln({ dataDir: join(scratch, 'data') })
  const kiln = engine.for('demo')
  for (const agent of agents) {
    const folder = join(scratch, agent.name)
    cpSync(join(import.meta.dirname, '../agents', agent.folder), folder, { recursive: true })
    title(`${agent.note} (examples/agents/${agent.folder})`)
    await show(folder)
    if (engineHost === undefined) continue
    const image = await build(kiln, agent.name, folder)
    await answer(image, folder, agent.path)
    await again(kiln, agent.name, folder)
    await changed(kiln, agent.name, folder, agent.changes)
  }
  say(`\nDone in ${seconds(started)}.`)
}

async function show(folder: string): Promise<void> {
  await using source = await directory(folder)
  const planned = plan(source)
  if (!planned.ok) throw new Error(`${planned.message} ${planned.hint}`)
  heading('What it is, and why')
  for (const { field, value, evidence } of planned.evidence.values)
    say(`  ${field.padEnd(18)} ${value.padEnd(34)} ${evidence.says}${place(evidence)}`)
  packages(planned)
  heading('The Dockerfile')
  for (const line of render(planned.plan, 'classic').text.trimEnd().split('\n')) say(`  ${line}`)
}

function packages(planned: Extract<Planned, { ok: true }>): void {
  heading('Its packages')
  for (const dependency of planned.evidence.dependencies.filter(({ group }) => group === 'default')) {
    const { ecosystem, extras = [], specifier } = dependency
    const at = ecosystem === 'npm' && specifier !== '' ? '@' : ''
    const name = `${dependency.name}${extras.length > 0 ? `[${extras.join(',')}]` : ''}${at}${specifier}`
    const how = dependency.origin === 'inferred' ? `inferred, grade ${dependency.grade}` : 'declared'
    say(`  ${name.padEnd(24)} ${how.padEnd(18)} ${dependency.evidence.says}${place(dependency.evidence)}`)
  }
}

async function build(kiln: Kiln, name: string, folder: string): Promise<Build['record']> {
  heading('The build')
  const since = performance.now()
  await using source = await directory(folder)
  await using handle = await kiln.build({ name, source, verify: 'fast' })
  say(`  image, known before the run: ${handle.record.image}`)
  handle.on('step-started', (step) => say(`  ${seconds(since)}  ${step.title.slice(0, 100)}`))
  const built = await handle.image()
  say(`  ${seconds(since)}  image   ${handle.record.image}`)
  say(`  ${seconds(since)}  digest  ${built.digest}`)
  return handle.record
}

async function answer(record: Build['record'], folder: string, path: string): Promise<void> {
  await using source = await directory(folder)
  const planned = plan(source)
  const port = planned.ok ? (planned.plan.port ?? 8080) : 8080
  await using container = await runContainer(engineHost!, record.image, { port })
  const { status, body } = await ask(`${container.url}${path}`)
  heading('The running container')
  say(`  GET ${container.url}${path} -> ${status} ${body.trim().slice(0, 200)}`)
}

async function again(kiln: Kiln, name: string, folder: string): Promise<void> {
  heading('The same source again')
  const since = performance.now()
  await using source = await directory(folder)
  await using handle = await kiln.build({ name, source, verify: 'fast' })
  say(
    `  ${handle.reuse} after ${(performance.now() - since).toFixed(1)} ms; no driver was asked to build, the run of the first build answers`,
  )
  if (handle.reuse !== 'hit') throw new Error('the second build should have been a hit')
}

async function changed(kiln: Kiln, name: string, folder: string, file: string): Promise<void> {
  heading(`One line of ${file} changed`)
  const before = readFileSync(join(folder, file), 'utf8')
  writeFileSync(join(folder, file), `${before.trimEnd()}\n${file.endsWith('.py') ? '#' : '//'} changed by the demo\n`)
  await using source = await directory(folder)
  await using handle = await kiln.build({ name, source, verify: 'fast' })
  const why = await handle.explainMiss()
  say(
    `  ${handle.reuse === 'none' ? 'miss' : handle.reuse}: changed inputs ${why.inputs.map((input) => input.name).join(', ')}; changed files ${why.files.changed.join(', ')}`,
  )
  const titles = new Map<string, string>()
  for await (const event of handle.events()) {
    if (event.type === 'step-started') titles.set(event.step, event.title)
    if (event.type === 'step-finished') say(`  ${event.cached ? 'kept ' : 'run  '}  ${titles.get(event.step)?.slice(0, 100) ?? event.step}`)
  }
  await handle.image()
}

function place({ file, line }: { file?: string; line?: number }): string {
  return file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
}

function title(text: string): void {
  say(`\n=== ${text} ===`)
}

function heading(text: string): void {
  say(`\n--- ${text}`)
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1).padStart(5)} s`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
