import type { Lock } from '../lock/lock.ts'
import type { Plan } from '../plan/plan.ts'

/** What a builder's Dockerfile may contain: `classic` the builder of Docker Engine's plain API, `buildkit`, `kaniko`. */
export type Dialect = 'classic' | 'buildkit' | 'kaniko'
export const dialects: readonly Dialect[] = ['classic', 'buildkit', 'kaniko']

/** What a driver carries out. */
export type Recipe = DockerfileRecipe | { readonly kind: 'plan'; readonly plan: Plan; readonly lock: Lock }

export interface DockerfileRecipe {
  readonly kind: 'dockerfile'
  readonly dialect: Dialect
  readonly text: string
  /** where it lies in the context when it is a user's own; undefined for a rendered one, which travels beside the source */
  readonly path?: string
  /** generated files by path: laid over the source when packed, never in the tree digest */
  readonly added: Readonly<Record<string, string>>
  readonly target?: string
  /** what it asks of a driver beyond the dialect: `buildkit`, `secrets`, `network` */
  readonly needs: readonly string[]
}
