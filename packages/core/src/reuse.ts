import type { Built, Driver } from './driver/driver.ts'
import type { OpenRequest } from './request.ts'
import type { FinishedRun } from './store/store.ts'
import type { PushedImages, Spec } from './run.ts'

/** `true`, or why the earlier Run may not be used. */
export type ReuseRule = (earlier: { readonly driver: string; readonly at: number; readonly built: Built }) => true | string

const week = 7 * 24 * 3600_000

interface ReuseDeps {
  now(): number
  driver(name: string): Driver | undefined
  readonly rule: ReuseRule | undefined
  readonly registry: PushedImages
  /** where images go when the request does not say */
  readonly output: 'push' | 'load'
  /** ms for which an image that was there is not asked for again */
  readonly checkMs: number
}

/** images that were there when last asked for */
const remembered = 1_000

/** Why an earlier Run may not answer a request, or undefined: its age, the embedder's rule, its image. */
export function reuseRule(
  deps: ReuseDeps,
): (tenant: string, earlier: FinishedRun, request: Pick<OpenRequest, 'maxAge' | 'output'>) => Promise<string | undefined> {
  const rule = deps.rule ?? ((earlier) => deps.now() - earlier.at <= week || 'its base image may be older than 7 days')
  const there = new Map<string, number>()
  const isGone = async (tenant: string, earlier: FinishedRun): Promise<boolean> => {
    if (deps.checkMs > 0 && deps.now() - (there.get(earlier.run) ?? -Infinity) < deps.checkMs) return false
    const answer = await gone(deps, tenant, earlier)
    there.delete(earlier.run)
    if (!answer && deps.checkMs > 0) there.set(earlier.run, deps.now())
    if (there.size > remembered) there.delete(there.keys().next().value!)
    return answer
  }
  return async (tenant, earlier, request) => {
    if (request.maxAge !== undefined && deps.now() - earlier.at > request.maxAge) return 'the earlier build is older than asked for'
    if (outputOf(earlier) !== (request.output ?? deps.output)) return `the earlier build was for output ${outputOf(earlier)}`
    const said = rule(earlier)
    if (said !== true) return said
    return (await isGone(tenant, earlier)) ? 'the image of the earlier build is gone or another one has its name' : undefined
  }
}

/** Only a clear answer counts: a builder that does not answer now says nothing about its images. */
async function gone(deps: ReuseDeps, tenant: string, earlier: FinishedRun): Promise<boolean> {
  const pushed = outputOf(earlier) === 'push'
  const images = deps.driver(earlier.driver)?.images
  if (!pushed && images === undefined) return false
  const signal = AbortSignal.timeout(3000)
  try {
    if (pushed) return (await deps.registry.resolve(tenant, earlier.image, signal)) !== earlier.built.digest
    return (await images!.resolve(earlier.image, { signal })) !== earlier.built.digest
  } catch {
    return false
  }
}

function outputOf(earlier: FinishedRun): Spec['output'] {
  return (earlier.spec as unknown as Spec).output
}
