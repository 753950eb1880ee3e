import type { ErrorCode, FailureClass } from '@kiln/core'

/** What the exit codes of `kiln` mean; docs/cli.md shows the same table. */
export const exitCodes: readonly { readonly code: number; readonly means: string }[] = [
  { code: 0, means: 'it worked' },
  { code: 1, means: 'the build failed' },
  { code: 2, means: 'wrong usage or configuration' },
  { code: 3, means: 'the source is refused or cannot be planned' },
  { code: 4, means: 'no builder: not there, unsuitable, or it broke' },
  { code: 5, means: 'a registry refused or did not answer' },
  { code: 6, means: 'a time limit was reached' },
  { code: 7, means: "Kiln's own store failed, or a defect of Kiln" },
  { code: 130, means: 'cancelled' },
]

const byClass: Readonly<Record<FailureClass, number>> = {
  build: 1,
  request: 2,
  source: 3,
  driver: 4,
  registry: 5,
  time: 6,
  store: 7,
  internal: 7,
}

export function exitCodeOf(failure: { readonly code: ErrorCode }, classOf: (code: ErrorCode) => FailureClass): number {
  return failure.code === 'cancelled' ? 130 : byClass[classOf(failure.code)]
}
