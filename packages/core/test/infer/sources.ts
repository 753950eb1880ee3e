import type { Readable } from '../../src/infer/files.ts'

/** A source of a map of files, as inference needs one. */
export function sourceOf(files: Readonly<Record<string, string | Uint8Array>>): Readable {
  const bytes = new Map(
    Object.entries(files).map(([path, text]) => [path, typeof text === 'string' ? new TextEncoder().encode(text) : text]),
  )
  const entries = [...bytes].map(([path, { length }]) => ({ kind: 'file' as const, path, executable: false, size: length }))
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), read: (path) => bytes.get(path)! }
}
