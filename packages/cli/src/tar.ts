import { BuildError } from '@kiln/core'

/** A small tar (ustar) of texts, the same bytes for the same files. `seconds`: their time since the epoch. */
export function tarOf(files: Readonly<Record<string, string>>, seconds: number): Uint8Array {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text)
    return [header(name, content.length, seconds), content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

function header(name: string, size: number, seconds: number): Uint8Array {
  if (Buffer.byteLength(name) > 100) throw new BuildError('internal', 'A name is too long for the export.')
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number): void =>
    void block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(name, 0, 'utf8')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(seconds), 136, 12)
  block.write('        ', 148, 'latin1')
  block.write('0', 156, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  )
  return block
}
