import { BuildError } from '../failure/error.ts'
import { bad } from './tar-header.ts'

/** What a PAX header says that changes the entry after it. */
export interface PaxRecords {
  readonly path?: string
  readonly target?: string
  readonly size?: number
}

/**
 * The records `length SP key = value LF` of a PAX header, taken strictly: exact lengths, no key twice, no NUL, and for
 * a global one nothing that would rename or resize. Throws `invalid_archive`, `unsupported_entry` (sparse).
 */
export function readPax(body: Buffer, scope: 'entry' | 'global'): PaxRecords {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length;) {
    const { key, value, end } = record(body, at)
    if (records.has(key)) throw bad(`a PAX header of the archive has ${known.has(key) ? `"${key}"` : 'a key'} twice`)
    if (/^GNU\.sparse\.|^SCHILY\.realsize$/.test(key)) throw new BuildError('unsupported_entry', 'the archive has a sparse file')
    if (known.has(key)) records.set(key, checked(key, value, scope))
    else records.set(key, '')
    at = end
  }
  const [path, target, size] = [records.get('path'), records.get('linkpath'), records.get('size')]
  return {
    ...(path === undefined ? {} : { path }),
    ...(target === undefined ? {} : { target }),
    ...(size === undefined ? {} : { size: Number(size) }),
  }
}

const known: ReadonlySet<string> = new Set(['path', 'linkpath', 'size'])

function record(body: Buffer, at: number): { readonly key: string; readonly value: Buffer; readonly end: number } {
  const space = body.indexOf(0x20, at)
  const digits = space < 0 || space - at > 6 ? '' : body.toString('latin1', at, space)
  if (!/^[1-9][0-9]*$/.test(digits)) throw bad('a PAX header of the archive has a record without a length')
  const end = at + Number(digits)
  const equals = body.indexOf(0x3d, space)
  if (end > body.length || body[end - 1] !== 0x0a || equals <= space + 1 || equals >= end - 1)
    throw bad('a PAX header of the archive has a broken record')
  return { key: body.toString('utf8', space + 1, equals), value: body.subarray(equals + 1, end - 1), end }
}

function checked(key: string, value: Buffer, scope: 'entry' | 'global'): string {
  if (scope === 'global') throw bad(`a global PAX header of the archive sets "${key}"`)
  if (value.length === 0 || value.includes(0)) throw bad(`a PAX header of the archive has a "${key}" that is empty or has a NUL`)
  const said = value.toString('utf8')
  if (key === 'size' && !/^(?:0|[1-9][0-9]{0,14})$/.test(said)) throw bad('a PAX header of the archive has a size that is no number')
  return said
}
