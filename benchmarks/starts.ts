import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { directory, plan, type Config, type Kiln, type Plan, type Source } from '@kiln/core'
import { openKiln } from '@kiln/kiln'
import { ask, runContainer, type Container } from '../test/containers/containers.ts'
import { applicationsOf, workspaceOf, type Application } from './repos/applications.ts'
import { drawn } from './repos/draw.ts'
import { needsMore, wordsOf, type Words } from './repos/needs.ts'
import { median, table } from './measure.ts'

// Builds and starts applications of real repositories (REPOS, as `repos`), drawn by a fixed seed, on the Docker Engine of DOCKER_HOST. An
// application has started when its process lives after 15 s or has ended with 0, and its port answers, whatever it says. Variables that the
// source reads without a default have values that stand for nothing, when the program runs and, where the build fails without, in the
// commands of the build. Not counted, and replaced by the next one drawn: what needs a GPU or a model on this machine, and what ends, or
// does not build, because a service was not there or refused the value, a terminal was missing or a person had to answer, or because it
// needs a host, or a file of its own lock, that this machine does not reach (told apart, as `lacking`). Where the plan
// asks which of several to build, it is the first. What asks for other packages of its workspace is built as a unit of that.
// OUT keeps each answer (default below node_modules/.cache): a second run goes on; REDO=failed does those again.

const wanted = Number(process.env['COUNT'] ?? 40)
const target = 0.85
/** applications at once: much of a build is waiting for registries */
const lanes = Number(process.env['LANES'] ?? 2)
/** of which the rig has bases */
const bases: Readonly<Record<string, readonly Readonly<Pick<Config, 'runtime' | 'base'>>[]>> = {
  python: [
    { runtime: { version: '3.13' }, base: { distro: 'trixie' } },
    { runtime: { version: '3.11' }, base: { distro: 'bookworm' } },
  ],
  node: [{ runtime: { version: '24' }, base: { distro: 'bookworm' } }, { runtime: { version: '22' } }],
}
const limits = { build: 600_000, alive: 15_000, answer: 60_000 }

/** `lacking`: needs what this machine does not reach; not counted either, but told. */
type Kind = 'started' | 'not planned' | 'not built' | 'not started' | 'not counted' | 'lacking'

interface Outcome {
  readonly application: string
  readonly kind: Kind
  readonly says: string
  readonly seconds: number
}

