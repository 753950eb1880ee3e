import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BuildRow, Rows, Shared } from '@kiln/core'
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
type Fixed = Pick<BuildRow, 'key' | 'image' | 'tags' | 'attributes' | 'inputs' | 'reuse'>

type BuildRows = Pick<Rows, 'build' | 'buildsOf' | 'list' | 'scan' | 'addBuild' | 'putBuild' | 'dropBuild'>

export function buildRows(db: DatabaseSync): BuildRows {
  return { ...buildReads(db), ...buildWrites(db) }
}

function buildReads(db: DatabaseSync): Pick<BuildRows, 'build' | 'buildsOf' | 'list' | 'scan'> {
  const toRun = runReader(db)
  const toShared = (row: BuildColumns & RunColumns): Shared => ({ build: toBuild(row), run: toRun(row) })
  const select = (rest: string): StatementSync =>
    db.prepare(`select ${buildColumns}, ${runColumns} from builds b join runs r on r.id = b.run ${rest}`)
  const many = (statement: StatementSync, values: readonly (string | number)[]): readonly Shared[] =>
    (statement.all(...values) as unknown as readonly (BuildColumns & RunColumns)[]).map(toShared)

  const one = select('where b.id = ? and b.tenant = ?')
  const ofRun = db.prepare(`select ${buildColumns} from builds b where b.run = ? and b.tenant = ? order by b.ord`)
  const above = select('where b.ord > ? order by b.ord limit ?')
  const lists = new Map<string, StatementSync>()
  return {
    build: (tenant, id) => many(one, [id, tenant])[0],
    buildsOf: (tenant, run) => (ofRun.all(run, tenant) as unknown as readonly BuildColumns[]).map(toBuild),
    scan: (after, limit) => many(above, [after, limit]),
    list: (tenant, query) => {
      const { text, values, turned } = listQuery(tenant, query)
      const statement = lists.get(text) ?? select(text)
      lists.set(text, statement)
      const found = many(statement, values)
      return turned ? found.toReversed() : found
    },
  }
}

function listQuery(
  tenant: string,
  { name, state, older, newer, limit }: Parameters<Rows['list']>[1],
): { readonly text: string; readonly values: readonly (string | number)[]; readonly turned: boolean } {
  const conditions: readonly (readonly [string, string | number | undefined])[] = [
    ['b.tenant = ?', tenant],
    ['b.name = ?', name],
    ['b.state = ?', state],
    ['b.ord < ?', older],
    ['b.ord > ?', newer],
  ]
  const asked = conditions.filter((pair): pair is readonly [string, string | number] => pair[1] !== undefined)
  const turned = older === undefined && newer !== undefined
  const text = `where ${asked.map(([condition]) => condition).join(' and ')} order by b.ord ${turned ? '' : 'desc'} limit ?`
  return { text, values: [...asked.map(([, value]) => value), limit], turned }
}

function buildWrites(db: DatabaseSync): Pick<BuildRows, 'addBuild' | 'putBuild' | 'dropBuild'> {
  const insert = db.prepare(`insert into builds (id, tenant, run, name, state, accepted_at, fixed)
    values (?, ?, ?, ?, (select state from runs where id = ?), ?, ?)`)
  const takeOff = db.prepare(`update builds set off = ?, state = 'cancelled' where ord = ?`)
  const drop = db.prepare('delete from builds where ord = ?')
  return {
    addBuild: (row) => {
      const { key, image, tags, attributes, inputs, reuse } = row
      const fixed: Fixed = { key, image, tags, attributes, inputs, reuse }
      const { lastInsertRowid } = insert.run(row.id, row.tenant, row.run, row.name, row.run, row.acceptedAt, JSON.stringify(fixed))
      return { ...row, order: Number(lastInsertRowid) }
    },
    putBuild: (row) => {
      if (row.off !== undefined) takeOff.run(JSON.stringify(row.off), row.order)
    },
    dropBuild: ({ order }) => void drop.run(order),
  }
}

function toBuild({ ord, id, tenant, run, name, accepted_at, fixed, off }: BuildColumns): BuildRow {
  const own = { order: ord, id, tenant, run, name, acceptedAt: accepted_at, ...(JSON.parse(fixed) as Fixed) }
  return off === null ? own : { ...own, off: JSON.parse(off) as NonNullable<BuildRow['off']> }
}
