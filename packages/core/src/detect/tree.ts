import { BuildError, shown } from '../failure/error.ts'
import type { Edition } from '../plan/editions.ts'
import type { Source } from '../source/source.ts'

/** One unit of a source as the detectors see it: paths relative to the unit, texts read once. */
export interface Tree {
  /** the unit's directory; `.` for the whole source */
  readonly unit: string
  /** decides what nothing in the source says */
  readonly edition: Edition
  /** regular files, sorted; vendored and generated directories left out */
  readonly files: readonly string[]
  has(path: string): boolean
  /** true where a file that Kiln writes would take the place of what the source has: a file, a directory or a link */
  taken(path: string): boolean
  /** the text of a file; undefined when it is not there, is larger than 16 MiB, or is no text */
  text(path: string): string | undefined
  /** the text of a file that must be readable. Throws `invalid_manifest` */
  manifest(path: string): string
  /** a path of the unit as a path of the source */
  inSource(path: string): string
  /** another unit of the same source */
  at(unit: string): Tree
}

const largest = 16 * 2 ** 20

// directories that hold other people's code or the output of tools, never the program itself
const notTheProgram = new Set(
  '.git .hg .svn node_modules bower_components site-packages .venv venv .tox .nox __pycache__ .mypy_cache .pytest_cache .ruff_cache .eggs .next .nuxt .turbo .cache'.split(
    ' ',
  ),
)

export function treeOf(source: Source, unit: string, edition: Edition): Tree {
  const prefix = unit === '.' ? '' : `${unit}/`
  const known = new Set<string>()
  for (const entry of source.entries) if (entry.kind === 'file' && entry.path.startsWith(prefix)) known.add(entry.path.slice(prefix.length))
  const texts = new Map<string, string | undefined>()
  const text = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, known.has(path) ? readText(source, prefix + path) : undefined)
    return texts.get(path)
  }
  return {
    unit,
    edition,
    files: [...known].filter(ofTheProgram).sort(byText),
    has: (path) => known.has(path),
    taken: (path) => source.entry(prefix + path) !== undefined || blocked(source, path),
    text,
    manifest(path) {
      const found = text(path)
      if (found === undefined) throw new BuildError('invalid_manifest', `${shown(path)} is not a readable text`, { data: { file: path } })
      return found
    },
    inSource: (path) => prefix + path,
    at: (other) => treeOf(source, other, edition),
  }
}

// What Kiln writes for a unit lies at the top of the context: another file there is not the unit's, but no file can be laid over the rest.
function blocked(source: Source, path: string): boolean {
  const entry = source.entry(path)
  return entry !== undefined && entry.kind !== 'file'
}

/** Order by code units, the same on every machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** False for what lies in a directory of other people's code, or of the output of tools. */
export function ofTheProgram(path: string): boolean {
  if (!path.includes('/')) return true
  return !path
    .split('/')
    .slice(0, -1)
    .some((part) => notTheProgram.has(part))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

// pip, npm and editors on Windows write byte order marks, and PowerShell's `>` writes UTF-16
function readText(source: Source, path: string): string | undefined {
  const entry = source.entry(path)
  if (entry?.kind !== 'file' || entry.size > largest) return undefined
  const bytes = source.read(path)
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  try {
    const text = (encoding === 'utf-8' ? utf8 : new TextDecoder(encoding, { fatal: true })).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
