import { BuildError, shown } from '../failure/error.ts'

/** One header block, before what came ahead of it (long names, PAX records) is applied. */
export interface TarHeader {
  readonly type: string
  readonly path: string
  readonly target: string
  /** bytes of the body that follows */
  readonly size: number
  readonly executable: boolean
}

/** A header of all zeros, which ends the archive, is undefined. Throws `invalid_archive`. Source: POSIX pax, GNU tar's manual. */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (block[0] === 0 && isZero(block)) return undefined
  if (sumOf(block) !== octal(block, 148, 8, 'checksum')) throw bad('a header of the archive has a wrong checksum, or this is no tar')
  return {
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    path: prefixOf(block) + text(block, 0, 100),
    target: text(block, 157, 100),
    size: number(block, 124, 12, 'size'),
    executable: (number(block, 100, 8, 'mode') & 0o111) !== 0,
  }
}

/** The text of a field or body up to its first NUL. Bytes that are no UTF-8 become U+FFFD, which no path may have. */
export function text(block: Buffer, from: number, length: number): string {
  const end = block.indexOf(0, from)
  return block.toString('utf8', from, end < 0 || end > from + length ? from + length : end)
}

export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0)
}

export function bad(message: string, path?: string): BuildError {
  return path === undefined
    ? new BuildError('invalid_archive', message)
    : new BuildError('invalid_archive', `"${shown(path)}" ${message}`, { data: { path: shown(path) } })
}

/** POSIX and star split long names; what GNU tar keeps in the same place is no part of the name. */
function prefixOf(block: Buffer): string {
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return ''
  const star = block.toString('latin1', 508, 512) === 'tar\0'
  const prefix = text(block, 345, star ? 131 : 155)
  return prefix === '' ? '' : `${prefix}/`
}

function sumOf(block: Buffer): number {
  let sum = 8 * 32 // the checksum counts as spaces
  for (let at = 0; at < 148; at++) sum += block[at]!
  for (let at = 156; at < 512; at++) sum += block[at]!
  return sum
}

function number(block: Buffer, from: number, length: number, field: string): number {
  const first = block[from]!
  if (first === 0xff) throw bad(`a header of the archive has a negative ${field}`)
  return first & 0x80 ? base256(block, from, length, field) : octal(block, from, length, field)
}

function base256(block: Buffer, from: number, length: number, field: string): number {
  let value = block[from]! & 0x7f
  for (let at = from + 1; at < from + length; at++) {
    value = value * 256 + block[at]!
    if (value > Number.MAX_SAFE_INTEGER) throw bad(`a header of the archive has a ${field} that is too large`)
  }
  return value
}

/** Spaces, octal digits, then spaces and NULs; nothing at all is 0. */
function octal(block: Buffer, from: number, length: number, field: string): number {
  const end = from + length
  let at = from
  while (at < end && block[at] === 0x20) at++
  let value = 0
  for (; at < end && block[at]! >= 0x30 && block[at]! <= 0x37; at++) value = value * 8 + block[at]! - 0x30
  for (; at < end; at++) if (block[at] !== 0 && block[at] !== 0x20) throw bad(`a header of the archive has a ${field} that is no number`)
  return value
}
