import { BuildError, isBuildError, type ErrorCode } from '@kiln/core'

/** primary result codes, https://sqlite.org/rescode.html */
const busy = [5, 6]
const byCode: ReadonlyMap<number, ErrorCode> = new Map([
  [11, 'store_corrupt'],
  [26, 'store_corrupt'],
  [13, 'disk_full'],
])
/** those that concern the one statement, not the database */
const ofTheCaller = [18, 19, 20, 25]

export function isBusy(error: unknown): boolean {
  return busy.includes(primary(error) ?? -1)
}

/** Whether the database (and not what one caller asked of it) is in trouble. */
export function isTrouble(error: unknown): boolean {
  const code = primary(error)
  return code !== undefined && !ofTheCaller.includes(code)
}

/** What SQLite or the file system threw, with a code of Kiln. */
export function storeFailure(error: unknown, path: string): unknown {
  if (isBuildError(error)) return error
  const code = primary(error)
  if (code !== undefined) return asBuildError(byCode.get(code) ?? 'store_unavailable', error, path)
  // that of a DOMException is a number
  const system: unknown = (error as NodeJS.ErrnoException | undefined)?.code
  if (system === 'ENOSPC' || system === 'EDQUOT') return asBuildError('disk_full', error, path)
  return typeof system === 'string' ? asBuildError('store_unavailable', error, path) : error
}

function asBuildError(code: ErrorCode, cause: unknown, path: string): BuildError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = code === 'disk_full' ? { hint: 'Free disk space where the data directory is; nothing was stored.' } : {}
  return new BuildError(code, `${path}: ${reason}`, { ...hint, cause })
}

function primary(error: unknown): number | undefined {
  const { code, errcode } = (error ?? {}) as { readonly code?: unknown; readonly errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
