import { setTimeout as sleep } from 'node:timers/promises'
import { hash } from 'node:crypto'
import { hashOfPart, hashTree } from './context/hash.ts'
import type { StatIndex } from './source/index-file.ts'
import type { TreeHash } from './context/context.ts'
import type { Notice } from './detect/detection.ts'
import { driversNamed } from './driver/choose.ts'
import type { Digest, Platform } from './driver/driver.ts'
import { BuildError, isBuildError } from './failure/error.ts'
import type { Fingerprints, Identity } from './fingerprints.ts'
import { imageOf } from './image.ts'
import { canonical, frame, keyParts, type KeyInputs } from './key/key.ts'
import type { RememberingPlanner } from './planner.ts'
import { prepare, type PrepareDeps } from './prepare.ts'
import { checkRequest, checkSource, type BuildRequest, type OpenRequest } from './request.ts'
import type { Source } from './source/source.ts'
import type { Accept, BuildRecord, Idempotency, QueueCaps, Reuse } from './store/records.ts'
import type { FinishedRun, Store } from './store/store.ts'
import { decide, type Wish } from './wish.ts'

export interface AcceptDeps extends PrepareDeps {
  readonly plan: RememberingPlanner
  readonly store: Store
  /** of directories; keeps unchanged files from being read again */
  readonly index: StatIndex | undefined
  readonly fingerprints: Fingerprints
  /** of Runs that wait, where there are any */
  readonly queue: QueueCaps | undefined
  /** what a request means that names no platform */
  readonly platform: Platform
  repository(tenant: string, name: string): Promise<string>
  /** points further tags to the image of an earlier Run */
  pointTags(tenant: string, earlier: FinishedRun, tags: readonly string[]): Promise<void>
  /** why an earlier Run may not be used, or undefined */
  refuses(tenant: string, earlier: FinishedRun, request: Pick<BuildRequest, 'maxAge' | 'output'>): Promise<string | undefined>
}

export interface Accepted {
  readonly record: BuildRecord
  readonly reuse: Reuse
  readonly notices: readonly Notice[]
}

/** Source -> plan or Dockerfile -> Key -> look up -> durable row -> answer. No Build exists when it throws. */
export async function accept(deps: AcceptDeps, tenant: string, given: BuildRequest, signal?: AbortSignal): Promise<Accepted> {
  checkRequest(given)
  // also where an earlier Run would answer without any
  if (given.driver !== undefined) driversNamed(deps.drivers, given.driver)
  const request = { ...given, platforms: given.platforms ?? [deps.platform] }
  const known = deps.fingerprints.find(tenant, request)
  const again = known && (await earlierAnswer(deps, tenant, request, known))
  if (again?.accepted) return again.accepted
  const { source } = request
  if (typeof source !== 'function') return await acceptSource(deps, tenant, { ...request, source }, signal)
  await using opened = await source()
  return await acceptSource(deps, tenant, { ...request, source: opened }, signal)
}

async function acceptSource(deps: AcceptDeps, tenant: string, request: OpenRequest, signal?: AbortSignal): Promise<Accepted> {
  checkSource(request.source)
  const tree = await hashed(deps, request, request.source, signal)
  const wish = await decide(deps.plan, request, tree.digest, signal)
  try {
    const own = wish.reopened
      ? await hashed(deps, request, wish.reopened, signal)
      : wish.whole
        ? hashOfPart(wish.source, wish.whole, tree)
        : tree
    return await accepted(deps, { tenant, request, wish, tree: own }, signal)
  } finally {
    await wish.reopened?.[Symbol.asyncDispose]()
  }
}

interface Decided {
  readonly tenant: string
  readonly request: OpenRequest
  readonly wish: Wish
  /** of the wish's source */
  readonly tree: Omit<TreeHash, 'xxh64'>
}

async function accepted(deps: AcceptDeps, { tenant, request, wish, tree }: Decided, signal?: AbortSignal): Promise<Accepted> {
  const repository = await deps.repository(tenant, request.name)
  const parts = keyParts(keyInputs(tenant, repository, tree, wish, request))
  const key = sha256(frame(parts))
  const identity = { repository, key, image: imageOf(repository, key), notices: wish.notices }
  deps.fingerprints.keep(tenant, request, identity)
  for (let looks = 1; ; looks++) {
    const found = await earlierAnswer(deps, tenant, request, identity)
    if (found.accepted) return found.accepted
    const { why, seen } = found
    if (request.cache === 'only')
      throw new BuildError('not_found', `No earlier build can be used: ${why}.`, { hint: 'Leave out cache "only" to build it.' })
    try {
      const { record, reuse } = await deps.store.accept(tenant, {
        ...commonOf(request, identity),
        ...(await prepare(deps, { tenant, repository, request, wish, tree, parts, why }, signal)),
        ...(deps.queue && { queue: deps.queue }),
        ...(seen !== undefined && looks < maxLooks && { seen }),
      })
      return { record, reuse, notices: wish.notices }
    } catch (error) {
      if (!isBuildError(error) || error.code !== 'lookup_stale') throw error
      // its winner is there, and settled in a moment
      await sleep(looks * 20, undefined, { ...(signal && { signal }) })
    }
  }
}

