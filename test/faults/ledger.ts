import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal, type BuildRecord } from '@kiln/core'
import { integrity, journal, until, type Place, type Served } from './served.ts'

/** What clients of a server were told, so that it can be held against what the server says later. */
export interface Ledger {
  /** a submit: sent under its own key; `id` once a 2xx was read whole */
  readonly submits: Submit[]
  readonly known: WeakSet<Submit>
  /** statuses that were neither 2xx nor a lost connection */
  readonly refused: Map<string, number>
}

export interface Submit {
  readonly key: string
  readonly body: string
  readonly tenant: string
  id?: string
}

export function newLedger(): Ledger {
  return { submits: [], known: new WeakSet(), refused: new Map() }
}

/** A build of the native API whose record can be found by `unique`. */
export function buildBody(unique: string, source: string, labels: Readonly<Record<string, string>> = {}): string {
  const files = { Dockerfile: 'FROM scratch\nCOPY . .\n', 'a.txt': source }
  return JSON.stringify({ name: 'web', source: { files }, dockerfile: 'Dockerfile', labels, attributes: { unique } })
}

export function headersOf(tenant: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { authorization: `Bearer ${tenant}`, 'content-type': 'application/json', ...more }
}

/** Sends it once; a connection that broke is no answer. */
export async function send(url: string, ledger: Ledger, submit: Submit): Promise<void> {
  if (!ledger.known.has(submit)) ledger.submits.push(submit)
  ledger.known.add(submit)
  const init = { method: 'POST', body: submit.body, headers: headersOf(submit.tenant, { 'idempotency-key': submit.key }) }
  try {
    const answer = await fetch(`${url}/kiln/v1/builds`, { ...init, signal: AbortSignal.timeout(30_000) })
    const text = await answer.text()
    const { id, code } = JSON.parse(text) as { id?: string; code?: string }
    if (answer.ok) submit.id = id!
    else ledger.refused.set(`${answer.status} ${code}`, (ledger.refused.get(`${answer.status} ${code}`) ?? 0) + 1)
  } catch {
    // the server has gone
  }
}

/** Submits as fast as answers come, with pauses of up to `pauseMs`, until the server has gone or is told to stop. */
export async function client(
  served: Served,
  ledger: Ledger,
  next: () => Submit,
  pause: () => number,
  stop: AbortSignal = new AbortController().signal,
): Promise<void> {
  while (!served.hasEnded && !stop.aborted) {
    await send(served.url, ledger, next())
    await Promise.race([sleep(pause()), served.ended])
  }
}

export async function read(url: string, path: string, tenant: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url + path, { headers: headersOf(tenant), signal: AbortSignal.timeout(30_000) })
  return { status: answer.status, text: await answer.text() }
}

/** All builds of a tenant. */
export async function builds(url: string, tenant: string): Promise<readonly BuildRecord[]> {
  const all: BuildRecord[] = []
  for (let after: string | undefined; ;) {
    const { text } = await read(url, `/kiln/v1/builds?limit=1000${after ? `&after=${after}` : ''}`, tenant)
    const page = JSON.parse(text) as { readonly builds: readonly BuildRecord[]; readonly next?: string }
    all.push(...page.builds)
    if (page.next === undefined) return all
    after = page.next
  }
}

/** Waits until no build of the tenant is on its way. */
export async function settled(served: Served, tenant: string, ms: number): Promise<void> {
  const onTheWay = async (state: string): Promise<number> => {
    const { text } = await read(served.url, `/kiln/v1/builds?limit=1&state=${state}`, tenant)
    return (JSON.parse(text) as { readonly total: number }).total
  }
  await until('all builds end', ms, async () => (await onTheWay('queued')) + (await onTheWay('building')) === 0, 200)
}

export interface Judged {
  readonly accepted: number
  /** ids that were answered with, and of which the server knows nothing */
  readonly lost: number
  readonly open: number
  /** submits with several builds, attempts that were started twice, Runs that two attempts published */
  readonly double: number
  readonly integrity: string
  /** builds that failed, by code */
  readonly failed: Readonly<Record<string, number>>
}

/** Repeats what got no answer (its key makes that safe), waits for the ends, and holds everything against each other. */
export async function judge(at: Place, served: Served, ledger: Ledger, tenant: string, ms = 240_000): Promise<Judged> {
  const accepted = ledger.submits.filter(({ id }) => id !== undefined).map((submit) => ({ ...submit }))
  const unanswered = ledger.submits.filter(({ id }) => id === undefined)
  const again = async (): Promise<void> => {
    for (let submit = unanswered.pop(); submit; submit = unanswered.pop()) await send(served.url, ledger, submit)
  }
  await Promise.all(Array.from({ length: 20 }, again))
  await settled(served, tenant, ms)
  const all = await builds(served.url, tenant)
  const known = new Map(all.map((build) => [build.id, build]))
  const failed: Record<string, number> = {}
  for (const { error, state } of all) if (state !== 'succeeded') failed[error?.code ?? state] = (failed[error?.code ?? state] ?? 0) + 1
  return {
    accepted: accepted.length,
    lost: accepted.filter(({ id }) => !known.has(id!)).length,
    open: all.filter(({ state }) => !isFinal(state)).length,
    double: repeated(all.map(({ attributes }) => attributes['unique'] ?? '')) + doubles(at, all),
    integrity: integrity(at),
    failed,
  }
}

/** Attempts that were begun twice, Runs with a name moved by two of their attempts or to another image than the record's. */
function doubles(at: Place, all: readonly BuildRecord[]): number {
  const lines = journal(at)
  const started = lines.filter(([what]) => what === 'start').map(([, attempt]) => attempt!)
  const byRun = new Map<string, Set<string>>()
  for (const [what, attempt, , digest] of lines) {
    if (what !== 'publish') continue
    const run = attempt!.replace(/-\d+$/, '')
    byRun.set(run, (byRun.get(run) ?? new Set()).add(digest!))
  }
  const wrong = all.filter(({ run, built, reuse }) => built && reuse !== 'hit' && !byRun.get(run)?.has(built.digest))
  return repeated(started) + [...byRun.values()].filter(({ size }) => size > 1).length + wrong.length
}

function repeated(names: readonly string[]): number {
  return names.length - new Set(names).size
}
