import { shown } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { NodeFiles } from '../node/files.ts'
import { engineOf } from '../node/lifecycle.ts'
import type { PackageJson } from '../node/package-json.ts'
import type { Build } from '../project.ts'
import type { RuntimeFacts } from '../runtime-facts.ts'
import type { Tree } from '../tree.ts'
import { noEntrypoint } from '../unit-errors.ts'
import { readBunCommand, type BunCommand } from './command.ts'

export interface BunProgram {
  readonly file: string
  readonly options: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** why it is Bun's, which is why it starts */
  readonly evidence: Evidence
  readonly lost: readonly { readonly file: string; readonly evidence: Evidence }[]
  readonly build?: Build
  readonly notices: readonly Notice[]
}

export interface BunContext {
  readonly tree: Tree
  readonly files: NodeFiles
  readonly factsOf: (file: string) => RuntimeFacts
  readonly manifest: PackageJson | undefined
  readonly config: Config
}

/** A program that Bun runs: the Procfile or the script says so, or its file uses what only Bun has. undefined where Node runs it. */
export function bunProgram(context: BunContext): BunProgram | undefined {
  const { config, manifest } = context
  if (config.entrypoint !== undefined) return given(context, config.entrypoint.replace(/^\.\//, ''))
  const script = fromProcfile(context) ?? fromScripts(context)
  if (script) return script
  // another program's start script is stronger than what a file says
  const others = ['start', 'serve'].some((name) => manifest?.text('scripts', name) !== undefined)
  return others && config.runtime?.name !== 'bun' ? undefined : fromFiles(context)
}

function given(context: BunContext, file: string): BunProgram | undefined {
  if (!context.tree.has(file)) {
    if (context.config.runtime?.name !== 'bun') return undefined
    throw noEntrypoint(context.tree, file, 'not in the source', [])
  }
  if (context.config.runtime?.name !== 'bun' && !isOfBun(context, file) && !bunScripts(context)) return undefined
  return plain(file, { rule: 'config.entrypoint', file, says: 'the configuration names it' }, [])
}

function bunScripts({ manifest }: BunContext): boolean {
  return ['start', 'dev'].some((name) => /(?:^|\s)bun\s/.test(manifest?.text('scripts', name) ?? ''))
}

function fromProcfile(context: BunContext): BunProgram | undefined {
  const lines = (context.tree.text('Procfile') ?? '').split(/\r?\n/)
  const at = lines.findIndex((line) => /^web:\s*\S/.test(line))
  const text = lines[at]?.replace(/^web:\s*/, '')
  const command = text === undefined ? undefined : readBunCommand(text, scriptOf(context))
  return (
    command &&
    ofCommand(context, command, { rule: 'bun.start.procfile', file: 'Procfile', line: at + 1, says: `web is "${shown(text!, 150)}"` })
  )
}

function fromScripts(context: BunContext): BunProgram | undefined {
  const { manifest } = context
  for (const name of ['start', 'start:prod', 'start:production', 'serve']) {
    const text = manifest?.text('scripts', name)
    const command = text === undefined ? undefined : readBunCommand(text, scriptOf(context))
    if (!manifest || !command) continue
    const evidence = {
      rule: 'bun.start.script',
      file: 'package.json',
      line: manifest.line('scripts', name),
      says: `scripts.${name} is "${shown(text!, 150)}"`,
    }
    const found = ofCommand(context, command, evidence)
    if (found) return found
  }
  return undefined
}

function scriptOf({ manifest }: BunContext): (name: string) => string | undefined {
  return (name) => manifest?.text('scripts', name)
}

function ofCommand({ tree, manifest }: BunContext, command: BunCommand, evidence: Evidence): BunProgram | undefined {
  const { options, args, env, before, dev } = command
  const file = existing(tree, command.file)
  const builds = manifest?.text('scripts', 'build') !== undefined || before.some((one) => /\bbuild\b/.test(one))
  if (file === undefined && !builds) return undefined
  const left = [...(dev === undefined ? [] : [dev]), ...before.filter((one) => !/\bbuild\b/.test(one))]
  const place = {
    ...(evidence.file === undefined ? {} : { file: evidence.file }),
    ...(evidence.line === undefined ? {} : { line: evidence.line }),
  }
  const message = `The image runs \`bun ${command.file}\`, without ${left.map((one) => shown(one, 60)).join(' and ')}.`
  const notices = left.length === 0 ? [] : [{ code: dev === undefined ? 'script_hook' : 'dev_server', message, ...place }]
  return {
    file: file ?? command.file,
    options,
    args,
    env,
    evidence,
    lost: [],
    ...(file === undefined ? { build: buildOf(command.file, manifest, before, evidence) } : {}),
    notices,
  }
}

function existing(tree: Tree, file: string): string | undefined {
  return [file, ...['.ts', '.tsx', '.js', '.mjs', '/index.ts', '/index.js'].map((end) => file + end)].find((path) => tree.has(path))
}

function buildOf(file: string, manifest: PackageJson | undefined, before: readonly string[], { file: place, line }: Evidence): Build {
  const script = manifest?.text('scripts', 'build')
  const words = before.find((one) => /\bbuild\b/.test(one))?.split(/\s+/) ?? []
  const evidence = {
    rule: 'bun.build.script',
    ...(place === undefined ? {} : { file: place }),
    ...(line === undefined ? {} : { line }),
    says: `${shown(file)} is what the build writes`,
  }
  const top = file.split('/')[0]!
  return { argv: script === undefined ? words : ['bun', 'run', 'build'], outputs: file.includes('/') ? [top] : [], evidence }
}

const names = ['server', 'main', 'app', 'index', 'start', 'bot', 'agent', 'run', 'api', 'worker']
const places = ['', 'src', 'app', 'server']

function rank(file: string): number {
  const parts = file.split('/')
  const name = names.indexOf(parts.at(-1)!.replace(/\.[^.]+$/, ''))
  const place = places.indexOf(parts.slice(0, -1).join('/'))
  return name === -1 || place === -1 ? 1000 : place * 100 + name
}

function fromFiles(context: BunContext): BunProgram | undefined {
  const { manifest, tree, files, config } = context
  const main = ['module', 'main']
    .map((field) => manifest?.text(field)?.replace(/^\.\//, ''))
    .find((path) => path !== undefined && tree.has(path))
  const likely = [
    ...(main === undefined ? [] : [main]),
    ...files.program.filter((file) => rank(file) < 1000).toSorted((a, b) => rank(a) - rank(b)),
  ]
  const bun = meansBun(context)
  const own = likely.filter((file) => isOfBun(context, file) && servesIn(context, file))
  const chosen = own.length > 0 ? own : bun || config.runtime?.name === 'bun' ? likely : likely.filter((file) => isOfBun(context, file))
  const [first, ...lost] = [...new Set(chosen)]
  if (first === undefined) return undefined
  const evidence = isOfBun(context, first) ?? bun ?? { rule: 'config.runtime.name', says: 'the configuration says so' }
  return plain(first, evidence, lost)
}

function servesIn({ factsOf }: BunContext, file: string): boolean {
  const { serves, exported } = factsOf(file)
  return serves.length > 0 || exported !== undefined
}

/** A project that is made for Bun, though its start does not say so: its types, its settings, its engine, a framework of its own. */
function meansBun({ tree, manifest, files }: BunContext): Evidence | undefined {
  if (!manifest) return undefined
  const declared = (name: string): Evidence | undefined => manifest.dependencies.find((one) => one.name === name)?.evidence
  const types = declared('@types/bun') ?? declared('bun-types')
  if (types) return { ...types, rule: 'bun.types' }
  if (engineOf(manifest, 'bun') !== undefined && engineOf(manifest, 'node') === undefined)
    return { rule: 'bun.engines', file: 'package.json', line: manifest.line('engines', 'bun'), says: 'engines names bun, and no node' }
  const elysia = declared('elysia')
  if (elysia && !declared('@elysiajs/node')) return { ...elysia, rule: 'bun.framework' }
  const settings = ['bunfig.toml', 'bun.lock', 'bun.lockb'].find((path) => tree.has(path))
  // Bun is often only who installs: without types of Node, and in TypeScript as it is
  if (settings === undefined || declared('@types/node') || declared('typescript') || files.program.every((file) => !/\.tsx?$/.test(file)))
    return undefined
  return { rule: 'bun.manifest', file: settings, says: `${settings} is there, and nothing of Node` }
}

/** What only Bun has, in a file or what it imports. */
function isOfBun({ tree, files, factsOf }: BunContext, file: string): Evidence | undefined {
  for (const one of files.reach(file)) {
    if (!/\bBun\b|["']bun["':]/.test(tree.text(one) ?? '')) continue
    const foreign = files.imports(one).find(({ module, optional }) => !optional && (module === 'bun' || module.startsWith('bun:')))
    if (foreign) return { rule: 'bun.import', file: one, line: foreign.line, says: `imports ${foreign.module}` }
    const [name, line] = [...factsOf(one).uses].find(([use]) => use.startsWith('Bun.')) ?? []
    if (name !== undefined) return { rule: 'bun.object', file: one, line: line!, says: `uses ${name}` }
  }
  return undefined
}

function plain(file: string, evidence: Evidence, lost: readonly string[]): BunProgram {
  const others = lost.map((one) => ({ file: one, evidence: { rule: 'bun.start.name', file: one, says: 'a usual name for the program' } }))
  return { file, options: [], args: [], env: {}, evidence, lost: others, notices: [] }
}
