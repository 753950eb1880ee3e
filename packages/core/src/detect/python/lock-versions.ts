import { validRange } from '@renovatebot/pep440/lib/specifier.js'
import { shown } from '../../failure/error.ts'
import type { Constraint } from '../constraint.ts'
import type { Evidence } from '../detection.ts'
import { lineOf as lineOfText } from '../places.ts'
import { listAt, readToml, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

/** What a lock says of the versions of Python it was made for: its own range, and the wheels of its packages. */
export interface LockVersions {
  /** as the lock writes it; poetry's in its own way */
  readonly range?: { readonly text: string; readonly evidence: Evidence; readonly poetry: boolean }
  /** native packages, each with the release lines that it has Linux wheels for */
  readonly wheels: readonly Constraint[]
}

const locks = ['uv.lock', 'poetry.lock', 'pdm.lock', 'pylock.toml'] as const

/** Of the strongest lock. `lines` are the release lines that matter. */
export function lockVersions(tree: Tree, lines: readonly string[]): LockVersions {
  const file = locks.find((path) => tree.has(path))
  const lock = file === undefined ? undefined : readToml(tree, file)
  if (file === undefined || !lock) return { wheels: [] }
  const text = rangeOf(file, lock)
  const line = text === undefined ? undefined : lineOfText(tree.manifest(file), text)
  const evidence: Evidence = {
    rule: 'python.version.lock',
    file,
    ...(line === undefined ? {} : { line }),
    says: `${file} is for Python ${shown(text ?? '')}`,
  }
  const range =
    text === undefined || text === '*' || (file !== 'poetry.lock' && !validRange(text))
      ? {}
      : { range: { text, evidence, poetry: file === 'poetry.lock' } }
  return { ...range, wheels: wheelsOf(tree, file, lock, lines) }
}

function rangeOf(file: string, lock: Table): string | undefined {
  if (file === 'poetry.lock') return textAt(lock, 'metadata', 'python-versions')
  if (file === 'pdm.lock')
    return textAt(listAt(lock, 'metadata', 'targets')[0], 'requires_python') ?? textAt(lock, 'metadata', 'requires_python')
  return textAt(lock, 'requires-python')
}

/** Several entries of one package are for several versions of Python: together they say which have wheels. */
function wheelsOf(tree: Tree, file: string, lock: Table, lines: readonly string[]): readonly Constraint[] {
  const packages = listAt(lock, file === 'pylock.toml' ? 'packages' : 'package')
  const byName = Map.groupBy(packages, (one) => textAt(one, 'name') ?? '')
  return [...byName].flatMap(([name, entries]) => {
    const sets = entries.map((one) => linesOf(wheelNames(one), lines))
    const known = sets.filter((set) => set !== undefined)
    if (known.length < sets.length || known.length === 0) return []
    const all = new Set(known.flatMap((set) => [...set]))
    if (lines.every((one) => all.has(one)) || all.size === 0) return []
    const newest = lines.find((one) => all.has(one))
    const version = textAt(entries[0], 'version') ?? ''
    const line = lineOfText(tree.manifest(file), `name = "${name}"`)
    const evidence: Evidence = {
      rule: 'python.version.wheels',
      file,
      ...(line === undefined ? {} : { line }),
      says: `${shown(name)} ${shown(version)} has wheels up to Python ${newest}`,
    }
    return [{ text: `the wheels of ${name}`, evidence, pin: false, allows: (one: string) => all.has(one.split('.').slice(0, 2).join('.')) }]
  })
}

function wheelNames(one: unknown): readonly string[] {
  const files = [...listAt(one, 'wheels'), ...listAt(one, 'files')]
  return files.flatMap((file) => {
    const name = textAt(file, 'file') ?? textAt(file, 'name') ?? textAt(file, 'url') ?? textAt(file, 'filename') ?? ''
    const last = name.slice(name.lastIndexOf('/') + 1)
    return last.endsWith('.whl') ? [last.slice(0, -4)] : []
  })
}

/** The lines that native Linux wheels are for; undefined where there is none, or one for every Python. Source: https://packaging.python.org/specifications/binary-distribution-format/ */
function linesOf(names: readonly string[], lines: readonly string[]): ReadonlySet<string> | undefined {
  const native: { readonly python: string; readonly abi: string }[] = []
  for (const name of names) {
    const [python = '', abi = '', platform = ''] = name.split('-').slice(-3)
    if (platform === 'any') return undefined
    if (!/(?:many|musl)?linux/.test(platform)) continue
    if (/\bpy3\b/.test(python.replaceAll('.', ' '))) return undefined
    native.push({ python, abi })
  }
  if (native.length === 0) return undefined
  return new Set(lines.filter((line) => native.some((tags) => fits(tags, line))))
}

function fits({ python, abi }: { readonly python: string; readonly abi: string }, line: string): boolean {
  const minor = Number(line.split('.')[1])
  return python.split('.').some((tag) => {
    const of = Number(/^cp3(\d{1,2})$/.exec(tag)?.[1])
    return abi.split('.').includes('abi3') ? of <= minor : of === minor && abi === tag
  })
}
