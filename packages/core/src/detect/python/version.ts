import { satisfies, validRange } from '@renovatebot/pep440/lib/specifier.js'
import { BuildError, shown } from '../../failure/error.ts'
import { overruledNotices, solveVersion, type Constraint, type RuntimeRules, type SolvedVersion } from '../constraint.ts'
import type { Evidence, Finding, Notice } from '../detection.ts'
import { tomlLine } from '../places.ts'
import type { Edition } from '../../plan/editions.ts'
import { textAt, type Table } from '../toml.ts'
import { toolPins } from '../tool-pins.ts'
import type { Tree } from '../tree.ts'
import { lockVersions, type LockVersions } from './lock-versions.ts'
import type { PythonFiles } from './scans.ts'
import type { ScriptBlock } from './script-block.ts'
import { versionsBelow } from './version-below.ts'
import { versionPlaces } from './version-places.ts'

/** Python's rules of an edition. Its default is what a source without a constraint gets; 2026.11 has the one of the seed's example. */
function pythonRules({ name, python: { standard, supported, others } }: Edition): RuntimeRules {
  const says = `nothing in the source asks for a version; the default of edition ${name}`
  return { name: 'Python', supported, others, standard: { line: standard, evidence: { rule: 'python.version.default', says } }, lineOf }
}

/** `3.12.4` is of `3.12`. */
export function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

const ended: ReadonlySet<string> = new Set(['3.9', '3.8', '3.7'])

/** The Python version: places of the source solved together, `detection.md` 2.1. */
export function pythonVersion(
  tree: Tree,
  pyproject: Table | undefined,
  wish: string | undefined,
  { block, files }: { readonly block?: ScriptBlock | undefined; readonly files?: PythonFiles } = {},
): SolvedVersion {
  const rules = pythonRules(tree.edition)
  const { line, evidence } = rules.standard
  const lock = lockVersions(tree, [...rules.supported, ...rules.others])
  const says = unreadPins(tree).length > 0 ? 'no place names a version that can be read' : evidence.says
  const constraints = [
    ...wished(wish),
    ...pinPlaces(tree).flatMap(({ text, evidence: place }) => pin(text, place)),
    ...runtimeTxt(tree),
    ...requiresPython(tree, pyproject),
    ...poetryPython(tree, pyproject),
    ...otherPlaces(tree),
    ...ofLock(lock),
    ...(block ? ofBlock(block) : []),
  ]
  const below = files && constraints.length === 0 ? versionsBelow(tree, files).map((one) => range(one.text, one.evidence)) : []
  return solveVersion({ ...rules, standard: { line, evidence: { ...evidence, says } } }, constraints, [...lock.wheels, ...below])
}

/** The lock's own range, which is the manifest's of the day it was made. */
function ofLock({ range: said }: LockVersions): Constraint[] {
  if (!said) return []
  return said.poetry ? poetryConstraint(said.text, said.evidence) : [range(said.text, said.evidence)]
}

/** Manifests of other tools: Pipfile, conda, setup.cfg, langgraph.json. */
function otherPlaces(tree: Tree): Constraint[] {
  return versionPlaces(tree).flatMap(({ text, evidence, pins }) => {
    const found = pins ? pin(text, evidence) : []
    if (found.length > 0) return found
    if (!validRange(text)) throw unreadable(text, evidence)
    return [range(text, evidence)]
  })
}

/** What to say about the version that was chosen. */
export function versionNotices(tree: Tree, solved: SolvedVersion): readonly Notice[] {
  const unread = unreadPins(tree).map((place) => unreadNotice(place, solved.version.value))
  const choice = ofChoice(solved.version).filter(({ code }) => code !== 'default_version' || unread.length === 0)
  return [...overruledNotices(solved), ...unread, ...choice]
}

// `system`, `latest`, the name of somebody's environment, or a mistake: which one cannot be known, so it is said.
function unreadPins(tree: Tree): readonly Pin[] {
  return pinPlaces(tree).filter(({ text, evidence }) => pin(text, evidence).length === 0)
}

