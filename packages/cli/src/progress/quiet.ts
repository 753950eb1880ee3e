import type { Progress } from './progress.ts'

/** Nothing but the end, which the command tells. */
export function quietProgress(): Progress {
  const nothing = (): void => {}
  return { accepted: nothing, event: nothing, moved: nothing, say: nothing, ended: nothing }
}
