import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { BuildError, shown, type Digest } from '@kiln/core'

export interface Place {
  readonly directory: string
  now(): number
  /** folders of tenants whose own names are known to be on the disk */
  readonly synced: Set<string>
}

/** no tenant's folder begins with a dot */
export const temporaryIn = '.temporary'

export function folderOf(place: Place, tenant: string): string {
  return join(place.directory, tenantPart(tenant))
}

/** Throws `invalid_argument`: a digest may come from a stranger. */
export function fileOf(place: Place, tenant: string, digest: Digest): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
  if (hex === undefined) throw new BuildError('invalid_argument', `${shown(digest)} is not a sha256 digest.`)
  return join(folderOf(place, tenant), hex)
}

/**
 * A tenant as one safe part of a path, another one for each tenant, also where file names ignore case. What is not plain gets
 * a hash behind a dot, which plain names do not have.
 */
export function tenantPart(tenant: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(tenant) && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(tenant)) return tenant
  const slug = tenant
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 32)
    .replace(/^-|-$/g, '')
  // by its UTF-16 units: lone surrogates have no UTF-8
  return `${slug || 'tenant'}.${createHash('sha256').update(Buffer.from(tenant, 'utf16le')).digest('hex').slice(0, 32)}`
}

/** Where `prune` puts a blob for the moment in which it looks once more whether somebody wants it. */
export function tombOf(file: string): string {
  return `${file}.pruned`
}
