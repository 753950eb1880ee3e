import type { BuildFilter, BuildRecord, Kiln, State } from '@kiln/core'
import { api, isOurs } from './present.ts'
import type { BuildsQuery } from './schemas.ts'
import { statesOf, statusOf } from './states.ts'

export interface Found {
  readonly builds: readonly BuildRecord[]
  readonly total: number
}

/** as many builds as one search reads at once */
const pageSize = 200
/** builds of one context that are looked through without a further search */
const fewOfAContext = 20

/** A page of this API's builds, the newest first, and how many there are in all. */
export async function findBuilds(kiln: Kiln, query: BuildsQuery): Promise<Found> {
  const { contextHash, status } = query
  const ofContext = contextHash === undefined ? undefined : await fewBuilds(kiln, contextHash)
  if (ofContext) return choose(ofContext, query)
  const states = status === undefined ? [] : statesOf(status)
  return states.length > 1 ? merged(kiln, query, states) : searched(kiln, query, states[0])
}

/**
 * The look-up before every upload: a hash names next to nothing, so that one search by it alone is the cheapest. Undefined where
 * there are many.
 */
async function fewBuilds(kiln: Kiln, contextHash: string): Promise<readonly BuildRecord[] | undefined> {
  const found = await kiln.list({ where: { contextHash }, limit: fewOfAContext })
  return found.length < fewOfAContext ? found : undefined
}

function choose(builds: readonly BuildRecord[], { status, region, dockerfilePath, limit, offset }: BuildsQuery): Found {
  const all = builds.filter(
    (build) =>
      isOurs(build) &&
      (status === undefined || statusOf[build.state] === status) &&
      (region === undefined || build.attributes['region'] === region) &&
      (dockerfilePath === undefined || build.attributes['dockerfilePath'] === dockerfilePath),
  )
  return { builds: all.slice(offset, offset + limit), total: all.length }
}

async function searched(kiln: Kiln, query: BuildsQuery, state: State | undefined): Promise<Found> {
  const filter = filterOf(query, state)
  const { limit, offset } = query
  const builds = await kiln.list({ ...filter, limit, offset })
  const last = builds.length < limit && (builds.length > 0 || offset === 0)
  return { builds, total: last ? offset + builds.length : await kiln.count(filter) }
}

/** A status that stands for several states: their lists side by side, page by page. */
async function merged(kiln: Kiln, query: BuildsQuery, states: readonly State[]): Promise<Found> {
  const filters = states.map((state) => filterOf(query, state))
  const counts = await Promise.all(filters.map((filter) => kiln.count(filter)))
  const total = counts.reduce((sum, one) => sum + one, 0)
  const builds: BuildRecord[] = []
  if (query.offset >= total) return { builds, total }
  let passed = 0
  for await (const build of newestFirst(filters.map((filter) => each(kiln, filter)))) {
    if (passed++ < query.offset) continue
    builds.push(build)
    if (builds.length === query.limit) break
  }
  return { builds, total }
}

async function* each(kiln: Kiln, filter: BuildFilter): AsyncGenerator<BuildRecord, void> {
  for (let offset = 0; ; offset += pageSize) {
    const page = await kiln.list({ ...filter, offset, limit: pageSize })
    yield* page
    if (page.length < pageSize) return
  }
}

async function* newestFirst(lists: readonly AsyncGenerator<BuildRecord, void>[]): AsyncGenerator<BuildRecord, void> {
  const heads = await Promise.all(lists.map(async (list) => ({ list, head: (await list.next()).value ?? undefined })))
  for (;;) {
    const [first] = heads.filter(({ head }) => head !== undefined).sort((a, b) => newer(a.head!, b.head!))
    if (!first) return
    yield first.head!
    first.head = (await first.list.next()).value ?? undefined
  }
}

function newer(a: BuildRecord, b: BuildRecord): number {
  return b.acceptedAt - a.acceptedAt || (a.id < b.id ? 1 : -1)
}

function filterOf({ region, contextHash, dockerfilePath }: BuildsQuery, state: State | undefined): BuildFilter {
  return {
    where: {
      api,
      ...(region !== undefined && { region }),
      ...(contextHash !== undefined && { contextHash }),
      ...(dockerfilePath !== undefined && { dockerfilePath }),
    },
    ...(state !== undefined && { state }),
  }
}
