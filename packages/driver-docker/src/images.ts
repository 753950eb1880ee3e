import { BuildError, shown, type Digest, type Images } from '@kiln/core'
import { formatReference, isRegistryError, parseReference, type Reference } from '@kiln/registry'
import { expectOk, type Client } from './client.ts'

/** An image in the engine, as far as we ask. */
export interface Image {
  readonly id: Digest
  /** what the id is a digest of: the containerd image store goes by manifests, the older one by configurations */
  readonly kind: 'manifest' | 'index' | 'config'
  readonly size: number | undefined
  /** `name@digest`, for those that came from or went to a registry */
  readonly digests: readonly string[]
}

export function dockerImages(client: Client): Images {
  return {
    resolve: async (ref, { signal }) => (await inspectImage(client, ref, signal))?.id,
    tag: (ref, as, { signal }) => tagImage(client, ref, as, signal),
    untag: (ref, { signal }) => untagImage(client, ref, signal),
  }
}

/** Undefined when it is not there. */
export async function inspectImage(client: Client, ref: string, signal?: AbortSignal): Promise<Image | undefined> {
  const reply = await client.call('GET', `/images/${/^sha256:[0-9a-f]{64}$/.test(ref) ? ref : name(ref)}/json`, { signal })
  if (reply.status === 404) return undefined
  const { Id, Size, RepoDigests, Descriptor } = expectOk(reply, `show the image ${shown(ref)}`) as {
    readonly Id: Digest
    readonly Size?: number
    readonly RepoDigests?: readonly string[] | null
    readonly Descriptor?: { readonly mediaType?: string; readonly digest?: string } | null
  }
  const type = Descriptor?.digest === Id ? (Descriptor.mediaType ?? '') : undefined
  const kind = type === undefined ? 'config' : /index|manifest\.list/.test(type) ? 'index' : 'manifest'
  return { id: Id, kind, size: Size, digests: RepoDigests ?? [] }
}

async function tagImage(client: Client, ref: string, as: string, signal?: AbortSignal): Promise<void> {
  const { tag, ...rest } = reference(as)
  if (tag === undefined || rest.digest !== undefined)
    throw new BuildError('invalid_reference', `"${shown(as)}" is not a tag an image can be given.`)
  const reply = await client.call('POST', `/images/${name(ref)}/tag`, { query: { repo: formatReference(rest), tag }, signal })
  if (reply.status === 404) throw new BuildError('not_found', `The image ${shown(ref)} is not in the Docker Engine.`)
  expectOk(reply, `tag ${shown(ref)} as ${shown(as)}`)
}

/** With `force` also while a container uses the image, and with `noprune` so that the layers stay for the next build. */
export async function untagImage(client: Client, ref: string, signal?: AbortSignal): Promise<void> {
  const reply = await client.call('DELETE', `/images/${name(ref)}`, { query: { force: '1', noprune: '1' }, signal })
  if (reply.status !== 404) expectOk(reply, `remove the reference ${shown(ref)}`)
}

/** The reference in a form that is safe in a path. Throws `invalid_reference`. */
function name(ref: string): string {
  return formatReference(reference(ref))
}

export function reference(ref: string): Reference {
  try {
    return parseReference(ref)
  } catch (error) {
    throw isRegistryError(error) ? new BuildError('invalid_reference', error.message, { cause: error }) : error
  }
}
