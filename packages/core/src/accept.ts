import { choose, type ProbedDrivers } from './driver/choose.ts'
import type { Digest } from './driver/driver.ts'
import { render } from './dockerfile/render.ts'
import { userRecipe } from './dockerfile/parse.ts'
import { dialects, type Dialect, type DockerfileRecipe } from './dockerfile/recipe.ts'
import { hashTree } from './context/hash.ts'
import { packTree } from './context/tar.ts'
import type { StatIndex } from './context/stat-index.ts'
import type { TreeHash } from './context/context.ts'
import type { Notice } from './detect/detection.ts'
import { BuildError, type Json } from './failure/error.ts'
import { imageOf } from './image.ts'
import { sha256 } from './key/digest.ts'
import { canonical, frame, keyParts, type KeyInputs } from './key/key.ts'
import { plan } from './plan/make-plan.ts'
import { parsePlan } from './plan/schema.ts'
import type { Plan } from './plan/plan.ts'
import { checkRequest, type BuildRequest } from './request.ts'
import type { Blobs } from './store/blobs.ts'
import type { Accept, BuildRecord, Inputs, Reuse } from './store/records.ts'
import type { FinishedRun, Store } from './store/store.ts'
import type { Spec } from './run.ts'

export interface AcceptDeps {
  readonly store: Store
  readonly blobs: Blobs
  readonly drivers: ProbedDrivers
  /** of an unpacked context */
  readonly maxContext: number
  readonly runMs: number
  readonly silenceMs: number
  readonly registry: boolean
  repository(tenant: string, name: string): Promise<string>
  /** why an earlier Run may not be used, or undefined */
  refuses(tenant: string, earlier: FinishedRun, request: BuildRequest): Promise<string | undefined>
  index(source: BuildRequest['source']): StatIndex | undefined
}

export interface Accepted {
  readonly record: BuildRecord
  readonly reuse: Reuse
  readonly notices: readonly Notice[]
}

/** Source -> plan or Dockerfile -> Key -> look up -> durable row -> answer. Nothing of it is kept when it throws. */
export async function accept(deps: AcceptDeps, tenant: string, request: BuildRequest, signal?: AbortSignal): Promise<Accepted> {
  checkRequest(request)
  const wish = decide(request)
  const index = deps.index(request.source)
  const tree = await hashTree(request.source, { ...(signal && { signal }), ...(index && { index }), verify: request.verify ?? 'trusted' })
  const repository = await deps.repository(tenant, request.name)
  const parts = keyParts(keyInputs(tenant, repository, tree, wish, request))
  const key = await sha256(frame(parts))
  const common = { name: request.name, key, image: imageOf(repository, key), tags: request.tags ?? [], attributes: request.attributes ?? {} }

  const earlier = await lookUp(deps, tenant, key, request)
  if (request.cache === 'only' && !earlier.hit) throw new BuildError('not_found', `No earlier build can be used: ${earlier.why}.`)
  const made = earlier.hit ? answered(earlier.hit) : await prepared(deps, { tenant, repository, request, wish, tree, parts, key, why: earlier.why }, signal)
  const idempotency = request.idempotencyKey === undefined ? {} : { idempotency: { key: request.idempotencyKey, request: await sha256(frame([...parts, ...asked(request)])) } }
  const answer = await deps.store.accept(tenant, { ...common, ...made, ...idempotency })
  return { record: answer.record, reuse: answer.reuse, notices: wish.notices }
}

/** What is to be built: a plan, or a Dockerfile of the source. */
type Wish =
  | { readonly kind: 'plan'; readonly plan: Plan; readonly json: string; readonly lock?: string; readonly notices: readonly Notice[] }
  | { readonly kind: 'dockerfile'; readonly recipe: DockerfileRecipe; readonly notices: readonly Notice[] }

function decide(request: BuildRequest): Wish {
  const { source, how = { config: {} } } = request
  if ('dockerfile' in how) return { kind: 'dockerfile', recipe: userRecipe(source, how.dockerfile, how.target === undefined ? {} : { target: how.target }), notices: [] }
  if ('plan' in how) return { kind: 'plan', ...withJson(parsePlan(how.plan)), ...(how.lock && { lock: canonical(how.lock) }), notices: [] }
  const planned = plan(source, how.config)
  if (planned.ok) return { kind: 'plan', ...withJson(planned.plan), notices: planned.notices }
  const fallsBack = planned.code === 'nothing_detected' || planned.code === 'unsupported_project'
  if (fallsBack && source.entry('Dockerfile')?.kind === 'file') {
    const notice = { code: 'dockerfile_used', message: `Built with the source's own Dockerfile: ${planned.message}`, file: 'Dockerfile' }
    return { kind: 'dockerfile', recipe: userRecipe(source, 'Dockerfile', {}), notices: [...planned.notices, notice] }
  }
  const { code, message, hint, candidates, file, line } = planned
  throw new BuildError(code, message, { hint, data: { candidates: candidates as unknown as Json, file, line } })
}

