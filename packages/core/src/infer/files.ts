import type { Notice } from '../detect/detection.ts'
import type { Source } from '../source/source.ts'

/** What inference needs of a Source. */
export type Readable = Pick<Source, 'entries' | 'read'>

/** What bounds one inference: beyond it files are left out, with a notice. */
export interface Budget {
  /** bytes of one file */
  readonly file: number
  /** bytes of all files */
  readonly total: number
  readonly files: number
}

export const defaultBudget: Budget = { file: 2 * 2 ** 20, total: 64 * 2 ** 20, files: 5000 }

export interface Chosen {
  readonly files: readonly string[]
  readonly notices: readonly Notice[]
}

/** The regular files of `unit` that `wanted` accepts (by their path below the unit), within the budget. */
export function chooseFiles(source: Readable, unit: string, wanted: (path: string) => boolean, budget: Budget = defaultBudget): Chosen {
  const files: string[] = []
  const notices: Notice[] = []
  let total = 0
  for (const entry of source.entries) {
    if (entry.kind !== 'file' || !isBelow(entry.path, unit) || !wanted(below(entry.path, unit))) continue
    if (entry.size > budget.file) {
      notices.push({ code: 'file_not_inferred', message: `too large to look through (${entry.size} bytes)`, file: entry.path })
      continue
    }
    if (files.length >= budget.files || total + entry.size > budget.total) {
      notices.push({
        code: 'inference_cut',
        message: 'too many files, or too large ones: only the first were looked through',
        file: entry.path,
      })
      break
    }
    files.push(entry.path)
    total += entry.size
  }
  return { files, notices }
}

/** True for a path inside the directory `unit` (`.`: everywhere). */
export function isBelow(path: string, unit: string): boolean {
  return unit === '.' || unit === '' || path.startsWith(`${unit}/`)
}

/** The path seen from the directory `unit`. */
export function below(path: string, unit: string): string {
  return unit === '.' || unit === '' ? path : path.slice(unit.length + 1)
}

/** The directory of a path, `.` at the top. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '.' : path.slice(0, slash)
}

/** Joins and resolves `.` and `..`; undefined when it leaves the root. */
export function joinPath(directory: string, path: string): string | undefined {
  const parts: string[] = []
  for (const part of `${directory}/${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.length === 0 ? '.' : parts.join('/')
}

/** Text of a file: UTF-8, or latin-1 where it is not, so that no byte is refused. */
export function readText(source: Readable, path: string): string {
  const bytes = source.read(path)
  try {
    return utf8.decode(bytes)
  } catch {
    return latin1.decode(bytes)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const latin1 = new TextDecoder('latin1')
