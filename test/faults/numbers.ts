/** How much of each fault: `npm test` takes the small numbers, `npm run test:faults` the full ones. */
export function amount(small: number, full: number): number {
  return process.env['KILN_FAULTS'] === 'full' ? full : small
}

/** Each fault test prints its figure in one line, `R1: 20 kills, ...`, which scripts/test.mjs hands on. */
export function figure(text: string): void {
  process.stdout.write(`${text}\n`)
}

export interface Random {
  /** from 0 to below `below` */
  (below: number): number
  readonly seed: number
}

/** mulberry32; the seed is told in the figure, and can be given in KILN_FAULTS_SEED */
export function random(): Random {
  const seed = Number(process.env['KILN_FAULTS_SEED'] ?? Date.now() % 1e9)
  let state = seed
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below
  }
  return Object.assign(next, { seed })
}

/** The smallest value that `share` of them do not pass. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0)
}
