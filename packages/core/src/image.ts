import { sha256, short } from './key/digest.ts'
import type { Digest } from './driver/driver.ts'
import { BuildError, shown } from './failure/error.ts'

/** Where images are that no registry gets: a name that no registry has. */
export const unpushed = 'localhost/kiln'

/** `<registry>/<tenant>/<name>`; without a registry the images stay in the builder, below `localhost/kiln`. */
export async function repositoryOf(registry: string | undefined, tenant: string, name: string): Promise<string> {
  return `${registry ?? unpushed}/${await tenantPart(tenant)}/${name}`
}

/** The reference an image has before its run: the first 16 hex of the Key as tag. */
export function imageOf(repository: string, key: Digest): string {
  return `${repository}:${short(key)}`
}

/** An attempt's own reference: nothing else is ever called so. */
export function attemptReference(repository: string, run: string, attempt: number): string {
  return `${repository}:attempt-${run}-${attempt}`
}

/** A name of an image or agent: one path part that every registry takes. Throws `invalid_name`. */
export function checkName(name: unknown): string {
  if (typeof name === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name
  throw new BuildError('invalid_name', `The name "${shown(String(name))}" cannot be an image name.`)
}

/** Exactly one path part: the tenant itself where it is canonical, else a readable slug with a hash, so that no two tenants meet. */
async function tenantPart(tenant: string): Promise<string> {
  if (tenant === '') throw new BuildError('invalid_argument', 'The tenant is empty.')
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(tenant) && tenant.length <= 40 && !/-[0-9a-f]{16}$/.test(tenant)) return tenant
  const slug = tenant
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20)
    .replace(/-+$/, '')
  return `${slug || 't'}-${short(await sha256(tenant))}`
}
