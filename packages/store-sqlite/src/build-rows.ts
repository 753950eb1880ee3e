import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isFinal, type BuildRow, type Rows, type Shared } from '@kiln/core'
import { buildList } from './build-list.ts'
import type { Editions } from './editions.ts'
import { runColumns, runReader, type RunColumns } from './run-rows.ts'

const buildColumns = 'b.ord, b.id, b.tenant, b.run, b.name, b.accepted_at, b.fixed, b.off'

interface BuildColumns {
  readonly ord: number
  readonly id: string
  readonly tenant: string
  readonly run: string
  readonly name: string
  readonly accepted_at: number
  readonly fixed: string
  readonly off: string | null
}

/** What of a Build never changes and is never searched. */
type Fixed = Pick<BuildRow, 'key' | 'image' | 'tags' | 'attributes' | 'reuse'> & {
  /** those of a hit are its Run's */
  readonly inputs?: BuildRow['inputs']
}

type BuildRows = Pick<Rows, 'build' | 'shown' | 'buildsOf' | 'list' | 'count' | 'scan' | 'addBuild' | 'putBuild' | 'dropBuild'>

export function buildRows(db: DatabaseSync, editions: Editions): { readonly rows: BuildRows; readonly recall: FinalRows['recall'] } {
  const finals = finalRows(db, editions)
  return { rows: { ...buildReads(db, editions, finals), ...buildWrites(db, editions, finals) }, recall: finals.recall }
}

function sharedReader(db: DatabaseSync): {
  readonly select: (rest: string) => StatementSync
  readonly toShared: (row: BuildColumns & RunColumns) => Shared
} {
  const toRun = runReader(db)
  return {
    select: (rest) => db.prepare(`select ${buildColumns}, ${runColumns} from builds b join runs r on r.id = b.run ${rest}`),
    toShared: (row) => ({ build: toBuild(row), run: toRun(row) }),
  }
}

function buildReads(db: DatabaseSync, editions: Editions, { at }: FinalRows): Omit<BuildRows, 'addBuild' | 'putBuild' | 'dropBuild'> {
  const { select, toShared } = sharedReader(db)
  const many = (statement: StatementSync, values: readonly (string | number)[]): readonly Shared[] =>
    (statement.all(...values) as unknown as readonly (BuildColumns & RunColumns)[]).map(toShared)

  const one = select('where b.id = ? and b.tenant = ?')
  const orderOf = db.prepare('select ord from builds where id = ? and tenant = ?')
  const ofRun = db.prepare(
    `select ${buildColumns}, r.inputs r_inputs from builds b join runs r on r.id = b.run where b.run = ? and b.tenant = ? order by b.ord`,
  )
  const above = select('where b.ord > ? order by b.ord limit ?')
  const lists = buildList(db, editions)
  return {
    build: (tenant, id) => many(one, [id, tenant])[0],
    shown: (tenant, id) => {
      const found = orderOf.get(id, tenant) as { readonly ord: number } | undefined
      return found && at(found.ord)
    },
    buildsOf: (tenant, run) => (ofRun.all(run, tenant) as unknown as readonly (BuildColumns & Pick<RunColumns, 'r_inputs'>)[]).map(toBuild),
    scan: (after, limit) => many(above, [after, limit]),
    list: (tenant, query) => lists.page(tenant, query).map(at),
    count: (tenant, filter) => lists.count(tenant, filter),
  }
}

/** final Builds that are kept in memory, each about 3 KiB */
const keptFinal = 2_000

interface FinalRows {
  /** by `ord`, which is never used again and was just found in the same transaction */
  readonly at: (ord: number) => Shared
  /** outside of a transaction: a final Build that was read before, and that nobody can have removed since */
  readonly recall: (tenant: string, id: string) => Shared | undefined
  readonly forget: (ord: number, id: string) => void
}

/** What a record shows of a final Build does not change any more, whoever writes to the file: it is read once. */
function finalRows(db: DatabaseSync, editions: Editions): FinalRows {
  const { select, toShared } = sharedReader(db)
  const one = select('where b.ord = ?')
  const kept = new Map<number, Shared>()
  // those of them that were there when other connections had written last
  const there = new Map<string, Shared>()
  let others: unknown
  editions.whenUndone(() => {
    kept.clear()
    there.clear()
  })
  const read = (ord: number): Shared => toShared(one.get(ord) as unknown as BuildColumns & RunColumns)
  return {
    at(ord) {
      const shared = kept.get(ord) ?? read(ord)
      if (shared.build.off === undefined && !isFinal(shared.run.state)) return shared
      remember(kept, ord, shared)
      remember(there, shared.build.id, shared)
      return shared
    },
    recall(tenant, id) {
      const now = editions.others(0)
      if (now !== others) there.clear()
      others = now
      const known = there.get(id)
      return known?.build.tenant === tenant ? known : undefined
    },
    forget(ord, id) {
      kept.delete(ord)
      there.delete(id)
    },
  }
}

function remember<K>(map: Map<K, Shared>, key: K, shared: Shared): void {
  map.set(key, shared)
  if (map.size > keptFinal) map.delete(map.keys().next().value!)
}

function buildWrites(db: DatabaseSync, editions: Editions, { forget }: FinalRows): Pick<BuildRows, 'addBuild' | 'putBuild' | 'dropBuild'> {
  const insert = db.prepare(`insert into builds (id, tenant, run, name, state, accepted_at, fixed)
    values (?, ?, ?, ?, ?, ?, ?)`)
  const stateOf = db.prepare('select state from runs where id = ?')
  const addAttribute = db.prepare('insert into attributes (tenant, name, value, ord) values (?, ?, ?, ?)')
  const takeOff = db.prepare(`update builds set off = ?, state = 'cancelled' where ord = ?`)
  const drop = db.prepare('delete from builds where ord = ?')
  const dropAttribute = db.prepare('delete from attributes where tenant = ? and name = ? and value = ? and ord = ?')
  return {
    addBuild: (row) => {
      editions.change()
      const { key, image, tags, attributes, inputs, reuse } = row
      const state = reuse === 'hit' ? 'succeeded' : (stateOf.get(row.run) as { readonly state: string }).state
      const fixed: Fixed = { key, image, tags, attributes, reuse, ...(reuse !== 'hit' && { inputs }) }
      const { lastInsertRowid } = insert.run(row.id, row.tenant, row.run, row.name, state, row.acceptedAt, JSON.stringify(fixed))
      for (const [name, value] of Object.entries(attributes)) addAttribute.run(row.tenant, name, value, lastInsertRowid)
      return { ...row, order: Number(lastInsertRowid) }
    },
    putBuild: (row) => {
      editions.change()
      if (row.off !== undefined) takeOff.run(JSON.stringify(row.off), row.order)
    },
    dropBuild: ({ id, tenant, attributes, order }) => {
      editions.change()
      forget(order, id)
      for (const [name, value] of Object.entries(attributes)) dropAttribute.run(tenant, name, value, order)
      drop.run(order)
    },
  }
}

function toBuild({ ord, id, tenant, run, name, accepted_at, fixed, off, r_inputs }: BuildColumns & Pick<RunColumns, 'r_inputs'>): BuildRow {
  const parsed = JSON.parse(fixed) as Fixed
  const inputs = parsed.inputs ?? (JSON.parse(r_inputs) as BuildRow['inputs'])
  const own = { order: ord, id, tenant, run, name, acceptedAt: accepted_at, ...parsed, inputs }
  return off === null ? own : { ...own, off: JSON.parse(off) as NonNullable<BuildRow['off']> }
}
