import { BuildError, shown } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Candidate, Evidence } from '../detection.ts'
import { byText, type Tree } from '../tree.ts'
import { noEntrypoint } from '../unit-errors.ts'
import { directoryOf } from '../../infer/files.ts'
import { readGo, type GoFile } from '../../infer/go-lexer.ts'
import { baseName, type GoModules } from './modules.ts'

/** A directory whose files are `package main` with a `func main()`. */
export interface GoProgram {
  /** `.` at the top of the unit */
  readonly directory: string
  /** the file with `func main()` */
  readonly file: string
  readonly line: number
}

export interface ChosenProgram extends GoProgram {
  readonly evidence: Evidence
  readonly lost: readonly GoProgram[]
  /** only because of its name, or since there is no other */
  readonly weak: boolean
}

/** Reads files once. */
export interface GoFiles {
  /** those of the program: no tests, no examples, nothing that a constraint leaves out everywhere */
  readonly program: readonly string[]
  read(path: string): GoFile
}

export function goFiles(tree: Tree): GoFiles {
  const known = new Map<string, GoFile>()
  const read = (path: string): GoFile => {
    const found = known.get(path) ?? readGo(tree.text(path) ?? '')
    known.set(path, found)
    return found
  }
  const program = tree.files.filter(mayBeProgram).slice(0, mostFiles)
  return { program: program.filter((path) => !read(path).constraints.some((one) => /\bignore\b/.test(one))), read }
}

/** a source with more files has other people's among them */
const mostFiles = 5000
const aside = new Set('vendor testdata test tests example examples _examples docs doc third_party node_modules'.split(' '))

function mayBeProgram(path: string): boolean {
  const parts = path.split('/')
  if (!path.endsWith('.go') || path.endsWith('_test.go') || /^[._]/.test(parts.at(-1)!)) return false
  return !parts.slice(0, -1).some((part) => aside.has(part) || /^[._]/.test(part))
}

/**
 * Which package is built: the option, the one at the top, the only one of `cmd`, the one called like the module, the only one.
 * undefined without any. Throws `entrypoint_not_found`, `several_candidates`.
 */
export function chooseProgram(tree: Tree, files: GoFiles, modules: GoModules, config: Config): ChosenProgram | undefined {
  const all = programsOf(files)
  if (config.entrypoint !== undefined) return given(tree, all, normalEntry(config.entrypoint))
  const ranked = [...rules(all, modules)]
  const found = ranked.find(({ programs }) => programs.length === 1)
  const first = found?.programs[0]
  if (!found || !first) return all.length === 0 ? undefined : several(tree, all)
  const evidence: Evidence = { rule: found.rule, file: first.file, line: first.line, says: found.says }
  return { ...first, evidence, lost: all.filter((one) => one !== first), weak: false }
}

function programsOf(files: GoFiles): GoProgram[] {
  const byDirectory = new Map<string, GoProgram>()
  for (const file of files.program) {
    const directory = directoryOf(file)
    if (byDirectory.has(directory)) continue
    const line = mainLine(files.read(file))
    if (line !== undefined) byDirectory.set(directory, { directory, file, line })
  }
  return [...byDirectory.values()].toSorted((a, b) => depth(a.directory) - depth(b.directory) || byText(a.directory, b.directory))
}

function depth(directory: string): number {
  return directory === '.' ? 0 : directory.split('/').length
}

function mainLine({ package: name, tokens }: GoFile): number | undefined {
  if (name !== 'main') return undefined
  const at = tokens.findIndex(
    ({ text, kind }, index) => kind === 'name' && text === 'func' && tokens[index + 1]?.text === 'main' && tokens[index + 2]?.text === '(',
  )
  return at === -1 ? undefined : tokens[at]!.line
}

interface Rule {
  readonly rule: string
  readonly says: string
  readonly programs: readonly GoProgram[]
}

/** Helpers of the project itself, beside what it is for. */
const helpers = /(?:^|\/)(?:tools?|scripts?|hack|internal|build|ci|dev|gen|generate|codegen|migrations?|e2e|bench(?:marks?)?)(?:\/|$)/

function* rules(all: readonly GoProgram[], { modules }: GoModules): Iterable<Rule> {
  const likely = all.filter(({ directory }) => !helpers.test(directory))
  const names = new Set(modules.map(baseName))
  const of = (wanted: RegExp): GoProgram[] => likely.filter(({ directory }) => wanted.test(directory))
  const last = (one: GoProgram): string => one.directory.split('/').at(-1)!
  yield { rule: 'go.start.root', says: 'func main() at the top', programs: all.filter(({ directory }) => directory === '.') }
  const commands = of(/^(?:.*\/)?cmd\/[^/]+$/)
  yield { rule: 'go.start.cmd', says: 'func main(), the only program of cmd', programs: commands }
  yield {
    rule: 'go.start.module-name',
    says: 'func main(), called like the module',
    programs: likely.filter((one) => names.has(last(one))),
  }
  yield { rule: 'go.start.only', says: 'the only func main()', programs: likely }
  const serving = commands.filter((one) => /^(?:server|api|web|app|http|serve)$/.test(last(one)))
  yield { rule: 'go.start.name', says: 'func main(), a usual name for a server', programs: serving }
}

function normalEntry(path: string): string {
  return path.replace(/^\.\//, '').replace(/\/+$/, '')
}

function given(tree: Tree, all: readonly GoProgram[], entrypoint: string): ChosenProgram {
  const directory = entrypoint.endsWith('.go') ? directoryOf(entrypoint) : entrypoint
  const found = all.find((one) => one.directory === (directory === '' ? '.' : directory))
  if (found) {
    const evidence = { rule: 'config.entrypoint', file: found.file, line: found.line, says: 'the configuration names it' }
    return { ...found, evidence, lost: [], weak: false }
  }
  throw noEntrypoint(tree, entrypoint, 'no Go program of the source', all.slice(0, 10).map(candidate))
}

function several(tree: Tree, all: readonly GoProgram[]): never {
  const likely = all.filter(({ directory }) => !helpers.test(directory))
  const shownOnes = (likely.length > 0 ? likely : all).slice(0, 20)
  const names = shownOnes.map(({ directory }) => shown(directory)).join(', ')
  throw new BuildError('several_candidates', `several Go programs: ${names.slice(0, 300)}`, {
    data: { candidates: shownOnes.map((one) => candidate({ ...one, file: tree.inSource(one.file) })) as never },
  })
}

function candidate({ file, line, directory }: GoProgram): Candidate {
  const evidence = { rule: 'go.start.main', file, line, says: 'func main()' }
  return { config: { entrypoint: file }, title: `build ${directory === '.' ? file : directory}`, evidence }
}
