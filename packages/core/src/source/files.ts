import { BuildError, shown } from '../failure/error.ts'
import { hold, type Store } from './held.ts'
import { type Access, defaultLimits, type Opening, type Source, type SourceLimits } from './source.ts'
import { TreeBuilder } from './tree.ts'

export type FileMap = ReadonlyMap<string, string | Uint8Array> | Readonly<Record<string, string | Uint8Array>>

/**
 * A Source of files that are in memory, text (UTF-8) or bytes by path. Everything is copied once, at the call. A map
 * has no modes: a file that begins with `#!` is executable. Throws `invalid_argument`, and for the names and sizes
 * `invalid_path`, `path_collision`, `too_many_entries`, `archive_too_large`, `empty_source`.
 */
export async function files(map: FileMap, opening: Opening = {}): Promise<Source> {
  opening.signal?.throwIfAborted()
  const limits = { ...defaultLimits, ...opening.limits }
  const builder = new TreeBuilder<Uint8Array>(limits.entries)
  for (const [path, content] of copied(pairs(map), limits)) {
    const known = builder.add(path, { kind: 'file', executable: isScript(content), size: content.length, content })
    if (known !== undefined)
      throw new BuildError('path_collision', `"${shown(path)}" is there twice`, { data: { paths: [shown(path), shown(path)] } })
  }
  return hold(builder, memory, opening)
}

/** Copies are what counts from here on. */
function copied(all: readonly (readonly [unknown, unknown])[], limits: SourceLimits): readonly (readonly [string, Uint8Array])[] {
  if (all.length > limits.entries) throw new BuildError('too_many_entries', `there are more than ${limits.entries} files`)
  let bytes = 0
  return all.map(([key, value]) => {
    if (typeof key !== 'string') throw new BuildError('invalid_argument', 'a path in the map of files is no text')
    const content = copy(key, value)
    bytes += content.length
    if (bytes > limits.unpacked) throw new BuildError('archive_too_large', `the files are larger than ${limits.unpacked} bytes`)
    return [key.startsWith('./') ? key.slice(2) : key, content]
  })
}

/** Every key and value is asked for once: what a getter or proxy answers later does not count. */
function pairs(map: unknown): readonly (readonly [unknown, unknown])[] {
  try {
    if (map instanceof Map) return [...map.entries()]
    if (typeof map === 'object' && map !== null && !Array.isArray(map) && !ArrayBuffer.isView(map)) return Object.entries(map)
  } catch (cause) {
    throw new BuildError('invalid_argument', 'the map of files cannot be read', { cause })
  }
  throw new BuildError('invalid_argument', 'files must be a map or an object of texts and bytes')
}

function copy(key: string, value: unknown): Uint8Array {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new BuildError('invalid_argument', `the text of "${shown(key)}" has half a character in it`)
    return new TextEncoder().encode(value)
  }
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  throw new BuildError('invalid_argument', `the content of "${shown(key)}" is neither text nor bytes`, { data: { path: shown(key) } })
}

function isScript(content: Uint8Array): boolean {
  return content[0] === 0x23 && content[1] === 0x21
}

const memory: Store<Uint8Array> = {
  readInto(content, size, position, into) {
    const part = content.subarray(position, Math.min(size, position + into.length))
    into.set(part)
    return part.length
  },
  access: (contents): Access => ({ kind: 'memory', files: contents }),
  async [Symbol.asyncDispose]() {},
}
