import { BuildError, shown } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Candidate, Evidence, Notice } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { noEntrypoint } from '../unit-errors.ts'
import { chooseNodeEntry, type NodeEntry } from './entries.ts'
import type { NodeFiles } from './files.ts'
import type { PackageJson } from './package-json.ts'
import { readStartScript, resolvedScript, type StartScript } from './script.ts'
import { sourceOf, type TsConfig } from './typescript.ts'

/** The file that node runs, and what stands around it on its command line. */
export interface NodeProgram {
  /** as node is given it; may only be there after a build */
  readonly file: string
  readonly options: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly evidence: Evidence
  readonly lost: readonly NodeEntry[]
  /** commands that the start script ran before, such as `tsc` */
  readonly before: readonly string[]
  readonly byName: boolean
  readonly notices: readonly Notice[]
}

interface Context {
  readonly tree: Tree
  readonly files: NodeFiles
  readonly manifest: PackageJson | undefined
  readonly tsConfig: TsConfig | undefined
  readonly config: Config
}

/** Rules 1 and 6 to 8 of `detection.md` 2.7: first hit wins. Throws where only a person can choose. */
export function nodeProgram(context: Context): NodeProgram | undefined {
  return given(context) ?? fromProcfile(context) ?? fromScripts(context) ?? fromMain(context) ?? fromFiles(context)
}

