import type { Notice } from './detect/detection.ts'
import type { Digest } from './driver/driver.ts'
import type { Need } from './dockerfile/needs.ts'
import type { DockerfileRecipe } from './dockerfile/recipe.ts'
import { userRecipe } from './dockerfile/user.ts'
import { BuildError, type Json } from './failure/error.ts'
import { canonical } from './key/key.ts'
import { parsePlan } from './plan/plan-schema.ts'
import type { Plan, Planned } from './plan/plan.ts'
import type { RememberingPlanner } from './planner.ts'
import type { OpenRequest } from './request.ts'
import { directory } from './source/directory.ts'
import { partOf } from './source/part.ts'
import type { Source } from './source/source.ts'

/** What is to be built of which files: a plan, or a Dockerfile of the source. */
export type Wish = {
  readonly source: Source
  /** the whole that `source` is a part of, where a plan's build does not see all of it */
  readonly whole?: Source
  /** the source once more, opened by us and to be disposed by us */
  readonly reopened?: Source
  readonly notices: readonly Notice[]
} & (
  | { readonly kind: 'plan'; readonly plan: Plan; /** canonical */ readonly json: string }
  | { readonly kind: 'dockerfile'; readonly recipe: DockerfileRecipe; readonly needs: readonly Need[] }
)

/** Decides between plan and Dockerfile. Throws the answer of a planning that failed when there is no Dockerfile either. */
export async function decide(plan: RememberingPlanner, request: OpenRequest, tree: Digest, signal?: AbortSignal): Promise<Wish> {
  const { source, how = { config: {} } } = request
  if ('dockerfile' in how) return dockerfileWish({ source, notices: [] }, how.dockerfile, request, how.target)
  if ('plan' in how && how.lock) throw new BuildError('needs_unmet', 'No driver of this version carries out a lock.')
  if ('plan' in how) return planWish(source, parsePlan(how.plan), [])
  const planned = await plan(source, how.config, tree, signal)
  if (planned.ok) return planWish(source, planned.plan, planned.notices)
  if (!fallsBack(planned) || !has(source, 'Dockerfile')) throw refusal(planned)
  const message = `Built with the source's own Dockerfile, since nothing could be planned: ${planned.message}`
  // that there is a Dockerfile need not be said where it is used
  const others = planned.notices.filter(({ code }) => code !== 'dockerfile_instead')
  const notices = [...others, { code: 'dockerfile_used', message, file: 'Dockerfile' }]
  return dockerfileWish({ ...(await asGiven(source, signal)), notices }, 'Dockerfile', request)
}

/** What a plan leaves out is no part of what is built: neither of the Key nor of the context. */
function planWish(source: Source, plan: Plan, notices: readonly Notice[]): Wish {
  const seen = plan.context === null ? { source } : { source: partOf(source, plan.context), whole: source }
  return { kind: 'plan', ...seen, plan, json: canonical(plan), notices }
}

function fallsBack(planned: Extract<Planned, { ok: false }>): boolean {
  return planned.code === 'nothing_detected' || planned.code === 'unsupported_project'
}

function dockerfileWish(of: Pick<Wish, 'source' | 'reopened' | 'notices'>, path: string, { args }: OpenRequest, target?: string): Wish {
  const { recipe, needs } = userRecipe(of.source, path, { ...(target !== undefined && { target }), ...(args && { args }) })
  return { kind: 'dockerfile', ...of, recipe, needs }
}

/** A Dockerfile of the user's own gets the files it would get from Docker: the deny list of planned builds is not for it. */
async function asGiven(source: Source, signal?: AbortSignal): Promise<Pick<Wish, 'source' | 'reopened'>> {
  if (source.access.kind !== 'directory' || source.ignored.denied.length === 0) return { source }
  const reopened = await directory(source.access.root, { ignore: 'as-given', dockerfile: 'Dockerfile', ...(signal && { signal }) })
  return { source: reopened, reopened }
}

function has(source: Source, path: string): boolean {
  return source.entry(path)?.kind === 'file' || (source.aside?.has(path) ?? false)
}

function refusal({ code, message, hint, candidates, file, line }: Extract<Planned, { ok: false }>): BuildError {
  return new BuildError(code, message, { hint, data: { candidates: candidates as unknown as Json, file, line } })
}
