import { dockerfileName, type DockerfileRecipe, type Job } from '@kiln/core'
import type { EngineFacts } from './engine.ts'
import type { StepLimits } from './limits.ts'
import { labelsOf, markOf } from './marks.ts'

export interface BuildHow {
  readonly recipe: DockerfileRecipe
  readonly engine: EngineFacts
  readonly limits: StepLimits
  readonly owner: string
  readonly buildkit: boolean
  readonly ref: string
}

/** The parameters of `POST /build` for a job. */
export function buildQuery(job: Job, how: BuildHow): Readonly<Record<string, string | undefined>> {
  const { recipe, engine } = how
  const platform = job.platforms[0]
  return {
    version: how.buildkit ? '2' : '1',
    t: how.ref,
    dockerfile: recipe.path ?? dockerfileName,
    target: recipe.target,
    buildargs: JSON.stringify(job.args),
    labels: JSON.stringify({ ...job.labels, ...labelsOf(job, how.owner, how.ref) }),
    // said only where it is not the engine's own: a platform makes some engines look at the registry again
    platform: platform === engine.platform ? undefined : platform,
    nocache: job.cache === 'refresh' ? '1' : undefined,
    pull: job.pull ? '1' : undefined,
    rm: '1',
    forcerm: '1',
    networkmode: how.limits.network,
    ...(how.buildkit ? {} : classicOnly(job, how)),
  }
}

/** What BuildKit in the engine does not know, or would take for a part of its cache key. */
function classicOnly(job: Job, { limits, owner }: BuildHow): Readonly<Record<string, string>> {
  const memory = String(job.limits.memory ?? limits.memory)
  const period = 100_000
  return {
    memory,
    memswap: memory,
    cpuperiod: String(period),
    cpuquota: String(Math.round((job.limits.cpus ?? limits.cpus) * period)),
    extrahosts: `${markOf(job, owner)}:127.0.0.1`,
  }
}

/** What is laid over the source: the generated files, and the Dockerfile with a rule that keeps it out of `COPY . .`. */
export function addedFiles(recipe: DockerfileRecipe): Readonly<Record<string, string>> {
  if (recipe.path !== undefined) return recipe.added
  // the classic builder takes these two, and only these two, out of the context when the rules name them; ours were applied before
  return { '.dockerignore': `${dockerfileName}\n.dockerignore\n`, ...recipe.added, [dockerfileName]: recipe.text }
}
