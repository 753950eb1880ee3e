import type { Bytes } from '../driver/driver.ts'
import { BuildError } from '../failure/error.ts'
import { comparePaths } from '../source/columns.ts'
import { checkPath } from '../source/names.ts'
import { parents } from '../source/parents.ts'
import { endSize, type Member, padding, tarHeader } from './tar-format.ts'

/**
 * A tar as `packTree` made it, with text files laid over it: their members come last, so they win. Directories they
 * need are made. `epoch` in seconds, default 0. Throws `invalid_path` for a bad name, `internal` for another tar.
 */
export async function* overlay(
  tar: Bytes,
  added: Readonly<Record<string, string>>,
  options: { readonly epoch?: number } = {},
): AsyncGenerator<Uint8Array, void> {
  const layer = layerOf(added, options.epoch ?? 0)
  yield* withoutEnd(tar)
  if (layer.length > 0) yield layer
  yield new Uint8Array(endSize)
}

/** Everything but the blocks of zeros at the end. */
async function* withoutEnd(tar: Bytes): AsyncGenerator<Uint8Array, void> {
  let held = new Uint8Array(0)
  for await (const chunk of tar) {
    const both = chunk.length < endSize ? joined(held, chunk) : chunk
    if (both === chunk && held.length > 0) yield held
    const cut = Math.max(0, both.length - endSize)
    if (cut > 0) yield both.subarray(0, cut)
    held = both.slice(cut)
  }
  if (held.length < endSize || held.some((byte) => byte !== 0)) throw new BuildError('internal', 'the packed tar does not end as one')
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

function layerOf(added: Readonly<Record<string, string>>, epoch: number): Buffer {
  const files = Object.keys(added).toSorted(comparePaths)
  for (const path of files) checkPath(path)
  const directories = new Set(files.flatMap(parents))
  const members = [...directories].toSorted(comparePaths).map((path): Member => ({ kind: 'directory', path }))
  const parts: Buffer[] = members.map((member) => Buffer.from(tarHeader(member, epoch)))
  for (const path of files) parts.push(...fileParts(path, Buffer.from(added[path]!), epoch))
  return Buffer.concat(parts)
}

function fileParts(path: string, content: Buffer, epoch: number): Buffer[] {
  const head = tarHeader({ kind: 'file', path, executable: false, size: content.length }, epoch)
  return [Buffer.from(head), content, Buffer.alloc(padding(content.length))]
}
