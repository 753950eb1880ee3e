import type { Check } from './check.ts'

/** Asks for the right to push below a registry, as a build would, with the logins of the Docker config. */
export async function checkRegistry(registry: string): Promise<Check> {
  const { createRegistry, dockerConfig } = await import('@kiln/kiln')
  const logins = dockerConfig()
  const client = createRegistry({ fetch, credential: (host, _scope, { signal }) => logins.credential(host, signal ? { signal } : {}) })
  try {
    await client.canPush(`${registry.replace(/\/+$/, '')}/local/kiln-doctor:check`, { signal: AbortSignal.timeout(20_000) })
    return { name: 'registry', status: 'ok', message: `${registry} takes pushes` }
  } catch (error) {
    return {
      name: 'registry',
      status: 'warn',
      message: (error as Error).message,
      fix: `docker login ${registry.split('/')[0]}, with an account that may push`,
    }
  }
}
