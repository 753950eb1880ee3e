import { hashTree } from './context/hash.ts'
import type { StatIndex } from './source/index-file.ts'
import type { TreeHash } from './context/context.ts'
import type { Notice } from './detect/detection.ts'
import type { Digest } from './driver/driver.ts'
import { BuildError } from './failure/error.ts'
import { imageOf } from './image.ts'
import { sha256 } from './key/digest.ts'
import { canonical, frame, keyParts, type KeyInputs } from './key/key.ts'
import type { RememberingPlanner } from './planner.ts'
import { prepare, type PrepareDeps } from './prepare.ts'
import { checkRequest, type BuildRequest } from './request.ts'
import type { Source } from './source/source.ts'
import type { Accept, BuildRecord, Reuse } from './store/records.ts'
import type { FinishedRun, Store } from './store/store.ts'
import { decide, type Wish } from './wish.ts'

export interface AcceptDeps extends PrepareDeps {
  readonly plan: RememberingPlanner
  readonly store: Store
  /** of directories; keeps unchanged files from being read again */
  readonly index: StatIndex | undefined
  repository(tenant: string, name: string): Promise<string>
  /** why an earlier Run may not be used, or undefined */
  refuses(tenant: string, earlier: FinishedRun, request: BuildRequest): Promise<string | undefined>
}

export interface Accepted {
  readonly record: BuildRecord
  readonly reuse: Reuse
  readonly notices: readonly Notice[]
}

/** Source -> plan or Dockerfile -> Key -> look up -> durable row -> answer. No Build exists when it throws. */
export async function accept(deps: AcceptDeps, tenant: string, request: BuildRequest, signal?: AbortSignal): Promise<Accepted> {
  checkRequest(request)
  const tree = await hashed(deps, request, request.source, signal)
  const wish = await decide(deps.plan, request, tree.digest, signal)
  try {
    return await accepted(
      deps,
      tenant,
      request,
      { wish, tree: wish.reopened ? await hashed(deps, request, wish.reopened, signal) : tree },
      signal,
    )
  } finally {
    await wish.reopened?.[Symbol.asyncDispose]()
  }
}

/** Wish and tree are of the same files: where the source was opened once more, of what that opening has. */
interface Decided {
  readonly wish: Wish
  readonly tree: TreeHash
}

async function accepted(
  deps: AcceptDeps,
  tenant: string,
  request: BuildRequest,
  { wish, tree }: Decided,
  signal?: AbortSignal,
): Promise<Accepted> {
  const repository = await deps.repository(tenant, request.name)
  const parts = keyParts(keyInputs(tenant, repository, tree, wish, request))
  const key = await sha256(frame(parts))

  const { hit, why } = await lookUp(deps, tenant, key, request)
  const made = hit ? answered(hit) : await prepare(deps, { tenant, repository, request, wish, tree, parts, why }, signal)
  const answer = await deps.store.accept(tenant, {
    name: request.name,
    key,
    image: imageOf(repository, key),
    tags: request.tags ?? [],
    attributes: request.attributes ?? {},
    ...made,
    ...(request.idempotencyKey !== undefined && {
      idempotency: { key: request.idempotencyKey, request: await sha256(frame([...parts, ...asked(request)])) },
    }),
  })
  return { record: answer.record, reuse: answer.reuse, notices: wish.notices }
}

function hashed(deps: AcceptDeps, request: BuildRequest, source: Source, signal?: AbortSignal): Promise<TreeHash> {
  return hashTree(source, { verify: request.verify ?? 'trusted', ...(signal && { signal }), ...(deps.index && { index: deps.index }) })
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
    ...(wish.kind === 'plan' && wish.lock !== undefined && { lock: wish.lock }),
    args: request.args ?? {},
    secrets: request.secrets ?? {},
    platforms: request.platforms ?? [],
    labels: request.labels ?? {},
    partition: request.partition ?? '',
  }
}

/** What makes a request another one beside its Key. */
function asked(request: BuildRequest): readonly (readonly [string, string])[] {
  const rest = {
    tags: request.tags ?? [],
    attributes: request.attributes ?? {},
    cache: request.cache ?? 'use',
    pull: request.pull ?? false,
  }
  return [['request', canonical(rest)]]
}

/** An earlier Run that may answer, or why there is none. */
async function lookUp(
  deps: AcceptDeps,
  tenant: string,
  key: Digest,
  request: BuildRequest,
): Promise<{ readonly hit?: FinishedRun; readonly why: string }> {
  if (request.cache === 'refresh') return { why: 'the cache was not to be used' }
  if (request.pull) return { why: 'newer base images were asked for' }
  let why = 'no earlier build has these inputs'
  for (const earlier of await deps.store.finished(tenant, key)) {
    const refused = await deps.refuses(tenant, earlier, request)
    if (refused === undefined) return { hit: earlier, why: '' }
    why = refused
  }
  if (request.cache === 'only') throw new BuildError('not_found', `No earlier build can be used: ${why}.`)
  return { why }
}

function answered(hit: FinishedRun): Pick<Accept, 'driver' | 'inputs' | 'spec' | 'hit'> {
  return { driver: { name: hit.driver, why: 'an earlier run of the same inputs' }, inputs: hit.inputs, spec: hit.spec, hit: hit.run }
}
