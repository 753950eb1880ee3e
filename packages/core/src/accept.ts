import { hashTree } from './context/hash.ts'
import type { StatIndex } from './source/index-file.ts'
import type { TreeHash } from './context/context.ts'
import type { Notice } from './detect/detection.ts'
import type { Digest, Platform } from './driver/driver.ts'
import { BuildError, isBuildError } from './failure/error.ts'
import { imageOf } from './image.ts'
import { sha256 } from './key/digest.ts'
import { canonical, frame, keyParts, type KeyInputs } from './key/key.ts'
import type { RememberingPlanner } from './planner.ts'
import { prepare, type PrepareDeps } from './prepare.ts'
import { checkRequest, type BuildRequest } from './request.ts'
import type { Source } from './source/source.ts'
import type { Accept, BuildRecord, Idempotency, Reuse } from './store/records.ts'
import type { FinishedRun, Store } from './store/store.ts'
import { decide, type Wish } from './wish.ts'

export interface AcceptDeps extends PrepareDeps {
  readonly plan: RememberingPlanner
  readonly store: Store
  /** of directories; keeps unchanged files from being read again */
  readonly index: StatIndex | undefined
  /** what a request means that names no platform */
  readonly platform: Platform
  repository(tenant: string, name: string): Promise<string>
  /** points further tags to the image of an earlier Run */
  pointTags(tenant: string, earlier: FinishedRun, tags: readonly string[]): Promise<void>
  /** why an earlier Run may not be used, or undefined */
  refuses(tenant: string, earlier: FinishedRun, request: BuildRequest): Promise<string | undefined>
}

export interface Accepted {
  readonly record: BuildRecord
  readonly reuse: Reuse
  readonly notices: readonly Notice[]
}

/** Source -> plan or Dockerfile -> Key -> look up -> durable row -> answer. No Build exists when it throws. */
export async function accept(deps: AcceptDeps, tenant: string, given: BuildRequest, signal?: AbortSignal): Promise<Accepted> {
  checkRequest(given)
  const request = { ...given, platforms: given.platforms ?? [deps.platform] }
  const tree = await hashed(deps, request, request.source, signal)
  const wish = await decide(deps.plan, request, tree.digest, signal)
  try {
    const own = wish.reopened ? await hashed(deps, request, wish.reopened, signal) : tree
    return await accepted(deps, { tenant, request, wish, tree: own }, signal)
  } finally {
    await wish.reopened?.[Symbol.asyncDispose]()
  }
}

interface Decided {
  readonly tenant: string
  readonly request: BuildRequest
  readonly wish: Wish
  /** of the wish's source */
  readonly tree: TreeHash
}

async function accepted(deps: AcceptDeps, { tenant, request, wish, tree }: Decided, signal?: AbortSignal): Promise<Accepted> {
  const repository = await deps.repository(tenant, request.name)
  const parts = keyParts(keyInputs(tenant, repository, tree, wish, request))
  const key = await sha256(frame(parts))
  const idempotency = await idempotencyOf(request, parts)
  const earlier = idempotency && (await deps.store.answered(tenant, idempotency))
  if (earlier) return { record: earlier, reuse: earlier.reuse, notices: wish.notices }
  const common = {
    name: request.name,
    key,
    image: imageOf(repository, key),
    tags: request.tags ?? [],
    attributes: request.attributes ?? {},
    ...(idempotency && { idempotency }),
  }
  const found = await lookUp(deps, tenant, key, request)
  const hit = found.hit && (await answeredBy(deps, tenant, common, found.hit))
  if (!hit && request.cache === 'only') throw new BuildError('not_found', `No earlier build can be used: ${found.why}.`)
  const why = found.hit ? 'the earlier build was removed at this moment' : found.why
  const { record, reuse } =
    hit ??
    (await deps.store.accept(tenant, {
      ...common,
      ...(await prepare(deps, { tenant, repository, request, wish, tree, parts, why }, signal)),
    }))
  return { record, reuse, notices: wish.notices }
}

function hashed(deps: AcceptDeps, request: BuildRequest, source: Source, signal?: AbortSignal): Promise<TreeHash> {
  const verify = deps.drivers.untrusted ? 'trusted' : (request.verify ?? 'trusted')
  return hashTree(source, { verify, ...(signal && { signal }), ...(deps.index && { index: deps.index }) })
}

function keyInputs(tenant: string, repository: string, tree: TreeHash, wish: Wish, request: BuildRequest): KeyInputs {
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

async function idempotencyOf(request: BuildRequest, parts: ReturnType<typeof keyParts>): Promise<Idempotency | undefined> {
  const { idempotencyKey: key } = request
  return key === undefined ? undefined : { key, request: await sha256(frame([...parts, ...asked(request)])) }
}

/** What makes a request another one beside its Key. */
function asked(request: BuildRequest): readonly (readonly [string, string])[] {
  const { tags = [], attributes = {}, cache = 'use', pull = false, output, driver, runMs, maxAge } = request
  return [['request', canonical({ tags, attributes, cache, pull, output, driver, runMs, maxAge })]]
}

interface Found {
  readonly hit?: FinishedRun
  /** why there is none */
  readonly why: string
}

async function lookUp(deps: AcceptDeps, tenant: string, key: Digest, request: BuildRequest): Promise<Found> {
  if (request.cache === 'refresh') return { why: 'the cache was not to be used' }
  if (request.pull) return { why: 'newer base images were asked for' }
  let why = 'no earlier build has these inputs'
  for (const earlier of await deps.store.finished(tenant, key)) {
    const refused = await deps.refuses(tenant, earlier, request)
    if (refused === undefined) return { hit: earlier, why: '' }
    why = refused
  }
  return { why }
}

type Answer = Awaited<ReturnType<Store['accept']>>

/** The Build on an earlier Run, its tags pointed to the image; undefined when the Run was removed meanwhile. */
async function answeredBy(
  deps: AcceptDeps,
  tenant: string,
  common: Omit<Accept, 'driver' | 'inputs' | 'spec'>,
  hit: FinishedRun,
): Promise<Answer | undefined> {
  await deps.pointTags(tenant, hit, common.tags)
  const driver = { name: hit.driver, why: 'an earlier run of the same inputs' }
  try {
    return await deps.store.accept(tenant, { ...common, driver, inputs: hit.inputs, spec: hit.spec, hit: hit.run })
  } catch (error) {
    if (isBuildError(error) && error.code === 'not_found') return undefined
    throw error
  }
}
