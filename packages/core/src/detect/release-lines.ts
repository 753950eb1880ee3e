import satisfies from 'semver/functions/satisfies.js'
import intersects from 'semver/ranges/intersects.js'
import validRange from 'semver/ranges/valid.js'
import { BuildError, shown } from '../failure/error.ts'
import type { Edition, RuntimeLines } from '../plan/editions.ts'
import { overruledNotices, type Constraint, type RuntimeRules, type SolvedVersion } from './constraint.ts'
import type { Evidence, Notice } from './detection.ts'
import type { Tree } from './tree.ts'

/** Versions of the runtimes whose release lines have two parts, such as `1.27` of Go: one grammar for pins and ranges. */
export interface LinesOf {
  /** for people: `Go` */
  readonly name: string
  /** the begin of its rules: `go` */
  readonly id: string
}

export function rulesOf({ name, id }: LinesOf, lines: RuntimeLines, edition: Edition): RuntimeRules {
  const says = `nothing in the source asks for a version; the default of edition ${edition.name}`
  const evidence = { rule: `${id}.version.default`, says }
  return { name, supported: lines.supported, others: lines.others, standard: { line: lines.standard, evidence }, lineOf }
}

/** `1.27.4` is of `1.27`. */
function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** `1.27`, `v2.5.1`, `go1.24.3`; other words ask for nothing. */
export function pin(text: string, evidence: Evidence): Constraint[] {
  const version = /^(?:go|v|bun-v|deno-v|=)?\s*(\d+(?:\.\d+){0,2})$/i.exec(text.trim())?.[1]
  if (version === undefined) return []
  return [{ ...range(version, evidence), text, pin: true, ...(/^\d+\.\d+\.\d+$/.test(version) ? { exact: version } : {}) }]
}

export function range(text: string, evidence: Evidence): Constraint {
  return { text, evidence, pin: false, allows: (version) => allows(version, text) }
}

/** A field of a manifest: a pin, or a range; other texts are an `invalid_manifest`. */
export function ranged(text: string, evidence: Evidence, name: string): Constraint[] {
  const pinned = /^v?\d+\.\d+\.\d+$/.test(text.trim()) ? pin(text, evidence) : []
  if (pinned.length > 0) return pinned
  if (validRange(text) !== null) return [range(text, evidence)]
  const { file, line } = evidence
  throw new BuildError('invalid_manifest', `${file}:${line}: "${shown(text)}" is no range of ${name} versions`, { data: { file, line } })
}

/** `runtime.version` of the Config. Throws `invalid_config`. */
export function wished(wish: string | undefined, name: string): Constraint[] {
  if (wish === undefined) return []
  const evidence = { rule: 'config.runtime.version', says: `runtime.version is ${shown(wish)}` }
  const found = pin(wish, evidence)
  if (found.length > 0) return found
  if (validRange(wish) !== null) return [range(wish, evidence)]
  throw new BuildError('invalid_config', `"runtime.version" ${shown(wish)} is no ${name} version`, { data: { field: 'runtime.version' } })
}

/** The first line of a file that holds nothing but a version. */
export function versionFile(tree: Tree, file: string, rule: string): Constraint[] {
  const lines = (tree.text(file) ?? '').split(/\r?\n/, 100).map((text) => text.replace(/#.*/, '').trim())
  const at = lines.findIndex((text) => text !== '')
  return at === -1 ? [] : pin(lines[at]!, { rule, file, line: at + 1, says: `${file} says ${shown(lines[at]!)}` })
}

/** What to say about the version that was chosen. Lines older than what the edition chooses by itself get no security fixes. */
export function lineNotices({ name, id }: LinesOf, solved: SolvedVersion, lines: RuntimeLines): readonly Notice[] {
  const { value, evidence } = solved.version
  const place = {
    ...(evidence.file === undefined ? {} : { file: evidence.file }),
    ...(evidence.line === undefined ? {} : { line: evidence.line }),
  }
  const standard = evidence.rule === `${id}.version.default`
  const told: Notice[] = standard
    ? [
        {
          code: 'default_version',
          message: `Nothing asks for a ${name} version, so ${value} is used.`,
          fix: { runtime: { version: value } },
        },
      ]
    : lines.supported.includes(lineOf(value)) || isNewer(lineOf(value), lines.standard)
      ? []
      : [{ code: 'end_of_life', message: `${name} ${lineOf(value)} gets no more security fixes.`, ...place }]
  return [...overruledNotices(solved), ...told]
}

function isNewer(line: string, other: string): boolean {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [line, other].map((one) => one.split('.').map(Number)) as [
    number[],
    number[],
  ]
  return major > otherMajor || (major === otherMajor && minor > otherMinor)
}

/** True when a version, or some version of a release line, is in the range. */
function allows(version: string, text: string): boolean {
  return version.split('.').length > 2 ? satisfies(version, text) : intersects(text, `~${version}.0`)
}
