import { BuildError, shown } from '../../failure/error.ts'
import { joined } from '../paths.ts'
import type { Tree } from '../tree.ts'
import { requirementInQuotes, withoutQuotes, type QuotedLine } from './quoted-line.ts'
import { parseRequirement, type Requirement } from './requirement.ts'

/** What a requirements file and all it includes ask for. */
export interface Requirements {
  /** the file, then what it includes with -r and -c, in the order met */
  readonly files: readonly string[]
  readonly lines: readonly RequirementLine[]
  /** index options such as `--index-url …`, as written */
  readonly options: readonly string[]
  /** lines of the file or text itself that stand between quotes, and are read without them; pip and uv refuse them */
  readonly quoted: readonly QuotedLine[]
}

export interface RequirementLine {
  readonly file: string
  /** 1-based */
  readonly line: number
  /** the logical line, without comment */
  readonly text: string
  /** absent for a path or URL that names no package */
  readonly requirement?: Requirement
  /** a path of the source (`./pkg`, `-e .`) that has to be there before installing */
  readonly local: boolean
  /** the directory of the unit that a path means (empty: the unit itself), with the extras it asks for */
  readonly directory?: { readonly path: string; readonly extras: readonly string[] }
  /** fetched by git */
  readonly git: boolean
}

/** Reads `path` and its includes, as pip does. Throws `invalid_manifest` with file and line. */
export function readRequirements(tree: Tree, path: string): Requirements {
  return readTop(tree, path, tree.manifest(path))
}

/** The same for a text that is no file of the source. */
export function readRequirementsText(tree: Tree, text: string, shownAs: string): Requirements {
  const found = readTop(tree, shownAs, text)
  return { ...found, files: found.files.filter((file) => file !== shownAs) }
}

function readTop(tree: Tree, path: string, text: string): Requirements {
  const quoted = logicalLines(text).flatMap((line) => requirementInQuotes(line) ?? [])
  const found = { files: [] as string[], lines: [] as RequirementLine[], options: [] as string[], quoted }
  readFile(tree, path, withoutQuotes(text, quoted), false, found)
  return found
}

interface Found {
  readonly files: string[]
  readonly lines: RequirementLine[]
  readonly options: string[]
}

function readFile(tree: Tree, path: string, text: string, constraintsOnly: boolean, found: Found): void {
  if (found.files.includes(path)) return
  found.files.push(path)
  for (const logical of logicalLines(text)) readLine(tree, path, logical, constraintsOnly, found)
}

function readLine(tree: Tree, path: string, logical: { text: string; line: number }, constraintsOnly: boolean, found: Found): void {
  const include = /^(-r|--requirement|-c|--constraint)(?:\s+|=|(?=[^-\s]))(.+)$/.exec(logical.text)
  if (include) return readInclude(tree, path, { kind: include[1]!, target: include[2]!, line: logical.line }, constraintsOnly, found)
  const editable = /^(?:-e|--editable)(?:\s+|=)(.+)$/.exec(logical.text)
  if (!editable && logical.text.startsWith('-')) {
    if (!constraintsOnly) found.options.push(logical.text)
    return
  }
  if (!constraintsOnly) found.lines.push(requirementLine(path, logical, editable?.[1]))
}

