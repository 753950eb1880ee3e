import type { Digest } from '../driver/driver.ts'
import type { BuildEvent, State } from './records.ts'
import type { AnsweredRow, BuildRow, Rows, RunRow, Shared } from './rows.ts'
import { compareBytes, pageOf, passes } from './memory-list.ts'
import { countedAttempts } from './state.ts'
import type { StoredDocument } from './store.ts'

/** Rows in maps. */
export function memoryRows(): Rows {
  const tables: Tables = { builds: new Map(), runs: new Map(), events: new Map(), answered: new Map(), documents: new Map() }
  return { ...rowsOfBuilds(tables), ...rowsOfRuns(tables), ...rowsOfEvents(tables), ...rowsBeside(tables) }
}

interface Tables {
  readonly builds: Map<string, BuildRow>
  readonly runs: Map<string, RunRow>
  readonly events: Map<string, BuildEvent[]>
  readonly answered: Map<string, AnsweredRow>
  readonly documents: Map<string, Map<string, StoredDocument>>
}

type BuildRows = Pick<Rows, 'build' | 'shown' | 'buildsOf' | 'list' | 'count' | 'scan' | 'addBuild' | 'putBuild' | 'dropBuild'>
function rowsOfBuilds({ builds, runs }: Tables): BuildRows {
  let newest = 0
  const shared = (build: BuildRow): Shared => ({ build, run: runs.get(build.run)! })
  const ofTenant = (tenant: string): readonly Shared[] => [...builds.values()].filter((build) => build.tenant === tenant).map(shared)
  const find = (tenant: string, id: string): Shared | undefined => {
    const build = builds.get(id)
    return build?.tenant === tenant ? shared(build) : undefined
  }
  return {
    build: find,
    shown: find,
    buildsOf: (tenant, run) => [...builds.values()].filter((build) => build.tenant === tenant && build.run === run),
    list: (tenant, query) => pageOf(ofTenant(tenant), query),
    count: (tenant, filter) => ofTenant(tenant).filter((one) => passes(one, filter)).length,
    scan: (after, limit) =>
      [...builds.values()]
        .filter(({ order }) => order > after)
        .slice(0, limit)
        .map(shared),
    addBuild: (row) => {
      const build = { ...row, order: (newest += 1) }
      builds.set(build.id, build)
      return build
    },
    putBuild: (row) => void builds.set(row.id, row),
    dropBuild: (row) => void builds.delete(row.id),
  }
}

type RunRows = Pick<Rows, 'run' | 'runOfAnyone' | 'addRun' | 'putRun' | 'dropRun' | 'joinable' | 'finished' | 'overdue' | 'next' | 'load'>
function rowsOfRuns({ runs, events }: Tables): RunRows {
  let newest = 0
  const where = (test: (run: RunRow) => boolean): RunRow[] => [...runs.values()].filter(test)
  const ofKey = (tenant: string, key: Digest, states: readonly State[]): RunRow[] =>
    where((run) => run.tenant === tenant && run.key === key && states.includes(run.state))
  return {
    run: (tenant, id) => {
      const run = runs.get(id)
      return run?.tenant === tenant ? run : undefined
    },
    runOfAnyone: (id) => runs.get(id),
    addRun: (row) => {
      const run = { ...row, order: (newest += 1) }
      runs.set(run.id, run)
      return run
    },
    putRun: (row) => void runs.set(row.id, row),
    dropRun: (row) => {
      runs.delete(row.id)
      events.delete(row.id)
    },
    joinable: (tenant, key) => ofKey(tenant, key, ['queued', 'building']).findLast((run) => !run.cancelling),
    finished: (tenant, key, limit) =>
      ofKey(tenant, key, ['succeeded'])
        .filter(({ built }) => built !== undefined)
        .toSorted((a, b) => b.endedAt! - a.endedAt! || b.order - a.order)
        .slice(0, limit),
    overdue: ({ now, queuedBefore, attempts, limit }) =>
      where((run) => {
        if (run.state === 'building') return run.lease!.until <= now
        return run.state === 'queued' && (run.queuedAt <= queuedBefore || countedAttempts(run) >= attempts)
      }).slice(0, limit),
    next: (drivers, perTenant) => {
      const running = new Map<string, number>()
      for (const { tenant } of where((run) => run.state === 'building')) running.set(tenant, (running.get(tenant) ?? 0) + 1)
      const count = (run: RunRow): number => running.get(run.tenant) ?? 0
      return where((run) => run.state === 'queued' && drivers.includes(run.driver.name) && count(run) < perTenant).toSorted(
        (a, b) => count(a) - count(b) || a.order - b.order,
      )[0]
    },
    load: (tenant) => {
      const count = (state: State): number => where((run) => run.state === state && (tenant ?? run.tenant) === run.tenant).length
      return { queued: count('queued'), building: count('building') }
    },
  }
}

function rowsOfEvents({ events }: Tables): Pick<Rows, 'addEvents' | 'events' | 'dropEvents'> {
  return {
    addEvents: (run, more) => {
      const kept = events.get(run.id) ?? []
      kept.push(...more)
      events.set(run.id, kept)
    },
    events: (run, after, last, limit) => (events.get(run.id) ?? []).slice(after, Math.min(last, after + limit)),
    dropEvents: (run) => void events.delete(run.id),
  }
}

type OtherRows = Pick<Rows, 'answered' | 'answer' | 'dropAnswered' | 'document' | 'documents' | 'putDocument' | 'dropDocument'>
function rowsBeside({ answered, documents }: Tables): OtherRows {
  const at = (...parts: readonly string[]): string => JSON.stringify(parts)
  const ofKind = (tenant: string, kind: string): Map<string, StoredDocument> => {
    const found = documents.get(at(tenant, kind)) ?? new Map<string, StoredDocument>()
    documents.set(at(tenant, kind), found)
    return found
  }
  return {
    answered: (tenant, key) => answered.get(at(tenant, key)),
    answer: (tenant, key, row) => void answered.set(at(tenant, key), row),
    dropAnswered: (before) => {
      for (const [key, row] of answered) if (row.at < before) answered.delete(key)
    },
    document: (tenant, kind, name) => ofKind(tenant, kind).get(name),
    documents: (tenant, kind, after, limit) =>
      [...ofKind(tenant, kind).values()]
        .filter(({ name }) => after === undefined || compareBytes(name, after) > 0)
        .toSorted((a, b) => compareBytes(a.name, b.name))
        .slice(0, limit),
    putDocument: (tenant, kind, document) => void ofKind(tenant, kind).set(document.name, document),
    dropDocument: (tenant, kind, name) => void ofKind(tenant, kind).delete(name),
  }
}
