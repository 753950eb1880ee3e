// Archives byte by byte: most of what is tested no packer would write.
import { gzipSync } from 'node:zlib'

export interface Entry {
  readonly path: string
  readonly body?: string | Uint8Array
  /** default `0`, a file */
  readonly type?: string
  readonly link?: string
  readonly mode?: number
  readonly uid?: number
  readonly mtime?: number | string
  /** as the header says it; default of the body */
  readonly size?: number | string
  /** a checksum that is wrong by so much */
  readonly off?: number
  /** bytes of the header that are laid over it, by their place */
  readonly over?: readonly (readonly [number, string | Uint8Array])[]
}

const dockerfile: Entry = { path: 'Dockerfile', body: 'FROM scratch\nCOPY . .\n' }

/** A tar.gz with a Dockerfile in front of the entries. */
export function gz(...entries: readonly Entry[]): Buffer {
  return gzipSync(Buffer.concat([blockOf(dockerfile), ...entries.map(blockOf), Buffer.alloc(1024)]), { level: 1 })
}

/** A tar.gz of these files alone. */
export function packed(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return gzipSync(tar(...Object.entries(files).map(([path, body]) => ({ path, body }))), { level: 1 })
}

/** A tar of the entries, and its end. */
export function tar(...entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(blockOf), Buffer.alloc(1024)])
}

export function blockOf({
  path,
  body = '',
  type = '0',
  link = '',
  mode = 0o644,
  uid = 0,
  mtime = 0,
  size,
  off = 0,
  over = [],
}: Entry): Buffer {
  const bytes = Buffer.from(body as Uint8Array)
  const header = Buffer.alloc(512)
  const octal = (value: number | string, at: number, length: number): void =>
    void header.write(typeof value === 'string' ? value : `${value.toString(8).padStart(length - 1, '0')}\0`, at, length, 'latin1')
  header.write(path, 0, 100)
  octal(mode, 100, 8)
  octal(uid, 108, 8)
  octal(0, 116, 8)
  octal(size ?? bytes.length, 124, 12)
  octal(mtime, 136, 12)
  header.write(type, 156, 1)
  header.write(link, 157, 100)
  header.write('ustar\x0000', 257, 'latin1')
  for (const [at, what] of over) Buffer.from(what as Uint8Array).copy(header, at)
  header.fill(0x20, 148, 156)
  octal(header.reduce((sum, byte) => sum + byte, 0) + off, 148, 7)
  header[155] = 0x20
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** A PAX header of these records, for the entry behind it. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): Entry {
  return {
    path: 'PaxHeaders/x',
    type,
    body: Object.entries(records)
      .map(([key, value]) => record(key, value))
      .join(''),
  }
}

function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}
