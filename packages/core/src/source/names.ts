import { BuildError, shown } from '../failure/error.ts'

/** Bounds of every path in a Source, in bytes of UTF-8 and in parts. */
export const pathLimits = { path: 4096, part: 255, depth: 64 } as const

/**
 * Checks a whole relative path as somebody gave it: that it is inside the tree, that every part is a portable name, and
 * its size. Throws `invalid_path`.
 */
export function checkPath(path: string): void {
  if (path === '') throw invalid(path, 'is empty')
  if (path.startsWith('/')) throw invalid(path, 'is absolute')
  const parts = path.split('/')
  for (const part of parts) {
    const why = badName(part)
    if (why !== undefined) throw invalid(path, why)
  }
  checkSize(path, parts.length)
}

/**
 * Checks the names of one listed directory, whose own path was checked before. Throws `invalid_path`.
 * Together with `checkTwins` it says about a walk what `checkPath` says about a path.
 */
export function checkNames(folder: string, names: readonly string[]): void {
  const depth = folder === '' ? 1 : folder.split('/').length + 1
  for (const name of names) {
    const why = badName(name)
    if (why !== undefined) throw invalid(inside(folder, name), why)
    if (depth > pathLimits.depth || folder.length + name.length > pathLimits.path / 4) checkSize(inside(folder, name), depth)
  }
}

/** Names in one directory that are the same file on some systems. Throws `path_collision`. */
export function checkTwins(folder: string, names: readonly string[]): void {
  let seen: Map<string, string> | undefined
  for (const name of names) {
    if (plain.test(name)) continue
    seen ??= new Map(names.map((each) => [each, each]))
    const folded = foldName(name)
    const twin = seen.get(folded)
    if (twin !== undefined && twin !== name) throw collision(inside(folder, twin), inside(folder, name))
    seen.set(folded, name)
  }
}

/** Why a name cannot be one part of a path, or undefined when it can. Legal are `__proto__`, `constructor` and their like. */
export function badName(name: string): string | undefined {
  if (plain.test(name) || ordinary.test(name)) return device.test(name) ? 'has a name that is a device on Windows' : overlong(name)
  if (name === '') return 'has an empty part'
  if (name === '..') return 'leads out of the source'
  if (name === '.') return 'has a part "."'
  if (/[\\/]/.test(name)) return 'has a backslash or slash in a name'
  if (name.includes(':')) return 'has a colon in a name'
  if (unseen.test(name)) return 'has a control, format or broken character in a name'
  if (/[. ]$/.test(name)) return 'has a name that ends in a dot or a space'
  return device.test(name) ? 'has a name that is a device on Windows' : overlong(name)
}

/** The form in which two names are equal when some file system takes them for the same: case, NFC and NFD, `ß` and `ss`. */
export function foldName(name: string): string {
  if (plain.test(name)) return name
  if (ascii.test(name)) return name.toLowerCase()
  return name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC').toLowerCase()
}

export function invalid(path: string, why: string): BuildError {
  return new BuildError('invalid_path', `"${shown(path)}" ${why}`, { data: { path: shown(path), why } })
}

export function collision(one: string, other: string, why = 'are the same file on some systems'): BuildError {
  const data = { paths: [shown(one), shown(other)] }
  const both = one === other ? `"${shown(one)}"` : `"${shown(one)}" and "${shown(other)}"`
  return new BuildError('path_collision', `${both} ${why}`, { data })
}

// most names of a source are one of these two, and cost one test
const plain = /^[a-z0-9_-](?:[a-z0-9_.-]*[a-z0-9_-])?$/
const ordinary = /^[A-Za-z0-9_.-][A-Za-z0-9_.@+=,~()[\]$-]*[A-Za-z0-9_@+=,~()[\]$-]$/
const ascii = /^[\0-\x7f]*$/
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i
// the last one stands for bytes that were not UTF-8
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u{fffd}]/u

function overlong(name: string): string | undefined {
  return name.length > pathLimits.part / 3 && Buffer.byteLength(name) > pathLimits.part
    ? `has a name longer than ${pathLimits.part} bytes`
    : undefined
}

function checkSize(path: string, depth: number): void {
  if (depth > pathLimits.depth) throw invalid(path, `is deeper than ${pathLimits.depth} directories`)
  if (Buffer.byteLength(path) > pathLimits.path) throw invalid(path, `is longer than ${pathLimits.path} bytes`)
}

function inside(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