function readInclude(
  tree: Tree,
  path: string,
  include: { kind: string; target: string; line: number },
  constraintsOnly: boolean,
  found: Found,
): void {
  const target = include.target.trim().replaceAll(/^["']|["']$/g, '')
  if (/^[a-z]+:\/\//i.test(target)) return
  const resolved = beside(path, target)
  const text = resolved === undefined ? undefined : tree.text(resolved)
  if (resolved === undefined || text === undefined)
    throw broken(path, include.line, `includes ${shown(target)}, which ${whyNot(tree, path, target, resolved)}`)
  readFile(tree, resolved, text, constraintsOnly || include.kind.startsWith('-c') || include.kind === '--constraint', found)
}

function requirementLine(file: string, logical: { text: string; line: number }, editable: string | undefined): RequirementLine {
  // options of one requirement (--hash, --config-settings) stand after it
  const text = (editable ?? logical.text)
    .replaceAll(/\s/g, ' ')
    .replace(/ --[a-z-]+[= ].*$/s, '')
    .trim()
  const place = { file, line: logical.line, text: logical.text }
  if (/^(?:git\+|[a-z+]+:\/\/|file:)/i.test(text)) return ofUrl(place, text)
  if (editable !== undefined || /^\.{0,2}\//.test(text) || /^\.{1,2}(?:\[|$|\s)/.test(text) || /^[^@]*\.(?:whl|zip|tar\.gz)$/.test(text))
    return { ...place, local: true, git: false, ...directoryOf(text) }
  const requirement = parseRequirement(text)
  if (!requirement) throw broken(file, logical.line, `"${shown(text)}" is not a requirement`)
  const url = requirement.url ?? ''
  return { ...place, requirement, local: url.startsWith('file:') || url.startsWith('.'), git: url.startsWith('git+') }
}

function directoryOf(text: string): Pick<RequirementLine, 'directory'> {
  const [bare = ''] = text.split(';')
  const [path = '', extras = ''] = bare.replace(']', '').split('[')
  // pip reads paths from where it runs, which is the unit
  const resolved = beside('requirements.txt', path.trim())
  const named = extras
    .split(',')
    .map((extra) => extra.trim())
    .filter(Boolean)
  return resolved === undefined ? {} : { directory: { path: resolved, extras: named } }
}

function ofUrl(place: { file: string; line: number; text: string }, url: string): RequirementLine {
  const egg = /[#&]egg=([^&\s]+)/.exec(url)?.[1]
  const requirement = egg === undefined ? undefined : parseRequirement(egg)
  const kind = { local: /^file:/i.test(url), git: /^git\+/i.test(url) }
  return { ...place, ...kind, ...(requirement ? { requirement: { ...requirement, url } } : {}) }
}

export interface LogicalLine {
  readonly text: string
  /** 1-based, of the first */
  readonly line: number
  /** made of several */
  readonly joined: boolean
}

/** The lines as pip reads them: a `\` at the end joins two, ` #` begins a comment. */
export function logicalLines(text: string): LogicalLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const found: LogicalLine[] = []
  for (let at = 0; at < lines.length; at++) {
    const first = at
    const parts = [lines[at]!]
    while (at + 1 < lines.length && goesOn(parts.at(-1)!)) parts.push(parts.pop()!.slice(0, -1), lines[++at]!)
    const bare = parts
      .join('')
      .replace(/(?:^|\s)#.*$/s, '')
      .trim()
    if (bare !== '') found.push({ text: bare, line: first + 1, joined: at > first })
  }
  return found
}

function goesOn(line: string): boolean {
  return /(?:^|[^\\])\\$/.test(line.slice(-2)) && !/^\s*#/.test(line)
}

/** `target` beside the file `from`; undefined when it leaves the unit. */
function beside(from: string, target: string): string | undefined {
  return target.startsWith('/') ? undefined : joined(from.split('/').slice(0, -1), target)
}

/** Why an include cannot be read. */
function whyNot(tree: Tree, from: string, target: string, resolved: string | undefined): string {
  if (resolved !== undefined) return tree.has(resolved) ? 'is no readable text' : 'is no file of the source'
  if (target.startsWith('/')) return 'is a path of a machine, not of the source'
  const inSource = beside(tree.inSource(from), target)
  return inSource === undefined ? 'leaves the source' : `leaves ${shown(tree.unit)}, the directory that is built`
}

function broken(file: string, line: number, why: string): BuildError {
  return new BuildError('invalid_manifest', `${shown(file)}:${line} ${why}`, { data: { file, line } })
}
