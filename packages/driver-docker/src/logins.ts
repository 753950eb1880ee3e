import type { Credential, Job } from '@kiln/core'
import { dockerHubServer, parseReference, withDefaults } from '@kiln/registry'

/** The header with the logins for the registries of the base images; undefined where there is none. */
export async function pullHeader(job: Job, images: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const logins: Record<string, object> = {}
  for (const host of new Set(images.map(hostOf))) {
    const credential = host === undefined ? undefined : await job.credential(host, 'pull')
    if (host !== undefined && credential !== undefined) logins[serverOf(host)] = login(credential)
  }
  return Object.keys(logins).length === 0 ? {} : { 'x-registry-config': encoded(logins) }
}

/** The header with the login for a push; the engine wants one, even if it is empty. */
export async function pushHeader(job: Job, ref: string): Promise<Readonly<Record<string, string>>> {
  const host = hostOf(ref)
  const credential = host === undefined ? undefined : await job.credential(host, 'push')
  return {
    'x-registry-auth': encoded(
      credential === undefined || host === undefined ? {} : { ...login(credential), serveraddress: serverOf(host) },
    ),
  }
}

function login({ username, secret }: Credential): object {
  return username === '<token>' ? { identitytoken: secret } : { username, password: secret }
}

function hostOf(ref: string): string | undefined {
  try {
    return withDefaults(parseReference(ref)).domain
  } catch {
    return undefined // the builder will say what is wrong with it
  }
}

function serverOf(host: string): string {
  return host === 'docker.io' ? dockerHubServer : host
}

/** base64url with its padding: the engine takes a login without it for none at all. */
function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