function unreadNotice({ evidence }: Pin, version: string): Notice {
  const message = `${evidence.says}, which names no version of Python, so ${version} is used.`
  return { code: 'version_not_read', message, ...at(evidence), fix: { runtime: { version } } }
}

function ofChoice(found: Finding<string>): readonly Notice[] {
  const line = lineOf(found.value)
  if (found.evidence.rule === 'python.version.default')
    return [
      {
        code: 'default_version',
        message: `Nothing asks for a Python version, so ${found.value} is used.`,
        fix: { runtime: { version: found.value } },
      },
    ]
  if (ended.has(line)) return [{ code: 'end_of_life', message: `Python ${line} gets no more security fixes.`, ...at(found.evidence) }]
  return []
}

function wished(wish: string | undefined): Constraint[] {
  if (wish === undefined) return []
  const found = pin(wish, { rule: 'config.runtime.version', says: `runtime.version is ${shown(wish)}` })
  if (found.length === 0 && !validRange(wish))
    throw new BuildError('invalid_config', `"runtime.version" ${shown(wish)} is no Python version`, { data: { field: 'runtime.version' } })
  return found.length > 0 ? found : [range(wish, { rule: 'config.runtime.version', says: `runtime.version is ${shown(wish)}` })]
}

interface Pin {
  readonly text: string
  readonly evidence: Evidence
}

function pinPlaces(tree: Tree): readonly Pin[] {
  const tools = toolPins(tree, 'python').map(({ text, evidence }) => ({ text, evidence: { ...evidence, rule: 'python.version.tool-pin' } }))
  return [...versionFile(tree), ...tools]
}