function withJson(made: Plan): { readonly plan: Plan; readonly json: string } {
  return { plan: made, json: canonical(made) }
}

function keyInputs(tenant: string, repository: string, tree: TreeHash, wish: Wish, request: BuildRequest): KeyInputs {
  const how =
    wish.kind === 'plan'
      ? { kind: 'plan' as const, plan: wish.json }
      : { kind: 'dockerfile' as const, path: wish.recipe.path ?? '', text: wish.recipe.text, target: wish.recipe.target ?? '' }
  return {
    tenant,
    repository,
    tree: tree.digest,
    how,
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
  const rest = { tags: request.tags ?? [], attributes: request.attributes ?? {}, cache: request.cache ?? 'use', pull: request.pull ?? false }
  return [['request', canonical(rest)]]
}

async function lookUp(deps: AcceptDeps, tenant: string, key: Digest, request: BuildRequest): Promise<{ hit?: FinishedRun; why: string }> {
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

type Made = Pick<Accept, 'driver' | 'inputs' | 'spec' | 'hit' | 'fresh'>

function answered(hit: FinishedRun): Made {
  return { driver: { name: hit.driver, why: 'an earlier run of the same inputs' }, inputs: hit.inputs, spec: null, hit: hit.run }
}

interface Miss {
  readonly tenant: string
  readonly repository: string
  readonly request: BuildRequest
  readonly wish: Wish
  readonly tree: TreeHash
  readonly parts: readonly (readonly [string, string])[]
  readonly key: Digest
  readonly why: string
}

/** Chooses the driver, renders for it, and makes context, plan and recipe durable. */
async function prepared(deps: AcceptDeps, miss: Miss, signal?: AbortSignal): Promise<Made> {
  const { request, wish, tenant, tree } = miss
  const output = request.output ?? (deps.registry ? 'push' : 'load')
  const needs = wish.kind === 'dockerfile' ? wish.recipe.needs : []
  const wanted = { output, platforms: request.platforms ?? [], needs: [...needs, ...(request.secrets ? ['secrets'] : [])], recipes: recipesOf(wish), ...(request.driver !== undefined && { name: request.driver }) }
  const chosen = await choose(deps.drivers, wanted, signal)
  const recipe = wish.kind === 'plan' ? render(wish.plan, chosen.dialect, { labels: labelsOf(request) }) : { ...wish.recipe, dialect: chosen.dialect }
  const inputs = await keep(deps, miss, recipe, signal)
  const spec: Spec = {
    version: 1,
    driver: chosen.name,
    repository: miss.repository,
    inputs,
    platforms: request.platforms ?? [],
    args: request.args ?? {},
    labels: { ...labelsOf(request), ...request.labels },
    secrets: request.secrets ?? {},
    output,
    cacheScope: `${tenant}/${request.name}`,
    cache: request.cache === 'refresh' ? 'refresh' : 'use',
    pull: request.pull ?? false,
    epoch: 0,
    runMs: request.runMs ?? deps.runMs,
    silenceMs: deps.silenceMs,
  }
  const fresh = request.cache === 'refresh' || request.pull === true
  return { driver: { name: chosen.name, why: `${chosen.why}; ${miss.why}` }, inputs: { ...inputs, tree: tree.digest }, spec: spec as unknown as Json, ...(fresh && { fresh }) }
}

function recipesOf(wish: Wish): readonly Dialect[] {
  if (wish.kind === 'plan') return ['buildkit', 'kaniko', 'classic']
  return wish.recipe.dialect === 'classic' ? dialects : [wish.recipe.dialect]
}

function labelsOf(request: BuildRequest): Record<string, string> {
  return { 'org.opencontainers.image.title': request.name }
}

/** Everything a worker or a person needs later, by digest. */
async function keep(deps: AcceptDeps, miss: Miss, recipe: DockerfileRecipe, signal?: AbortSignal): Promise<Inputs> {
  const { tenant, tree, wish, request } = miss
  const put = (bytes: Uint8Array): Promise<Digest> => deps.blobs.put(tenant, bytes, { max: bytes.length, ...(signal && { signal }) })
  const text = (value: string): Promise<Digest> => put(new TextEncoder().encode(value))
  const context = await deps.blobs.put(tenant, packTree(request.source, { expect: tree, ...(signal && { signal }) }), { max: deps.maxContext, ...(signal && { signal }) })
  await put(tree.listing)
  const parts = Object.fromEntries(await Promise.all(miss.parts.map(async ([name, value]) => [name, (await sha256(frame([[name, value]]))).slice(7, 23)] as const)))
  return { tree: tree.digest, context, ...(wish.kind === 'plan' && { plan: await text(wish.json) }), recipe: await text(canonical(recipe)), parts }
}
