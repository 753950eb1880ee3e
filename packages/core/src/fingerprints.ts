import type { Notice } from './detect/detection.ts'
import type { Digest } from './driver/driver.ts'
import type { BuildRequest } from './request.ts'

/** What a request comes to: all that is needed to look for an earlier Run of it. */
export interface Identity {
  readonly repository: string
  readonly key: Digest
  readonly image: string
  readonly notices: readonly Notice[]
}

/** The identities of requests whose callers gave a fingerprint. */
export interface Fingerprints {
  find(tenant: string, request: Named): Identity | undefined
  keep(tenant: string, request: Named, identity: Identity): void
}

type Named = Pick<BuildRequest, 'name' | 'fingerprint'>

/** The last thousand: each some hundred bytes, and its notices. */
export function fingerprints(most = 1_000): Fingerprints {
  const known = new Map<string, Identity>()
  // the name stands for itself, so that a fingerprint that forgot it does no harm
  const keyOf = (tenant: string, { name, fingerprint }: Named): string => `${name} ${tenant.length} ${tenant} ${fingerprint}`
  return {
    find(tenant, request) {
      return request.fingerprint === undefined ? undefined : known.get(keyOf(tenant, request))
    },
    keep(tenant, request, identity) {
      if (request.fingerprint === undefined) return
      const key = keyOf(tenant, request)
      known.delete(key)
      known.set(key, identity)
      if (known.size > most) known.delete(known.keys().next().value!)
    },
  }
}
