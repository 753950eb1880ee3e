import { parse } from 'smol-toml'
import { normalised } from './known.ts'

interface Requirement {
  /** normalised by PEP 503 */
  readonly name: string
  readonly extras: readonly string[]
  /** `>=1.0,<2`; empty when there is none */
  readonly specifier: string
}

/** A requirement that stands in a source file itself. */
export interface Declared extends Requirement {
  readonly by: 'script-block' | 'pip-line'
  readonly file: string
  /** 1-based */
  readonly line: number
}

/** What a file says outright, and what of it cannot be taken over as it stands. */
export interface DeclaredIn {
  readonly declared: readonly Declared[]
  /** lines with an address, a file or an option that only pip could follow */
  readonly unread: readonly number[]
}

/**
 * The packages of a `# /// script` block, which speaks for its file; undefined without one, where it lists none, or where it is no TOML.
 * Source: https://packaging.python.org/specifications/inline-script-metadata/
 */
export function scriptBlockOf(text: string, file: string): DeclaredIn | undefined {
  if (!text.includes('# /// script')) return undefined
  const lines = text.split(/\r\n|\r|\n/)
  const open = lines.indexOf('# /// script')
  const length = open === -1 ? -1 : lines.slice(open + 1).findIndex((line) => line !== '#' && !line.startsWith('# '))
  const body = open === -1 ? [] : lines.slice(open + 1, length === -1 ? undefined : open + 1 + length)
  const close = body.lastIndexOf('# ///')
  const requirements = close === -1 ? undefined : dependenciesOf(body.slice(0, close).map((line) => line.slice(2)))
  if (requirements === undefined) return undefined
  return collect(
    requirements.map((requirement) => ({ requirement, line: open + 1 + lineOf(body, requirement) })),
    'script-block',
    file,
  )
}

function dependenciesOf(lines: readonly string[]): readonly string[] | undefined {
  try {
    const { dependencies } = parse(lines.join('\n'))
    return Array.isArray(dependencies)
      ? dependencies.filter((one): one is string => typeof one === 'string').slice(0, maxDeclared)
      : undefined
  } catch {
    return undefined
  }
}

function lineOf(body: readonly string[], requirement: string): number {
  return Math.max(0, body.findIndex((line) => line.includes(requirement)) + 1)
}

/** More than this is no list that a person wrote. */
const maxDeclared = 500

/** The packages of `pip install` lines: `!pip install "x>=1" y` of a notebook, and lines of `%%bash` cells. */
export function pipLines(lines: readonly { readonly text: string; readonly line: number }[], file: string): DeclaredIn {
  const asked = lines.flatMap(({ text, line }) => {
    const words = pipInstall.exec(text.trimStart().slice(0, 4000))?.[1]
    return words === undefined ? [] : wordsOf(words).map((requirement) => ({ requirement, line }))
  })
  return collect(asked, 'pip-line', file)
}

const pipInstall =
  /^(?:[!%]\s*)?(?:uv\s+)?(?:(?:python[\d.]*|\{sys\.executable\}|"\{sys\.executable\}")\s+-m\s+)?pip[\d.]*\s+install\s+([^;&|#\n]{1,2000})/

/** Options of pip that take the next word along. */
const taking =
  /^(?:-[rcifet]|--(?:requirement|constraint|index-url|extra-index-url|find-links|editable|target|python|prefix|root|platform))$/

/** The words of a command that name packages, or files and addresses, as a shell splits them; options left out. */
function wordsOf(text: string): readonly string[] {
  const words = Array.from(text.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g), ([, double, single, bare]) => double ?? single ?? bare!)
  return words.flatMap((word, index) => {
    const before = words[index - 1]
    if (before !== undefined && taking.test(before)) return /^(?:-[ref]|--(?:requirement|editable))$/.test(before) ? [`./${word}`] : []
    return word.startsWith('-') ? [] : [word]
  })
}

function collect(asked: readonly { readonly requirement: string; readonly line: number }[], by: Declared['by'], file: string): DeclaredIn {
  const declared: Declared[] = []
  const unread: number[] = []
  for (const { requirement, line } of asked) {
    const read = readRequirement(requirement)
    if (read === undefined) unread.push(line)
    else declared.push({ ...read, by, file, line })
  }
  return { declared, unread: [...new Set(unread)] }
}

const shape =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,100})\s{0,9}(?:\[([A-Za-z0-9._, -]{0,200})\])?\s{0,9}((?:[<>=!~][A-Za-z0-9.*+!_<>=~, -]{0,200})?)$/
const clause = /^(?:===|==|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+$/

/** A name with extras and versions; undefined for addresses, markers, and what is none (PEP 508). */
function readRequirement(text: string): Requirement | undefined {
  const [, name, extras = '', versions = ''] = shape.exec(text.trim()) ?? []
  if (name === undefined || /[._-]$/.test(name)) return undefined
  const clauses = listed(versions).map((one) => one.replaceAll(' ', ''))
  if (!clauses.every((one) => clause.test(one))) return undefined
  return { name: normalised(name), extras: listed(extras).map(normalised), specifier: clauses.join(',') }
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
