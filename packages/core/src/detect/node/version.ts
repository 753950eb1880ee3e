import satisfies from 'semver/functions/satisfies.js'
import intersects from 'semver/ranges/intersects.js'
import validRange from 'semver/ranges/valid.js'
import { BuildError, shown } from '../../failure/error.ts'
import { overruledNotices, solveVersion, type Constraint, type RuntimeRules, type SolvedVersion } from '../constraint.ts'
import type { Evidence, Finding, Notice } from '../detection.ts'
import type { Edition } from '../../plan/editions.ts'
import { textAt, valueAt } from '../toml.ts'
import { toolPins } from '../tool-pins.ts'
import type { Tree } from '../tree.ts'
import type { PackageJson } from './package-json.ts'

/** Node's rules of an edition: even release lines. */
function nodeRules({ name, node: { standard, supported, others } }: Edition): RuntimeRules {
  const says = `nothing in the source asks for a version; the default of edition ${name}`
  return { name: 'Node', supported, others, standard: { line: standard, evidence: { rule: 'node.version.default', says } }, lineOf }
}

function lineOf(version: string): string {
  return version.split('.')[0]!
}

const supportEnded = new Set(['18', '20', '21', '23', '25'])
const nicknames: Readonly<Record<string, string>> = {
  '*': '24',
  krypton: '24',
  jod: '22',
  iron: '20',
  hydrogen: '18',
  gallium: '16',
  fermium: '14',
  erbium: '12',
  dubnium: '10',
  carbon: '8',
  boron: '6',
  argon: '4',
}

/** The Node version: places of the source solved together, `detection.md` 2.6. */
export function nodeVersion(tree: Tree, manifest: PackageJson | undefined, wish: string | undefined): SolvedVersion {
  return solveVersion(nodeRules(tree.edition), [
    ...wished(wish),
    ...versionFile(tree, '.nvmrc', 'node.version.nvmrc'),
    ...versionFile(tree, '.node-version', 'node.version.file'),
    ...toolPins(tree, 'node').flatMap(({ text, evidence }) => pin(text, { ...evidence, rule: 'node.version.tool-pin' })),
    ...(manifest ? [...volta(manifest), ...devEngines(manifest), ...engines(manifest)] : []),
  ])
}

/** What to say about the version that was chosen. */
export function nodeVersionNotices(solved: SolvedVersion): readonly Notice[] {
  return [...overruledNotices(solved), ...ofChoice(solved.version)]
}

function ofChoice({ value, evidence: { file, line, rule } }: Finding<string>): Notice[] {
  const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
  if (rule === 'node.version.default')
    return [
      { code: 'default_version', message: `Nothing asks for a Node version, so ${value} is used.`, fix: { runtime: { version: value } } },
    ]
  if (!supportEnded.has(lineOf(value))) return []
  return [{ code: 'end_of_life', message: `Node ${lineOf(value)} gets no more security fixes.`, ...place }]
}

function wished(wish: string | undefined): Constraint[] {
  if (wish === undefined) return []
  const evidence = { rule: 'config.runtime.version', says: `runtime.version is ${shown(wish)}` }
  const found = pin(wish, evidence)
  if (found.length > 0) return found
  if (validRange(wish) !== null) return [range(wish, evidence)]
  throw new BuildError('invalid_config', `"runtime.version" ${shown(wish)} is no Node version`, { data: { field: 'runtime.version' } })
}

function versionFile(tree: Tree, file: string, rule: string): Constraint[] {
  const lines = (tree.text(file) ?? '').split(/\r?\n/).map((text) => text.replace(/#.*/, '').trim())
  const at = lines.findIndex((text) => text !== '')
  return at === -1 ? [] : pin(lines[at]!, { rule, file, line: at + 1, says: `${file} says ${shown(lines[at]!)}` })
}

function volta(manifest: PackageJson): Constraint[] {
  const text = manifest.text('volta', 'node')
  return text === undefined ? [] : pin(text, fieldEvidence(manifest, 'node.version.volta', ['volta', 'node'], text))
}

function devEngines(manifest: PackageJson): Constraint[] {
  const said = valueAt(manifest.value, 'devEngines', 'runtime')
  const runtime = (Array.isArray(said) ? said : [said]).find((one) => textAt(one, 'name') === 'node')
  const text = textAt(runtime, 'version')
  return text === undefined ? [] : ranged(text, fieldEvidence(manifest, 'node.version.dev-engines', ['devEngines', 'runtime'], text))
}

function engines(manifest: PackageJson): Constraint[] {
  const text = manifest.text('engines', 'node')
  return text === undefined ? [] : ranged(text, fieldEvidence(manifest, 'node.version.engines', ['engines', 'node'], text))
}

function ranged(text: string, evidence: Evidence): Constraint[] {
  if (validRange(text) !== null) return /^v?\d+\.\d+\.\d+$/.test(text.trim()) ? pin(text.trim(), evidence) : [range(text, evidence)]
  const { file, line } = evidence
  throw new BuildError('invalid_manifest', `${file}:${line}: "${shown(text)}" is no range of Node versions`, { data: { file, line } })
}

function fieldEvidence(manifest: PackageJson, rule: string, path: readonly string[], text: string): Evidence {
  return { rule, file: 'package.json', line: manifest.line(...path), says: `${path.join('.')} is ${shown(text)}` }
}

// `22`, `v22.11`, `22.11.0`, `lts/jod`, `lts/*`, `node`; words such as `system` ask for nothing.
function pin(text: string, evidence: Evidence): Constraint[] {
  const nickname = /^lts\/(.+)$/i.exec(text)?.[1]?.toLowerCase()
  const line = nickname === undefined ? undefined : nicknames[nickname]
  if (line !== undefined) return [{ ...range(line, evidence), text, pin: true }]
  if (/^(?:node|latest|current|stable|lts)$/i.test(text)) return [{ ...range('*', evidence), text, pin: true }]
  const version = /^(?:node-|v)?(\d+(?:\.(?:\d+|x)){0,2})$/i.exec(text)?.[1]
  if (version === undefined) return []
  const whole = /^\d+\.\d+\.\d+$/.test(version)
  return [{ ...range(version, evidence), text, pin: true, ...(whole ? { exact: version } : {}) }]
}

function range(text: string, evidence: Evidence): Constraint {
  return { text, evidence, pin: false, allows: (version) => allows(version, text) }
}

/** True when a version, or some version of a release line, is in the range. */
function allows(version: string, text: string): boolean {
  return version.includes('.') ? satisfies(version, text) : intersects(text, `^${version}.0.0`)
}
