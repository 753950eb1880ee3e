import { hash } from 'node:crypto'
import type { TreeHash } from './context/context.ts'
import { packTree } from './context/tar.ts'
import { dialects, type Dialect, type DockerfileRecipe } from './dockerfile/recipe.ts'
import { render } from './dockerfile/render.ts'
import { choose, type ProbedDrivers, type Wanted } from './driver/choose.ts'
import type { Digest } from './driver/driver.ts'
import { parseDockerfile, type DockerfileInstruction, type ParsedDockerfile } from './dockerfile/parse.ts'
import { BuildError, shown, type Json } from './failure/error.ts'
import { unpushed } from './image.ts'
import { canonical, frame } from './key/key.ts'
import type { OpenRequest } from './request.ts'
import type { Spec } from './run.ts'
import type { Blobs } from './store/blobs.ts'
import type { Accept, Inputs } from './store/records.ts'
import type { Wish } from './wish.ts'

export interface PrepareDeps {
  readonly blobs: Blobs
  readonly drivers: ProbedDrivers
  /** bytes of a packed context */
  readonly maxContext: number
  /** ms */
  readonly runMs: number
  /** ms */
  readonly silenceMs: number
  /** the registry all tenants' images are in, where there is one */
  readonly registry: string | undefined
  /** whether there is anywhere to push to */
  readonly pushes: boolean
  /** repositories below the registry that all tenants may build from; undefined: all of it */
  readonly sharedBases: readonly string[] | undefined
  /** where images go when the request does not say */
  readonly output: 'push' | 'load'
}

/** A request no earlier Run answers. */
export interface Miss {
  readonly tenant: string
  readonly repository: string
  readonly request: OpenRequest
  readonly wish: Wish
  readonly tree: Omit<TreeHash, 'xxh64'>
  /** of the Key */
  readonly parts: readonly (readonly [name: string, value: string])[]
  readonly why: string
}

/** Chooses the driver, renders for it, and makes context, plan and recipe durable: what a worker needs. */
export async function prepare(
  deps: PrepareDeps,
  miss: Miss,
  signal?: AbortSignal,
): Promise<Pick<Accept, 'driver' | 'inputs' | 'spec' | 'fresh'>> {
  const { request, wish } = miss
  const output = request.output ?? deps.output
  if (output === 'push' && !deps.pushes)
    throw new BuildError('invalid_argument', 'There is no registry to push to.', { hint: 'Configure a registry, or leave "output" out.' })
  const chosen = await choose(deps.drivers, wanted(wish, request, output), signal)
  const labels = { 'org.opencontainers.image.title': request.name, ...request.labels }
  const recipe = wish.kind === 'plan' ? render(wish.plan, chosen.dialect) : { ...wish.recipe, dialect: chosen.dialect }
  ownImagesOnly(deps, miss, recipe)
  const inputs = await keep(deps, miss, recipe, signal)
  const spec: Spec = {
    version: 1,
    driver: chosen.name,
    repository: miss.repository,
    inputs,
    platforms: request.platforms ?? [],
    args: request.args ?? {},
    labels,
    secrets: request.secrets ?? {},
    output,
    cacheScope: `${miss.tenant}/${request.name}`,
    cache: request.cache === 'refresh' ? 'refresh' : 'use',
    pull: request.pull ?? false,
    epoch: 0,
    runMs: request.runMs ?? deps.runMs,
    silenceMs: deps.silenceMs,
  }
  const fresh = request.cache === 'refresh' || request.pull === true
  return {
    driver: { name: chosen.name, why: `${chosen.why}; ${miss.why}` },
    inputs,
    spec: spec as unknown as Json,
    ...(fresh && { fresh }),
  }
}

