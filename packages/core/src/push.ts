import type { Registry, RegistryErrorKind } from '@kiln/registry'
import type { Digest } from './driver/driver.ts'
import { createRedactor, type Redactor } from './driver/redact.ts'
import type { ErrorCode } from './failure/codes.ts'
import { BuildError } from './failure/error.ts'
import type { PushedImages, RunDeps } from './run.ts'

const codeOf: Record<RegistryErrorKind, ErrorCode> = {
  denied: 'registry_denied',
  unreachable: 'registry_unreachable',
  failed: 'registry_failed',
  unverified: 'push_unverified',
  invalid_reference: 'invalid_reference',
}

/** Images in registries, one client per tenant, so that no tenant is served with another's token. The client's code is loaded when it is used. */
export function pushedImages(fetch: typeof globalThis.fetch, credential: RunDeps['credential']): PushedImages {
  const clients = new Map<string, Registry>()
  const redactor = createRedactor()
  const client = async (tenant: string): Promise<Registry> => {
    const { createRegistry } = await import('@kiln/registry')
    const known =
      clients.get(tenant) ??
      createRegistry({
        fetch,
        credential: async (host, scope, { signal }) => {
          const found = await credential(tenant, host, scope, { signal: signal ?? AbortSignal.timeout(30_000) })
          if (found) for (const secret of [found.secret, `${found.username}:${found.secret}`]) redactor.add(secret)
          return found
        },
      })
    if (clients.size > 1000) clients.clear()
    clients.set(tenant, known)
    return known
  }
  return {
    mayPush: (tenant, ref, signal) => coded(redactor, async () => (await client(tenant)).canPush(ref, { signal })),
    readBack: async (tenant, ref, built, signal) =>
      void (await coded(redactor, async () => (await client(tenant)).readBack(ref, built.digest, { signal }))),
    tag: async (tenant, ref, as, signal) => void (await coded(redactor, async () => (await client(tenant)).tag(ref, as, { signal }))),
    untag: async (tenant, ref, signal) => void (await coded(redactor, async () => (await client(tenant)).untag(ref, { signal }))),
    resolve: async (tenant, ref, signal) =>
      (await coded(redactor, async () => (await client(tenant)).resolve(ref, { signal })))?.digest as Digest | undefined,
  }
}

async function coded<T>(redactor: Redactor, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { isRegistryError } = await import('@kiln/registry')
    if (isRegistryError(error)) throw new BuildError(codeOf[error.kind], redactor.text(error.message), { cause: error })
    throw error
  }
}
