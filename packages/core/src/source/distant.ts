import { closeSync, openSync, readSync } from 'node:fs'
import { BuildError, shown } from '../failure/error.ts'
import { directorySource } from './directory.ts'
import type { Access, Entry, Source } from './source.ts'

/** A Source in the form in which it is sent to another thread of this process. It must outlive its use there. */
export type Distant = Pick<Source, 'access' | 'ignored' | 'aside'> & { readonly entries: readonly Entry[] | undefined }

export function toDistant(source: Source): Distant {
  const { access, ignored, aside } = source
  // the columns of a directory say the same as its entries, and are shared instead of copied
  return { access, ignored, ...(aside && { aside }), entries: access.kind === 'directory' ? undefined : source.entries }
}

/** The Source again. Disposing it leaves the one it came from as it is. */
export function fromDistant(distant: Distant): Source {
  const { access, ignored, aside } = distant
  if (access.kind === 'directory') return directorySource(access.root, access.columns, ignored, aside)
  const entries = distant.entries ?? []
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const readInto: Source['readInto'] = (path, position, into) => {
    const entry = byPath.get(path)
    if (entry?.kind !== 'file') throw new BuildError('source_unreadable', `"${shown(path)}" is no file of the source`)
    return readFrom(access, path, position, into.subarray(0, Math.max(0, entry.size - position)))
  }
  return {
    entries,
    access,
    ignored,
    ...(aside && { aside }),
    entry: (path) => byPath.get(path),
    readInto,
    read(path) {
      const known = aside?.get(path)
      if (known) return known.slice()
      const entry = byPath.get(path)
      const bytes = new Uint8Array(entry?.kind === 'file' ? entry.size : 0)
      if (readInto(path, 0, bytes) < bytes.length) throw new BuildError('source_changed', `"${shown(path)}" has lost bytes`)
      return bytes
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function readFrom(access: Exclude<Access, { kind: 'directory' }>, path: string, position: number, into: Uint8Array): number {
  if (access.kind === 'memory') {
    const bytes = access.files.get(path)!.subarray(position, position + into.length)
    into.set(bytes)
    return bytes.length
  }
  const fd = openSync(access.file, 'r')
  try {
    return readSync(fd, into, 0, into.length, access.offsets.get(path)! + position)
  } finally {
    closeSync(fd)
  }
}
