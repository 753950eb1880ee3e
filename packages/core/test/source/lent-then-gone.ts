// A program that has archives refused while zlib still reads of them, in memory that is given back at once. It lives, or it does not.
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { archive } from '../../src/source/archive.ts'

const pieceSize = 2 ** 18
const noTar = gzipSync(Buffer.concat([Buffer.alloc(512, 1), randomBytes(4 * 2 ** 20)]), { level: 1 })

async function* lent(): AsyncGenerator<Uint8Array, void> {
  const memory = Buffer.allocUnsafeSlow(pieceSize)
  try {
    for (let at = 0; at < noTar.length; at += pieceSize) {
      const piece = noTar.subarray(at, at + pieceSize)
      memory.set(piece)
      yield memory.subarray(0, piece.length)
    }
  } finally {
    memory.buffer.transfer(0)
  }
}

for (let n = 0; n < 100; n++) {
  const outcome = await archive(lent()).catch((error: unknown) => (error as { readonly code: string }).code)
  if (outcome !== 'invalid_archive') throw new Error('it was taken')
}
process.stdout.write('refused\n')