function given({ tree, files, config }: Context): NodeProgram | undefined {
  const file = config.entrypoint?.replace(/^\.\//, '')
  if (file === undefined) return undefined
  if (tree.has(file)) return plain(file, { rule: 'config.entrypoint', file, says: 'the configuration names it' })
  throw noEntrypoint(tree, file, 'not in the source', filesOf(files))
}

function filesOf({ program }: NodeFiles): Candidate[] {
  return program.slice(0, 10).map((path) => ({
    config: { entrypoint: path },
    title: `start ${path}`,
    evidence: { rule: 'node.file', file: path, says: 'a file of the source' },
  }))
}

/** Row 1 of `detection.md` 2.7: `web` before `worker` before the first; one that only calls a script is that script. */
function fromProcfile(context: Context): NodeProgram | undefined {
  const lines = (context.tree.text('Procfile') ?? '').split(/\r?\n/).map((text) => /^([\w-]+):\s*(\S.*)$/.exec(text))
  const at = ['web', 'worker', undefined]
    .map((name) => lines.findIndex((found) => found && (name ?? found[1]) === found[1]))
    .find((one) => one !== -1)
  const [, name, text] = at === undefined ? [] : lines[at]!
  if (at === undefined || name === undefined || text === undefined) return undefined
  const scripts = (one: string): string | undefined => context.manifest?.text('scripts', one)
  const script = readStartScript(resolvedScript(text, scripts))
  if (script.kind !== 'node' || !startsOfSource(context, script.file, script.before)) return undefined
  const evidence = { rule: 'node.start.procfile', file: 'Procfile', line: at + 1, says: `${name} is "${shown(text, 150)}"` }
  return ofScript(context, { name, script, evidence, hooked: false })
}

function startsOfSource(context: Context, file: string, before: readonly string[]): boolean {
  return attempt(() => plain(existing(context, file, before, { line: 1, name: 'start' }), noEvidence)) !== undefined
}

const noEvidence: Evidence = { rule: 'node.start.procfile', says: '' }

function fromScripts(context: Context): NodeProgram | undefined {
  const { manifest } = context
  const name = ['start', 'serve'].find((one) => manifest?.text('scripts', one) !== undefined)
  if (!manifest || name === undefined) return undefined
  const script = readStartScript(resolvedScript(manifest.text('scripts', name)!, (one) => manifest.text('scripts', one)))
  const line = manifest.line('scripts', name)
  if (script.kind === 'site') return cannotExpand(context, name, 'a server of files', line)
  if (script.kind === 'other') return cannotExpand(context, name, script.tool, line)
  const text = manifest.text('scripts', name)!
  const evidence = { rule: `node.start.script`, file: 'package.json', line, says: `scripts.${name} is "${shown(text, 150)}"` }
  return ofScript(context, { name, script, evidence, hooked: true })
}

interface Scripted {
  readonly name: string
  readonly script: Extract<StartScript, { kind: 'node' }>
  readonly evidence: Evidence
  /** npm runs `prestart` before it */
  readonly hooked: boolean
}

function ofScript(context: Context, { name, script, evidence, hooked: hasHook }: Scripted): NodeProgram {
  const { manifest } = context
  const line = evidence.line ?? 1
  const hooked = { name: `pre${name}`, line: manifest?.line('scripts', `pre${name}`) ?? 1 }
  const hook = ((hasHook ? manifest?.text('scripts', hooked.name) : undefined) ?? '')
    .split('&&')
    .map((part) => part.trim())
    .filter(Boolean)
  const before = [...hook, ...script.before]
  const file = existing(context, script.file, before, { line, name })
  const dev = script.dev === undefined ? [] : [devNotice(name, script.dev, line)]
  return {
    file,
    options: script.options,
    args: script.args,
    env: script.env,
    evidence,
    lost: [],
    before,
    byName: false,
    notices: [...dev, ...unknownBefore(hook, hooked), ...unknownBefore(script.before, { name, line })],
  }
}

function devNotice(name: string, tool: string, line: number): Notice {
  return {
    code: 'dev_server',
    message: `scripts.${name} uses ${tool}, which is for development; the image runs node itself.`,
    file: 'package.json',
    line,
  }
}

/** Commands before the start that build are run when building; others are not run, and that is said. */
function unknownBefore(before: readonly string[], { name, line }: { name: string; line: number }): Notice[] {
  const unknown = before.filter((command) => !isBuildCommand(command)).map((command) => `"${shown(command)}"`)
  if (unknown.length === 0) return []
  const [what, are] = [unknown.join(' and '), unknown.length === 1 ? 'is' : 'are']
  const message = `${what} of scripts.${name} ${are} not run: the image starts node itself. What has to run while building belongs into scripts.build.`
  return [{ code: 'script_hook', message, file: 'package.json', line }]
}

export function isBuildCommand(command: string): boolean {
  return /^(?:(?:npm|pnpm|yarn)(?: run)? build|(?:npx )?tsc)\b/.test(command)
}

/** A file that is there, or that a build makes. Node's own abbreviations are written out. */
function existing(
  { tree, manifest, tsConfig, files }: Context,
  said: string,
  before: readonly string[],
  place: { line: number; name: string },
): string {
  if (said.startsWith('node_modules/')) return said
  const named = said === '' ? (manifest?.text('main')?.replace(/^\.\//, '') ?? 'index.js') : said
  const found = [named, `${named}.js`, `${named}/index.js`, `${named}.cjs`, `${named}.mjs`].find((path) => tree.has(path))
  if (found !== undefined) return found
  const builds = manifest?.text('scripts', 'build') !== undefined || before.some(isBuildCommand) || compiles(tree, tsConfig, named)
  if (builds) return named
  const { line, name } = place
  throw new BuildError(
    'entrypoint_not_found',
    `package.json:${line}: scripts.${name} starts ${shown(named)}, which is not in the source and which nothing builds`,
    { data: { file: 'package.json', line, candidates: filesOf(files) as never } },
  )
}

function compiles(tree: Tree, tsConfig: TsConfig | undefined, built: string): boolean {
  return tsConfig !== undefined && sourceOf(tree, built, tsConfig) !== undefined
}

/** A start script of another tool: other rules may still know better; if none does, say which tool it is. */
function cannotExpand(context: Context, name: string, tool: string, line: number): NodeProgram {
  const found = fromMain(context) ?? attempt(() => fromFiles(context))
  if (!found || found.byName)
    throw new BuildError(
      'unsupported_project',
      `package.json:${line}: scripts.${name} runs ${shown(tool || 'a shell')}, which Kiln does not plan yet`,
      {
        hint: 'Set "start" in kiln.json to a command without a shell (["node", "server.js"]), or add a Dockerfile.',
        data: { file: 'package.json', line },
      },
    )
  const notice = {
    code: 'script_not_used',
    message: `scripts.${name} runs ${shown(tool || 'a shell')}; the image runs node ${found.file} instead.`,
    file: 'package.json',
    line,
  }
  return { ...found, notices: [...found.notices, notice] }
}

function attempt(run: () => NodeProgram | undefined): NodeProgram | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

function fromMain({ tree, manifest, tsConfig }: Context): NodeProgram | undefined {
  const main = manifest?.text('main')?.replace(/^\.\//, '')
  if (!manifest || main === undefined || /\.(?:json|css|html|md)$/.test(main)) return undefined
  const found = [main, `${main}.js`, `${main}/index.js`].find((path) => tree.has(path))
  const built =
    found === undefined && (manifest.text('scripts', 'build') !== undefined || compiles(tree, tsConfig, main)) ? main : undefined
  const file = found ?? built
  if (file === undefined) return undefined
  return plain(file, { rule: 'node.start.main', file: 'package.json', line: manifest.line('main'), says: `main is ${shown(main)}` })
}

function fromFiles({ tree, files, config }: Context): NodeProgram | undefined {
  const choice = chooseNodeEntry(tree, files)
  if (choice.kind === 'one')
    return { ...plain(choice.entry.file, choice.entry.evidence), lost: choice.lost, byName: choice.entry.byName === true }
  if (choice.kind === 'none' || config.start !== undefined) return undefined
  const candidates: Candidate[] = choice.entries.map(({ file, evidence }) => ({
    config: { entrypoint: tree.inSource(file) },
    title: `start ${file}`,
    evidence,
  }))
  throw new BuildError(
    'several_candidates',
    `several files may be the program: ${choice.entries
      .map(({ file }) => shown(file))
      .join(', ')
      .slice(0, 300)}`,
    {
      data: { candidates: candidates as never },
    },
  )
}

function plain(file: string, evidence: Evidence): NodeProgram {
  return { file, options: [], args: [], env: {}, evidence, lost: [], before: [], byName: false, notices: [] }
}

/** The file to read for what a program does: the source of a built file. */
export function codeOf(tree: Tree, file: string, tsConfig: TsConfig | undefined): string | undefined {
  if (tree.has(file)) return file
  return sourceOf(tree, file, tsConfig)
}
