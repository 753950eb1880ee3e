import type { Json } from '../failure/error.ts'
import type { Platform } from '../driver/driver.ts'

/** A Plan's wishes resolved to exact artefacts per platform. Resolvers come with the drivers that need one; a Dockerfile driver needs none. */
export interface Lock {
  readonly version: 1
  readonly plan: `sha256:${string}`
  readonly platforms: Readonly<Record<Platform, { readonly base: Json; readonly artefacts: readonly Json[] }>>
}
