import { Refused } from '../refusal.ts'
import type { ServerLimits } from './limits.ts'

/** How many bytes of JSON bodies and of fields of forms are in memory, by tenant and in all. */
export interface BodyRoom {
  /** For one request: to be disposed with its answer. */
  of(tenant: string): HeldRoom
}

export interface HeldRoom extends Disposable {
  /** For bytes that have come, or are about to. Throws `too_many_bodies`. */
  take(bytes: number): void
}

export function createBodyRoom({ jsonPerTenant, jsonInAll }: Pick<ServerLimits, 'jsonPerTenant' | 'jsonInAll'>): BodyRoom {
  const byTenant = new Map<string, number>()
  let all = 0
  const add = (tenant: string, bytes: number): void => {
    all += bytes
    const own = (byTenant.get(tenant) ?? 0) + bytes
    if (own === 0) byTenant.delete(tenant)
    else byTenant.set(tenant, own)
  }
  return {
    of(tenant) {
      let held = 0
      return {
        take(bytes) {
          if ((byTenant.get(tenant) ?? 0) + bytes > jsonPerTenant) throw full(`bodies of this tenant, ${jsonPerTenant} bytes together,`)
          if (all + bytes > jsonInAll) throw full(`bodies, ${jsonInAll} bytes together,`)
          held += bytes
          add(tenant, bytes)
        },
        [Symbol.dispose]() {
          add(tenant, -held)
          held = 0
        },
      }
    },
  }
}

function full(what: string): Refused {
  return new Refused('too_many_bodies', `The server has as many ${what} as it takes at once.`, { retryAfter: 2 })
}
