import type { Digest } from '../driver/driver.ts'

/** All inputs of a build, by design.md "Key": nothing resolved during the build, no secret value, no clock, no driver. */
export interface KeyInputs {
  readonly tenant: string
  readonly repository: string
  readonly tree: Digest
  readonly how:
    | { readonly kind: 'plan'; /** canonical JSON without evidence */ readonly plan: string }
    | { readonly kind: 'dockerfile'; readonly path: string; readonly text: string; readonly target: string }
  readonly lock?: string
  readonly args: Readonly<Record<string, string>>
  /** id: reference, never the value */
  readonly secrets: Readonly<Record<string, string>>
  readonly platforms: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly partition: string
}