// Several lines are several interpreters for one developer; the first is the one that `python` runs.
function versionFile(tree: Tree): Pin[] {
  const lines = (tree.text('.python-version') ?? '').split(/\r?\n/).map((text) => text.replace(/#.*/, '').trim())
  const first = lines.findIndex((text) => text !== '')
  const text = lines[first]
  if (text === undefined) return []
  const says = `.python-version says ${shown(text)}`
  return [{ text, evidence: { rule: 'python.version.file', file: '.python-version', line: first + 1, says } }]
}

function runtimeTxt(tree: Tree): Constraint[] {
  const text = (tree.text('runtime.txt') ?? '').trim().split(/\s/)[0] ?? ''
  if (!text.startsWith('python-')) return []
  return pin(text, { rule: 'python.version.runtime-txt', file: 'runtime.txt', line: 1, says: `runtime.txt says ${shown(text)}` })
}

function requiresPython(tree: Tree, pyproject: Table | undefined): Constraint[] {
  const text = textAt(pyproject, 'project', 'requires-python')
  if (text === undefined) return []
  const line = tomlLine(tree.manifest('pyproject.toml'), 'project', 'requires-python')
  const evidence: Evidence = {
    rule: 'python.version.requires-python',
    file: 'pyproject.toml',
    ...(line ? { line } : {}),
    says: `requires-python is ${shown(text)}`,
  }
  if (!validRange(text)) throw unreadable(text, evidence)
  return [range(text, evidence)]
}

function ofBlock(block: ScriptBlock): Constraint[] {
  const text = textAt(block.table, 'requires-python')
  if (text === undefined) return []
  const place = { file: block.file, line: block.lineOf('requires-python') }
  const evidence: Evidence = { rule: 'python.version.script-block', ...place, says: `requires-python is ${shown(text)}` }
  if (!validRange(text)) throw unreadable(text, evidence)
  return [range(text, evidence)]
}

function poetryPython(tree: Tree, pyproject: Table | undefined): Constraint[] {
  const text = textAt(pyproject, 'tool', 'poetry', 'dependencies', 'python')
  if (text === undefined || text === '*') return []
  const line = tomlLine(tree.manifest('pyproject.toml'), 'tool.poetry.dependencies', 'python')
  const evidence: Evidence = {
    rule: 'python.version.poetry',
    file: 'pyproject.toml',
    ...(line ? { line } : {}),
    says: `poetry asks for python ${shown(text)}`,
  }
  return poetryConstraint(text, evidence)
}

function poetryConstraint(text: string, evidence: Evidence): Constraint[] {
  const ranges = text.split('||').map((part) => poetryRange(part))
  if (!ranges.every((one) => validRange(one))) throw unreadable(text, evidence)
  return [{ text, evidence, pin: false, allows: (version) => ranges.some((one) => allows(version, one)) }]
}

/** Poetry's carets, tildes, wildcards and spaces as PEP 440 has them. */
export function poetryRange(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*,\s*|\s+(?=[\^~<>=!])/g, ',')
    .replaceAll(/([\^~<>=!])\s+/g, '$1')
    .split(',')
    .map((part) => clause(part))
    .join(',')
}

function clause(part: string): string {
  const release = part.replace(/^[\^~]/, '')
  const numbers = release.split('.').map(Number)
  if (part.startsWith('^'))
    return `>=${release},<${nextAfter(
      numbers,
      Math.max(
        0,
        numbers.findIndex((n) => n > 0),
      ),
    )}`
  if (part.startsWith('~') && !part.startsWith('~=')) return `>=${release},<${nextAfter(numbers, Math.min(1, numbers.length - 1))}`
  if (/^\d+(\.\d+)*\.\*$/.test(part)) return `==${part}`
  return /^\d/.test(part) ? `==${part}${numbers.length < 3 ? '.*' : ''}` : part
}

function nextAfter(numbers: readonly number[], position: number): string {
  return [...numbers.slice(0, position), (numbers[position] ?? 0) + 1].join('.')
}

// `3.12`, `3.12.4`, `cpython-3.12`, `python-3.12.1`; words such as `system` or `latest` ask for nothing.
function pin(text: string, evidence: Evidence): Constraint[] {
  if (/^(pypy|graalpy|miniconda|anaconda|jython|ironpython)/i.test(text))
    throw new BuildError(
      'unsupported_project',
      `${evidence.file ?? 'the configuration'} asks for ${shown(text)}: Kiln plans for CPython only`,
      {
        data: { file: evidence.file, line: evidence.line },
      },
    )
  const version = /^(?:c?python[-@]?|prefix:)?(\d+\.\d+(?:\.\d+)?)(?:t|-.*|\+.*)?$/i.exec(text)?.[1]
  if (version === undefined)
    return /^\d+$/.test(text) ? [range(`==${text}.*`, evidence)] : /^[<>=~!]/.test(text) && validRange(text) ? [range(text, evidence)] : []
  const whole = version.split('.').length === 3
  return [{ ...range(whole ? `==${version}` : `==${version}.*`, evidence), text, pin: true, ...(whole ? { exact: version } : {}) }]
}

function range(text: string, evidence: Evidence): Constraint {
  return { text, evidence, pin: false, allows: (version) => allows(version, text) }
}

/** True when a version, or some version of a release line, satisfies the specifier. */
function allows(version: string, specifier: string): boolean {
  const parts = version.split('.')
  if (parts.length > 2) return satisfies(version, specifier)
  // first, last, and those the specifier names decide: every bound is next to one of them
  const named = [...specifier.matchAll(/(\d+\.\d+)\.(\d+)/g)].filter((match) => match[1] === version).map((match) => Number(match[2]))
  const patches = new Set([0, 99, ...named.flatMap((patch) => [patch - 1, patch, patch + 1])].filter((patch) => patch >= 0))
  return [...patches].some((patch) => satisfies(`${version}.${patch}`, specifier))
}

function unreadable(text: string, { file, line }: Evidence): BuildError {
  return new BuildError('invalid_manifest', `${file}:${line}: "${shown(text)}" is no range of Python versions`, { data: { file, line } })
}

function at({ file, line }: Evidence): { file?: string; line?: number } {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
}
