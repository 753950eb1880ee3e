import { files, shown, type Digest, type Kiln, type Source } from '@kiln/core'
import type { ServerLimits } from '../../limits/limits.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import type { GivenFile, GivenSource } from './schemas.ts'

type Sourcing = Pick<Parts, 'uploads' | 'limits'>

/** How a source of a request is opened, once it is needed. Throws `invalid_input`, `payload_too_large`, `upload_not_found`. */
export function openerOf(parts: Sourcing, kiln: Kiln, given: GivenSource, signal: AbortSignal): () => Promise<Source> {
  const { files: map, upload } = given
  if (map) {
    const contents = checkedFiles(map, parts.limits)
    return () => files(contents, { signal })
  }
  return uploadOpener(parts, kiln, upload!, signal)
}

export function uploadOpener({ uploads, limits }: Sourcing, kiln: Kiln, upload: Digest, signal: AbortSignal): () => Promise<Source> {
  // looked for when it is opened: a repeat that an earlier build answers needs no bytes, and no look at the disk
  return async () => {
    if ((await kiln.uploads.size(upload)) === undefined)
      throw new Refused('upload_not_found', 'There is no upload with this digest.', {
        hint: 'Send the archive with PUT /uploads/{digest} first.',
      })
    return await uploads.open(kiln, upload, { signal, max: limits.upload })
  }
}

function checkedFiles(map: Readonly<Record<string, GivenFile>>, limits: ServerLimits): ReadonlyMap<string, string | Uint8Array> {
  const given = Object.entries(map)
  if (given.length > limits.files) throw new Refused('payload_too_large', `There are more than ${limits.files} files.`)
  return new Map(given.map(([path, file]) => [path, checkedFile(path, file, limits.file)]))
}

function checkedFile(path: string, file: GivenFile, max: number): string | Uint8Array {
  const content = typeof file === 'string' ? file : Buffer.from(file.base64, 'base64')
  const size = typeof content === 'string' ? Buffer.byteLength(content) : content.length
  if (size > max) throw new Refused('payload_too_large', `The file "${shown(path)}" has more than ${max} bytes.`)
  return content
}