/** A request that meets others' ends so often runs on its own. */
const maxLooks = 8

type Asked = Omit<OpenRequest, 'source'>

/** The Build that an idempotency key or an earlier Run answers with, or why there is none. */
async function earlierAnswer(
  deps: AcceptDeps,
  tenant: string,
  request: Asked,
  identity: Identity,
): Promise<{ readonly accepted: Accepted } | ({ readonly accepted?: never } & Omit<Found, 'hit'>)> {
  const { notices } = identity
  const common = commonOf(request, identity)
  const earlier = common.idempotency && (await deps.store.answered(tenant, common.idempotency))
  if (earlier) return { accepted: { record: earlier, reuse: earlier.reuse, notices } }
  const found = await lookUp(deps, tenant, identity.key, request)
  if (!found.hit) return found
  const answer = await answeredBy(deps, tenant, common, found.hit)
  if (!answer) return { why: 'the earlier build was removed at this moment' }
  return { accepted: { record: answer.record, reuse: answer.reuse, notices } }
}

type Common = Omit<Accept, 'driver' | 'inputs' | 'spec'>

function commonOf(request: Asked, { key, image }: Identity): Common {
  const idempotency = idempotencyOf(request, key)
  return {
    name: request.name,
    key,
    image,
    tags: request.tags ?? [],
    attributes: request.attributes ?? {},
    ...(request.documents && { documents: request.documents }),
    ...(idempotency && { idempotency }),
  }
}

function hashed(deps: AcceptDeps, request: OpenRequest, source: Source, signal?: AbortSignal): Promise<TreeHash> {
  const verify = deps.drivers.untrusted ? 'trusted' : (request.verify ?? 'trusted')
  return hashTree(source, { verify, ...(signal && { signal }), ...(deps.index && { index: deps.index }) })
}

function keyInputs(tenant: string, repository: string, tree: Decided['tree'], wish: Wish, request: OpenRequest): KeyInputs {
  return {
    tenant,
    repository,
    tree: tree.digest,
    how:
      wish.kind === 'plan'
        ? { kind: 'plan', plan: wish.json }
        : { kind: 'dockerfile', path: wish.recipe.path ?? '', text: wish.recipe.text, target: wish.recipe.target ?? '' },
    args: request.args ?? {},
    secrets: request.secrets ?? {},
    platforms: request.platforms ?? [],
    labels: request.labels ?? {},
    partition: request.partition ?? '',
  }
}

function idempotencyOf(request: Asked, key: Digest): Idempotency | undefined {
  const { idempotencyKey } = request
  return idempotencyKey === undefined
    ? undefined
    : {
        key: idempotencyKey,
        request: sha256(
          frame([
            ['key', key],
            ['request', asked(request)],
          ]),
        ),
      }
}

/** What makes a request another one beside its Key. */
function asked(request: Asked): string {
  const { tags = [], attributes = {}, cache = 'use', pull = false, output, driver, runMs, maxAge } = request
  return canonical({ tags, attributes, cache, pull, output, driver, runMs, maxAge })
}

/** At once, on this thread: a turn of the thread pool costs more than these few bytes. */
function sha256(bytes: Uint8Array): Digest {
  return `sha256:${hash('sha256', bytes)}`
}

interface Found {
  readonly hit?: FinishedRun
  /** why there is none */
  readonly why: string
  /** the newest one looked at, '' for none; undefined where none was looked for */
  readonly seen?: string
}

async function lookUp(deps: AcceptDeps, tenant: string, key: Digest, request: Asked): Promise<Found> {
  if (request.cache === 'refresh') return { why: 'the cache was not to be used' }
  if (request.pull) return { why: 'newer base images were asked for' }
  let why = 'no earlier build has these inputs'
  const finished = await deps.store.finished(tenant, key)
  for (const earlier of finished) {
    const refused = await deps.refuses(tenant, earlier, request)
    if (refused === undefined) return { hit: earlier, why: '' }
    why = refused
  }
  return { why, seen: finished[0]?.run ?? '' }
}

type Answer = Awaited<ReturnType<Store['accept']>>

/** The Build on an earlier Run, its tags pointed to the image; undefined when the Run was removed meanwhile. */
async function answeredBy(deps: AcceptDeps, tenant: string, common: Common, hit: FinishedRun): Promise<Answer | undefined> {
  await deps.pointTags(tenant, hit, common.tags)
  const driver = { name: hit.driver, why: 'an earlier run of the same inputs' }
  try {
    return await deps.store.accept(tenant, { ...common, driver, inputs: hit.inputs, spec: null, hit: hit.run })
  } catch (error) {
    if (isBuildError(error) && error.code === 'not_found') return undefined
    throw error
  }
}
