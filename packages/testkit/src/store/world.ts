import {
  isBuildError,
  type Accept,
  type BuildEvent,
  type BuildRecord,
  type Built,
  type ClaimRules,
  type Digest,
  type Lease,
  type Store,
} from '@kiln/core'
import { expect } from 'vitest'

/** A store under test. */
export interface StoreSubject {
  readonly name: string
  /** A new and empty one. It takes its time from `now`, and its leases last `lease` ms. */
  open(options: { readonly now: () => number; readonly lease: number }): Promise<OpenStore>
  /** cases it cannot pass: name and reason */
  readonly skip?: Readonly<Record<string, string>>
}

export interface OpenStore {
  readonly store: Store
  /** a further handle on the same data, as another process would have; left out where nobody else can reach it */
  readonly again?: () => Promise<Store>
  /** removes what it has left behind; every handle has been disposed */
  readonly end?: () => Promise<void>
}

export interface StoreCase {
  readonly name: string
  readonly run: (world: World) => Promise<void>
}

/** What a case works with. The clock stands still unless it is moved. */
export interface World {
  readonly store: Store
  readonly leaseMs: number
  readonly now: () => number
  readonly pass: (ms: number) => void
  /** a second handle; a store without one skips the case */
  readonly again: () => Promise<Store>
  readonly end: () => Promise<void>
}

export async function openWorld(subject: StoreSubject, skip: (why: string) => void): Promise<World> {
  let now = Date.UTC(2030, 0, 1)
  const leaseMs = 30_000
  const opened = await subject.open({ now: () => now, lease: leaseMs })
  const handles: Store[] = [opened.store]
  return {
    store: opened.store,
    leaseMs,
    now: () => now,
    pass: (ms) => void (now += ms),
    again: async () => {
      if (opened.again === undefined) skip('nobody else can reach this store')
      const handle = await opened.again!()
      handles.push(handle)
      return handle
    },
    end: async () => {
      for (const handle of handles) await handle[Symbol.asyncDispose]()
      await opened.end?.()
    },
  }
}

export const hour = 3_600_000
export const day: number = 24 * hour
export const rules: ClaimRules = { drivers: ['fake'], perTenant: 100, attempts: 3, queueMs: hour }

/** A digest of its own for every letter or word. */
export function digest(of: string): Digest {
  return `sha256:${Buffer.from(of).toString('hex').padEnd(64, '0').slice(0, 64)}`
}

export function accepting(more: Partial<Accept> = {}): Accept {
  return {
    name: 'agent',
    key: digest('key'),
    image: 'localhost/kiln/ann/agent:0123456789abcdef',
    tags: [],
    driver: { name: 'fake', why: 'the only one' },
    attributes: {},
    inputs: { tree: digest('tree'), recipe: digest('recipe'), context: digest('context'), parts: {} },
    spec: { steps: [1, 2] },
    ...more,
  }
}

export function built(of = 'image'): Built {
  return { digest: digest(of), digestKind: 'manifest', ref: `localhost/${of}`, bases: {}, builder: 'fake 1' }
}

/** A Build of tenant `ann` with a Key of its own, unless `more` has one. */
export async function accept(store: Store, more: Partial<Accept> = {}, tenant = 'ann'): Promise<BuildRecord> {
  keys += 1
  return (await store.accept(tenant, accepting({ key: digest(`key ${keys}`), ...more }))).record
}
let keys = 0

/** Takes a Run that has to be there. */
export async function claim(store: Store, more: Partial<ClaimRules> = {}): Promise<Lease> {
  return await store.queue.claim('worker', { ...rules, ...more, signal: AbortSignal.timeout(5_000) })
}

/** A worker comes by that can carry out nothing of what is here: what is overdue has been dealt with afterwards. */
export async function passBy(store: Store, more: Partial<ClaimRules> = {}): Promise<void> {
  const { id } = await accept(store, { driver: { name: 'canary', why: 'a test' } }, 'canary')
  const lease = await claim(store, { ...more, drivers: ['canary'] })
  expect(lease.tenant).toBe('canary')
  await succeed(store, lease)
  await store.remove('canary', id)
}

/** A worker looks for work, finds none and stops waiting. */
export async function claimNothing(store: Store, more: Partial<ClaimRules> = {}): Promise<void> {
  await passBy(store, more)
  const stop = new AbortController()
  const claimed = store.queue.claim('worker', { ...rules, ...more, signal: stop.signal })
  setTimeout(() => stop.abort(nothing), 20)
  const outcome = await claimed.catch((error: unknown) => error)
  expect(outcome).toBe(nothing)
}
const nothing = new Error('nothing to do')

export async function succeed(store: Store, lease: Lease, of = 'image'): Promise<void> {
  expect(await store.queue.settle(lease, { state: 'succeeded', built: built(of) })).toBe(true)
}

/** A Build that has succeeded. */
export async function finishedBuild(store: Store, more: Partial<Accept> = {}, tenant = 'ann'): Promise<BuildRecord> {
  const { id, run } = await accept(store, more, tenant)
  const lease = await claim(store)
  expect(lease.run, 'something else was in the queue').toBe(run)
  await succeed(store, lease)
  return (await store.get(tenant, id))!
}

export async function code(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no error',
    (error: unknown) => (isBuildError(error) ? error.code : `not a BuildError: ${String(error)}`),
  )
}

export function log(text: string): { readonly at: number; readonly event: { step: string; type: 'log'; stream: 'out'; text: string } } {
  return { at: 7, event: { step: '1', type: 'log', stream: 'out', text } }
}

export async function events(
  store: Store,
  id: string,
  options: { after?: number; follow?: boolean; tenant?: string } = {},
): Promise<BuildEvent[]> {
  const { after = -1, follow = false, tenant = 'ann' } = options
  return await collect(store.events(tenant, id, { after, follow, signal: soon() }))
}

/** Each event as one word with its number: `0 queued`, `2 hello`. */
export function brief(of: readonly BuildEvent[]): readonly string[] {
  return of.map((event) => `${event.seq} ${event.type === 'state' ? event.state : event.type === 'log' ? event.text : event.type}`)
}

export async function stateOf(store: Store, id: string, tenant = 'ann'): Promise<string | undefined> {
  return (await store.get(tenant, id))?.state
}

/** Longer than any wait for a wake-up that works, shorter than the waits that stand in for one that does not. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(4_000)
}

/** For what should end by itself at once, and has no signal of the test's. */
export async function within<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('too late')), 4_000)
  return await Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}

export async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of from) all.push(one)
  return all
}
