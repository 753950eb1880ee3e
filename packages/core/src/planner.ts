import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Digest } from './driver/driver.ts'
import { BuildError, isBuildError } from './failure/error.ts'
import { findings, type Findings } from './findings/findings.ts'
import { sha256 } from './key/digest.ts'
import { canonical } from './key/key.ts'
import type { Config } from './plan/config.ts'
import { plan as makePlan } from './plan/make-plan.ts'
import type { Planned } from './plan/plan.ts'
import { toDistant } from './source/distant.ts'
import type { Source } from './source/source.ts'
import { unlessAborted } from './unless-aborted.ts'
import { ownLane, type Lane, type TaskInput, type TaskName, type TaskResult } from './threads/threads.ts'

export type Planner = (source: Source, config: Config, signal?: AbortSignal) => Promise<Planned>
export type Finder = (source: Source, signal?: AbortSignal) => Promise<Findings>
/** `tree` is the digest of the source: what has it, the same Config and the same files aside has the same plan */
export type RememberingPlanner = (source: Source, config: Config, tree: Digest, signal?: AbortSignal) => Promise<Remembered>

/** An answer without its evidence, which is most of it, and which no build needs. */
export type Remembered = Omit<Extract<Planned, { ok: true }>, 'evidence'> | Extract<Planned, { ok: false }>

const most = { plans: 100, bytes: 32 * 2 ** 20 }

/** Planning is pure, so an engine plans the same tree once: what makes a hit cheap. The last ones are kept, within both bounds. */
export function remembering(plan: Planner, bounds: { readonly plans: number; readonly bytes: number } = most): RememberingPlanner {
  const known = new Map<string, { readonly planned: Remembered; readonly bytes: number }>()
  let bytes = 0
  const forget = (key: string): void => {
    bytes -= known.get(key)?.bytes ?? 0
    known.delete(key)
  }
  return async (source, config, tree, signal) => {
    const aside = source.aside?.size ? await asideParts(source) : []
    // a text of its own: a hash would cost a turn of the thread pool at every build
    const key = JSON.stringify([tree, canonical(config), aside])
    const found = known.get(key) ?? weighed(key, await plan(source, config, signal))
    forget(key)
    if (found.bytes > bounds.bytes) return found.planned
    known.set(key, found)
    bytes += found.bytes
    while (known.size > bounds.plans || bytes > bounds.bytes) forget(known.keys().next().value!)
    return found.planned
  }
}

/** The configuration may be as large as a plan, and is in the key. */
function weighed(key: string, planned: Planned): { readonly planned: Remembered; readonly bytes: number } {
  const kept: Remembered = planned.ok ? { ok: true, plan: planned.plan, notices: planned.notices } : planned
  return { planned: kept, bytes: 2 * (key.length + JSON.stringify(kept).length) }
}

async function asideParts(source: Source): Promise<readonly (readonly [string, string])[]> {
  return Promise.all([...(source.aside ?? [])].map(async ([path, bytes]) => [`aside ${path}`, await sha256(bytes)] as const))
}

/** For sources one trusts: at once, on the caller's thread. */
export const planHere: Planner = async (source, config) => makePlan(source, config)
export const findHere: Finder = async (source) => findings(source)

/** of the threads for planning: one hostile source does not keep all others waiting for its budget */
const lanes = 2

/**
 * For sources of strangers: on a thread of its own with `budgetMs`, after which the thread is ended, since a signal
 * cannot stop a parser. Throws `plan_timeout` for what took too long. Two sources at a time, on threads that are begun before
 * they come.
 */
export function planApart(budgetMs: number): { readonly plan: Planner; readonly find: Finder; close(): void } {
  const turns = new PQueue({ concurrency: lanes })
  const busy = new Set<Lane>()
  const idle: Lane[] = []
  let closed = false
  // one after the other: the first is there sooner
  const begin = (): void => {
    if (closed || busy.size + idle.length >= lanes) return
    const { lane, ready } = begun()
    idle.unshift(lane)
    void ready.finally(begin)
  }
  begin()
  const once = async <K extends TaskName>(task: K, input: TaskInput<K>, signal: AbortSignal | undefined): Promise<Said<TaskResult<K>>> => {
    signal?.throwIfAborted()
    if (closed) throw new BuildError('closed', 'The engine was disposed.')
    const lane = idle.pop() ?? begun().lane
    busy.add(lane)
    const over = new AbortController()
    const stops = AbortSignal.any([over.signal, ...(signal ? [signal] : [])])
    try {
      const said = await Promise.race([saidBy(lane.run(task, input)), tooLong(budgetMs, stops)])
      idle.push(lane)
      return said
    } catch (error) {
      lane.kill()
      signal?.throwIfAborted()
      throw error
    } finally {
      busy.delete(lane)
      over.abort()
      begin()
    }
  }
  const inTurn = async <T>(work: () => Promise<Said<T>>, signal: AbortSignal | undefined): Promise<T> => {
    const said = await unlessAborted(turns.add(work), signal)
    if (said.ok) return said.value
    throw said.error
  }
  return {
    plan: (source, config, signal) => inTurn(() => once('plan', { source: toDistant(source), config }, signal), signal),
    find: (source, signal) => inTurn(() => once('findings', { source: toDistant(source) }, signal), signal),
    close() {
      closed = true
      for (const lane of [...busy, ...idle]) lane.kill()
    },
  }
}

type Said<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: BuildError }

/** What a thread says of a source, that it cannot be read, too: the thread is good for the next one. Throws what is wrong with the thread. */
async function saidBy<T>(work: Promise<T>): Promise<Said<T>> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    if (isBuildError(error) && error.code !== 'internal') return { ok: false, error }
    throw error
  }
}

/** A thread that will have the planner loaded; `ready` never rejects: a thread that fails at it fails its first source too. */
function begun(): { readonly lane: Lane; readonly ready: Promise<void> } {
  const lane = ownLane()
  return { lane, ready: lane.run('readyToPlan', undefined).catch(() => undefined) }
}

async function tooLong(ms: number, signal: AbortSignal): Promise<never> {
  await sleep(ms, undefined, { signal, ref: false })
  throw new BuildError('plan_timeout', `Planning took longer than ${ms} ms.`)
}
