// Tars by the byte: what no honest tool writes.

export interface Header {
  readonly name?: string | Buffer
  readonly type?: string
  /** the size field; default the length of the body */
  readonly size?: number | Buffer
  readonly mode?: number
  readonly target?: string
  readonly prefix?: string
  readonly magic?: string
  readonly checksum?: number
}

export function entry(header: Header, body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([headerOf(header, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

export function file(name: string, body: string | Uint8Array = 'x', mode = 0o644): Buffer {
  return entry({ name, mode }, body)
}

export function link(name: string, target: string): Buffer {
  return entry({ name, type: '2', target })
}

export function hardlink(name: string, target: string): Buffer {
  return entry({ name, type: '1', target })
}

export function folder(name: string): Buffer {
  return entry({ name, type: '5', mode: 0o755 })
}

/** A PAX header of records as they are given; a Buffer stands for the whole body. */
export function pax(records: Readonly<Record<string, string>> | Buffer, type: 'x' | 'g' = 'x'): Buffer {
  const body = Buffer.isBuffer(records) ? records : Buffer.concat(Object.entries(records).map(([key, value]) => record(key, value)))
  return entry({ name: 'PaxHeaders/x', type }, body)
}

export function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + 1
  while (String(length).length + rest !== length) length++
  return Buffer.from(`${length} ${key}=${value}\n`)
}

export function longName(name: string, type: 'L' | 'K' = 'L'): Buffer {
  return entry({ name: '././@LongLink', type, magic: 'ustar  \0' }, `${name}\0`)
}

export const end: Buffer = Buffer.alloc(1024)

export function tar(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, end])
}

function headerOf(header: Header, length: number): Buffer {
  const block = Buffer.alloc(512)
  const { name = 'a', type = '0', size = length, mode = 0o644, target = '', prefix = '', magic = 'ustar\x0000' } = header
  Buffer.from(name).copy(block, 0, 0, 100)
  block.write(octal(mode, 7), 100)
  block.write('0000000\0'.repeat(2), 108)
  if (Buffer.isBuffer(size)) size.copy(block, 124)
  else block.write(octal(size, 11), 124)
  block.write(octal(0, 11), 136)
  block.write(type, 156, 'latin1')
  block.write(target, 157, 100)
  block.write(magic, 257, 'latin1')
  block.write(prefix, 345, 155)
  block.write('        ', 148)
  const sum = header.checksum ?? block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
