import type { Digest } from '@kiln/core'
import { parseJson, type Client } from './client.ts'
import { untagImage } from './images.ts'
import { markFrom, markIn, type Mark } from './marks.ts'

const graceMs = 3500
const patienceMs = 1000
const mostContainers = 500

/**
 * After a cancelled build: the engine kills and removes its container by itself once the connection is gone. Waits for
 * that, helps where it does not happen, and takes the attempt's reference away. At most 3.5 s; never rejects: what is left then is the reaper's.
 */
export async function cleanUp(
  client: Client,
  left: { readonly container: string | undefined; readonly ref: string; readonly mark: Mark },
): Promise<void> {
  const signal = AbortSignal.timeout(graceMs)
  const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined)
  if (left.container !== undefined) await quietly(containerGone(client, left.container, signal))
  await quietly(removeReference(client, left.ref, left.mark, signal))
}

/** Removes the containers and attempt references of this owner's attempts that are no longer alive. */
export async function reapAll(
  client: Client,
  owner: string,
  alive: (run: string, attempt: number) => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const known = new Map<string, Promise<boolean>>()
  const isDead = async (mark: Mark | undefined): Promise<boolean> => {
    if (mark === undefined || mark.owner !== owner) return false
    const key = `${mark.run}/${mark.attempt}`
    const asked = known.get(key) ?? alive(mark.run, mark.attempt)
    known.set(key, asked)
    return !(await asked)
  }
  for (const id of await containers(client, signal))
    if (await isDead(await markOfContainer(client, id, signal))) await removeContainer(client, id, signal)
  for (const { mark, tags } of await markedImages(client, signal))
    if (tags.includes(mark.ref) && (await isDead(mark))) await untagImage(client, mark.ref, signal)
}

async function containerGone(client: Client, id: string, signal: AbortSignal): Promise<void> {
  const helpAt = Date.now() + patienceMs
  for (;;) {
    const reply = await client.call('GET', `/containers/${id}/json`, { signal })
    if (reply.status === 404) return
    if (Date.now() > helpAt) await removeContainer(client, id, signal)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The attempt's reference, if it came to be in spite of the cancel and is this attempt's own. */
async function removeReference(client: Client, ref: string, mine: Mark, signal: AbortSignal): Promise<void> {
  const own = (await markedImages(client, signal)).some(
    ({ mark, tags }) => mark.run === mine.run && mark.attempt === mine.attempt && mark.owner === mine.owner && tags.includes(ref),
  )
  if (own) await untagImage(client, ref, signal)
}

async function containers(client: Client, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const reply = await client.call('GET', '/containers/json', { query: { all: '1', limit: String(mostContainers) }, signal })
  const list = parseJson(reply.body)
  return Array.isArray(list) ? list.map(({ Id }: { readonly Id: string }) => Id) : []
}

async function markOfContainer(client: Client, id: string, signal: AbortSignal | undefined): Promise<Mark | undefined> {
  const reply = await client.call('GET', `/containers/${id}/json`, { signal })
  const found = parseJson(reply.body) as { readonly HostConfig?: { readonly ExtraHosts?: readonly string[] | null } } | undefined
  return reply.status === 200 ? markFrom(found?.HostConfig?.ExtraHosts) : undefined
}

async function removeContainer(client: Client, id: string, signal: AbortSignal | undefined): Promise<void> {
  await client.call('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' }, signal })
}

interface MarkedImage {
  readonly id: Digest
  readonly mark: Mark & { readonly ref: string }
  readonly tags: readonly string[]
}

async function markedImages(client: Client, signal: AbortSignal | undefined): Promise<readonly MarkedImage[]> {
  const reply = await client.call('GET', '/images/json', { query: { filters: JSON.stringify({ label: ['kiln.run'] }) }, signal })
  const list = parseJson(reply.body)
  if (!Array.isArray(list)) return []
  return list.flatMap(
    ({
      Id,
      Labels,
      RepoTags,
    }: {
      readonly Id: Digest
      readonly Labels?: Record<string, string> | null
      readonly RepoTags?: readonly string[] | null
    }) => {
      const mark = markIn(Labels)
      return mark === undefined ? [] : [{ id: Id, mark, tags: RepoTags ?? [] }]
    },
  )
}