/** A build must not read another tenant's image: in a builder that tenants share never, below our registry only what all may build from. */
function ownImagesOnly(deps: PrepareDeps, miss: Miss, recipe: DockerfileRecipe): void {
  const { registry, sharedBases } = deps
  if (registry !== undefined && sharedBases === undefined) return
  const others = `${registry ?? unpushed}/`
  const own = miss.repository.slice(0, miss.repository.lastIndexOf('/') + 1)
  const allowed = (ref: string): boolean =>
    ref.startsWith(own) || (sharedBases ?? []).some((shared) => ref.startsWith(shared) && /^$|[/:@]/.test(ref.charAt(shared.length)))
  for (const { ref, line } of imagesOf(parseDockerfile(recipe.text, miss.request.args)))
    if (`${ref}/`.startsWith(others) && !allowed(ref))
      throw new BuildError('invalid_reference', `Line ${line}: the image ${shown(ref)} is not one of this tenant's.`, {
        data: { line },
      })
}

interface Named {
  readonly ref: string
  readonly line: number
}

/** Every image that a Dockerfile starts from or copies out of; some are names of its own stages. */
function imagesOf({ stages }: ParsedDockerfile): readonly Named[] {
  return stages.flatMap(({ from, line, instructions }) => [
    ...(from.stage === undefined ? [{ ref: from.ref ?? from.text, line }] : []),
    ...instructions.flatMap(copiedFrom),
  ])
}

function copiedFrom({ flags, line, onbuild }: DockerfileInstruction): readonly Named[] {
  const refs = flags.flatMap(({ name, value = '' }) => {
    if (name === 'from') return [value]
    return name === 'mount' ? value.split(',').flatMap((part) => (part.startsWith('from=') ? [part.slice('from='.length)] : [])) : []
  })
  return [...refs.map((ref) => ({ ref, line })), ...(onbuild ? copiedFrom(onbuild) : [])]
}

function wanted(wish: Wish, request: OpenRequest, output: 'push' | 'load'): Wanted {
  const needs = [...(wish.kind === 'dockerfile' ? wish.needs : []), ...(request.secrets ? [{ need: 'secrets' }] : [])]
  return {
    output,
    platforms: request.platforms ?? [],
    needs,
    recipes: recipesOf(wish),
    ...(request.driver !== undefined && { name: request.driver }),
  }
}

/** A plan is rendered for whoever takes it; a user's Dockerfile is what it is, and a classic one is understood by all. */
function recipesOf(wish: Wish): readonly Dialect[] {
  if (wish.kind === 'plan') return dialects
  return wish.recipe.dialect === 'classic' ? dialects : [wish.recipe.dialect]
}

/** Everything a worker or a person needs later, by digest. */
async function keep(deps: PrepareDeps, miss: Miss, recipe: DockerfileRecipe, signal?: AbortSignal): Promise<Inputs> {
  const { tenant, tree, wish } = miss
  const bounds = { max: deps.maxContext, ...(signal && { signal }) }
  const put = (bytes: Uint8Array): Promise<Digest> => deps.blobs.put(tenant, bytes, bounds)
  // what may throw comes before the first upload: nothing would wait for that one's end
  const recipeBytes = new TextEncoder().encode(canonical(recipe))
  const planBytes = wish.kind === 'plan' ? new TextEncoder().encode(wish.json) : undefined
  const parts = miss.parts.map(([name, value]) => [name, hash('sha256', frame([[name, value]])).slice(0, 16)] as const)
  const packed = packTree(wish.source, { expect: tree, lend: true, ...(signal && { signal }) })
  const [context, recipeText, plan] = await sideBySide([
    deps.blobs.put(tenant, packed, bounds),
    put(recipeBytes),
    planBytes && put(planBytes),
    put(tree.listing),
  ])
  return { tree: tree.digest, context, ...(plan && { plan }), recipe: recipeText, parts: Object.fromEntries(parts) }
}

/** Each waits for the disk some times. None is still at work when one has failed: the source is then closed. */
async function sideBySide<T extends readonly unknown[]>(works: readonly [...T]): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works)
  return Promise.all(works)
}