export default async function main(): Promise<boolean> {
  const [home, host] = [process.env['REPOS'], process.env['DOCKER_HOST']]
  if (home === undefined || host === undefined) {
    console.log('REPOS (checkouts of repositories) and DOCKER_HOST are needed: nothing is measured.')
    return true
  }
  const out = process.env['OUT'] ?? join(import.meta.dirname, '../node_modules/.cache/kiln-starts.jsonl')
  const known = readOutcomes(out)
  // in the order they are drawn; undefined while one is under way
  const outcomes: (Outcome | undefined)[] = []
  const scratch = mkdtempSync(join(tmpdir(), 'kiln-bench-'))
  try {
    await using engine = await openKiln({ dataDir: scratch })
    const queue = drawn(allOf(home), 2026)
    const lane = async (): Promise<void> => {
      for (;;) {
        const enough = outcomes.filter((one) => one === undefined || isCounted(one)).length >= wanted
        const next = enough ? undefined : queue[outcomes.length]
        if (next === undefined) return
        const at = outcomes.push(undefined) - 1
        const application = `${next.repository}/${next.path}`
        const outcome = known.get(application) ?? (await tried(engine.for('repos'), host, home, next))
        if (!known.has(application)) appendFileSync(out, `${JSON.stringify(outcome)}\n`)
        console.log(`${outcome.kind.padEnd(12)} ${outcome.seconds.toFixed(0).padStart(4)} s  ${application}  ${outcome.says.slice(0, 160)}`)
        outcomes[at] = outcome
      }
    }
    // all come to their end before what they use is disposed of
    const ended = await Promise.allSettled(Array.from({ length: lanes }, lane))
    for (const one of ended) if (one.status === 'rejected') throw one.reason
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return verdict(outcomes.filter((one) => one !== undefined))
}

function isCounted({ kind }: Outcome): boolean {
  return kind !== 'not counted' && kind !== 'lacking'
}

function verdict(outcomes: readonly Outcome[]): boolean {
  const counted = outcomes.filter(isCounted)
  // what this machine lacks is no fault of a build, and counts as one in the verdict all the same
  const drawnFirst = outcomes.filter(({ kind }) => kind !== 'not counted').slice(0, wanted)
  const kinds = ['started', 'not planned', 'not built', 'not started', 'lacking'] as const
  const row = (name: string, of: readonly Outcome[]): string[] => [
    name,
    String(of.length),
    ...kinds.map((kind) => String(of.filter((one) => one.kind === kind).length)),
    median(of.map((one) => one.seconds)).toFixed(0),
  ]
  console.log(
    table(['', 'counted', ...kinds, 'seconds, median'], [row('as counted', counted), row('with what this machine lacks', drawnFirst)]),
  )
  return drawnFirst.filter(({ kind }) => kind === 'started').length >= target * drawnFirst.length
}

function allOf(home: string): readonly Application[] {
  return readdirSync(home)
    .sort()
    .flatMap((repository) => applicationsOf(home, repository))
}

function readOutcomes(file: string): ReadonlyMap<string, Outcome> {
  mkdirSync(dirname(file), { recursive: true })
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const all = lines.map((line) => JSON.parse(line) as Outcome)
  const redo = process.env['REDO'] === 'failed' ? new Set<string>(['not planned', 'not built', 'not started']) : new Set<string>()
  return new Map(all.filter(({ kind }) => !redo.has(kind)).map((one) => [one.application, one]))
}

async function tried(kiln: Kiln, host: string, home: string, one: Application): Promise<Outcome> {
  const application = `${one.repository}/${one.path}`
  const begun = performance.now()
  const outcome = (kind: Outcome['kind'], says: string): Outcome => ({
    application,
    kind,
    says,
    seconds: (performance.now() - begun) / 1000,
  })
  const words = await wordsBelow(home, one)
  const more = needsMore(words)
  if (more !== undefined) return outcome('not counted', more)
  const workspace = workspaceOf(home, one)
  await using source = await directory(join(home, one.repository, workspace?.root ?? one.path))
  const config = chosen(source, workspace ? { unit: workspace.unit } : {})
  const planned = plan(source, config)
  if (!planned.ok) return outcome('not planned', `${planned.code}: ${planned.message}`)
  const plain = await built(kiln, source, config)
  const again = 'image' in plain || plain.state !== 'failed' ? undefined : withValues(config, planned.plan, words.env)
  const end = again ? await built(kiln, source, again) : plain
  if (!('image' in end)) return outcome(...unbuilt(end))
  const { port } = planned.plan
  await using container = await runContainer(host, end.image, { env: words.env, ...(port !== null && { port }) })
  const [kind, says] = await life(container)
  return outcome(kind, says)
}

/** A part of an application, such as its `backend`, is often described by the notes above. */
async function wordsBelow(home: string, { repository, path }: Application): Promise<Words> {
  await using source = await directory(join(home, repository, path))
  const above = join(home, repository, dirname(path), 'README.md')
  return wordsOf(source, source.entry('README.md') || !existsSync(above) ? '' : readFileSync(above, 'utf8'))
}

interface Unbuilt {
  readonly state: string
  readonly says: string
  readonly output: string
}

async function built(kiln: Kiln, source: Source, config: Config): Promise<Unbuilt | { readonly image: string }> {
  await using build = await kiln.build({ name: 'app', source, how: { config }, runMs: limits.build })
  const end = await build.result()
  if (end.state === 'succeeded') return { image: end.image }
  const lines: string[] = []
  for await (const event of build.events({ follow: false })) if (event.type === 'log') lines.push(event.text)
  return { state: end.state, says: end.error?.message ?? '', output: lines.slice(-200).join('\n') }
}

function unbuilt({ state, says, output }: Unbuilt): readonly [Outcome['kind'], string] {
  const [, host] = /(?:^|\s)((?:[a-z0-9-]+\.)+[a-z]+) cannot be reached from inside the build/.exec(says) ?? []
  const more =
    host !== undefined && !registries.test(host)
      ? `needs ${host}, which this machine does not reach`
      : locked.test(says)
        ? 'its lock has what the registry of this machine lacks'
        : undefined
  if (more !== undefined) return ['lacking', `${more}: ${says}`]
  return state === 'failed' && refused.test(output) ? ['not counted', `needs a service: ${says}`] : ['not built', `${state}: ${says}`]
}

/** The same commands of the build, with values for what the source reads; undefined where there are none. */
function withValues(config: Config, { steps }: Plan, env: Words['env']): Config | undefined {
  const commands = steps.flatMap((step) => (step.kind === 'run' && step.in === 'build' ? [step.argv] : []))
  const values = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  if (commands.length === 0 || values.length === 0) return undefined
  return { ...config, build: { remove: commands, add: commands.map((argv) => ['env', ...values, ...argv]) } }
}

/** Where a person would have to choose, the first candidate; where this machine has no base of a version, one that it has. */
function chosen(source: Source, unit: Config): Config {
  const first = plan(source, unit)
  const config = first.ok ? unit : { ...unit, ...first.candidates[0]?.config }
  const planned = plan(source, config)
  const there = planned.ok ? bases[planned.plan.runtime.name] : undefined
  if (!planned.ok || !there) return config
  const { version } = planned.plan.runtime
  const same = there.find(({ runtime }) => `${version}.`.startsWith(`${runtime?.version}.`))
  if (same) return { ...config, ...(same.base && { base: same.base }) }
  return there.map((one) => ({ ...config, ...one })).find((one) => plan(source, one).ok) ?? config
}

/** How the container does. */
async function life(container: Container): Promise<readonly [Outcome['kind'], string]> {
  const ended = container.exited(limits.alive).then(
    (code) => code,
    () => undefined,
  )
  const answer = container.url === undefined ? undefined : ask(container.url, { ms: limits.answer }).catch(() => undefined)
  const code = await ended
  if (code === undefined && answer === undefined) return ['started', 'lives']
  const said = code === undefined ? await answer : undefined
  if (said) return ['started', `answers ${said.status}`]
  const output = (await container.output()).trim()
  const last = output.split('\n').slice(-3).join(' / ')
  if (code === 0) return ['started', `ended with 0: ${last}`]
  const other = others.find(([pattern]) => pattern.test(output))
  const how = code === undefined ? 'lives, but its port does not answer' : `ended with ${code}`
  return other ? ['not counted', `${other[1]}: ${how}: ${last}`] : ['not started', `${how}: ${last}`]
}

const refused =
  /AuthenticationError|PermissionDenied|Invalid (?:API|api) key|invalid_api_key|api_key client option must be set|401 Unauthorized|Incorrect API key/
/** The address of a file, not of a name: a lock has it, with its hash, so that it was there once. Mirrors have gaps. */
const locked = /not found in the registry: https:\S+\.tgz$/
/** of which the rig reaches a mirror: that one of them does not answer is a fault of the build */
const registries = /(?:^|\.)(?:npmjs\.org|yarnpkg\.com|jsr\.io|pypi\.org|pythonhosted\.org|debian\.org|golang\.org)$/

/** Ends that are no fault of the image. */
const others: readonly (readonly [RegExp, string])[] = [
  [/EOFError|EOF when reading a line/, 'needs a person at a terminal'],
  [refused, 'needs a service'],
  [
    /APIConnectionError|ConnectError|ConnectionRefusedError|Connection refused|ECONNREFUSED|ENOTFOUND|Name or service not known|Temporary failure in name resolution|getaddrinfo|Max retries exceeded/,
    'needs a service',
  ],
]
