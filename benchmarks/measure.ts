import { readFileSync } from 'node:fs'

/** One way to do what is measured. */
export interface Variant {
  readonly name: string
  readonly run: () => unknown
}

/** What was measured of a variant: the median of the quieter half of the rounds. */
export interface Sample {
  readonly name: string
  readonly ms: number
  readonly min: number
  /** cores that other processes of the machine used meanwhile, median */
  readonly foreign: number
  readonly rounds: number
}

/** A claim: ours takes at most `target` times the peer's time. */
export interface Claim {
  readonly what: string
  readonly ours: Sample
  readonly peer?: Sample
  /** times the peer; or ms, where there is no peer */
  readonly target: number
}

/** Runs all variants in turn, so that a noisy minute hurts them alike; one round before does not count. */
export async function measure(variants: readonly Variant[], rounds = 11): Promise<Map<string, Sample>> {
  const found = new Map<string, Round[]>(variants.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const { name, run } of variants) {
      const one = await timed(run)
      if (round >= 0) found.get(name)!.push(one)
    }
  }
  return new Map(variants.map(({ name }) => [name, sampleOf(name, found.get(name)!)]))
}

export function samplesTable(samples: Iterable<Sample>): string {
  const rows = Array.from(samples, ({ name, ms, min, foreign, rounds }) => [
    name,
    number(ms),
    number(min),
    foreign.toFixed(2),
    String(rounds),
  ])
  return table(['variant', 'ms', 'min', 'foreign load', 'rounds'], rows)
}

/** The table of claims; false when one is not met. */
export function claimsTable(claims: readonly Claim[]): { readonly text: string; readonly met: boolean } {
  const rows = claims.map((claim) => {
    const ratio = claim.peer ? claim.ours.ms / claim.peer.ms : claim.ours.ms
    const unit = claim.peer ? 'x' : ' ms'
    const peer = claim.peer ? `${claim.peer.name} ${number(claim.peer.ms)}` : '-'
    const met = ratio <= claim.target
    return {
      met,
      cells: [claim.what, number(claim.ours.ms), peer, `${ratio.toFixed(2)}${unit}`, `${claim.target}${unit}`, met ? 'yes' : 'NO'],
    }
  })
  const text = table(
    ['what', 'ours, ms', 'peer, ms', 'ratio', 'target', 'met'],
    rows.map((row) => row.cells),
  )
  return { text, met: rows.every((row) => row.met) }
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}

interface Round {
  readonly ms: number
  readonly foreign: number
}

async function timed(run: () => unknown): Promise<Round> {
  const before = cpu()
  const start = performance.now()
  await run()
  const ms = performance.now() - start
  const after = cpu()
  const seconds = Math.max(ms / 1000, 0.001)
  return { ms, foreign: Math.max(0, (after.busy - before.busy - (after.own - before.own)) / 100 / seconds) }
}

function sampleOf(name: string, all: readonly Round[]): Sample {
  const quiet = all.toSorted((a, b) => a.foreign - b.foreign).slice(0, Math.max(5, Math.ceil(all.length / 2)))
  return {
    name,
    ms: median(quiet.map((one) => one.ms)),
    min: Math.min(...all.map((one) => one.ms)),
    foreign: median(quiet.map((one) => one.foreign)),
    rounds: all.length,
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Ticks (1/100 s) that the machine was busy, and that this process and its ended children were. Linux; zeros elsewhere. */
function cpu(): { busy: number; own: number } {
  try {
    const machine = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number)
    const self = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    const busy = machine[0]! + machine[1]! + machine[2]! + machine[5]! + machine[6]!
    return { busy, own: [11, 12, 13, 14].reduce((sum, i) => sum + Number(self[i]), 0) }
  } catch {
    return { busy: 0, own: 0 }
  }
}

function number(ms: number): string {
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(0)
}
