import type { Driver } from './driver/driver.ts'
import { unlessAborted } from './unless-aborted.ts'
import type { PushedImages, Spec } from './run.ts'

export interface TagDeps {
  readonly registry: PushedImages
  driver(name: string): Driver | undefined
}

/** Points names to the image of `ref`, where the Run's output keeps it. The last name is the last to move. */
export async function pointTo(deps: TagDeps, tenant: string, spec: Spec, ref: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const signal = AbortSignal.timeout(60_000)
  const images = deps.driver(spec.driver)?.images
  for (const name of names) {
    const moved = spec.output === 'push' ? deps.registry.tag(tenant, ref, name, signal) : images?.tag(ref, name, { signal })
    await unlessAborted(Promise.resolve(moved), signal)
  }
}

/** Whole references of a repository's tags. */
export function named(spec: Spec, tags: readonly string[]): readonly string[] {
  return tags.map((tag) => `${spec.repository}:${tag}`)
}
