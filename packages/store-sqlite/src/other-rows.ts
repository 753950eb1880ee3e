import type { DatabaseSync } from 'node:sqlite'
import type { AnsweredRow, BuildEvent, Json, Rows, StoredDocument } from '@kiln/core'

type EventRows = Pick<Rows, 'addEvents' | 'events' | 'dropEvents'>
type AnsweredRows = Pick<Rows, 'answered' | 'answer' | 'dropAnswered'>
type DocumentRows = Pick<Rows, 'document' | 'documents' | 'putDocument' | 'dropDocument'>

export function otherRows(db: DatabaseSync): EventRows & AnsweredRows & DocumentRows {
  return { ...eventRows(db), ...answeredRows(db), ...documentRows(db) }
}

/** What was appended together stays together in one row: less to write, and read from where it ends. */
function eventRows(db: DatabaseSync): EventRows {
  const insert = db.prepare('insert into events (run, last, first, batch) values (?, ?, ?, ?)')
  const batches = db.prepare('select batch from events where run = ? and last > ? and first <= ? order by last')
  const drop = db.prepare('delete from events where run = ?')
  return {
    addEvents: (run, events) => void insert.run(run.order, events.at(-1)!.seq, events[0]!.seq, JSON.stringify(events)),
    events: (run, after, last, limit) => {
      const found: BuildEvent[] = []
      for (const row of batches.iterate(run.order, after, last)) {
        for (const event of JSON.parse((row as { batch: string }).batch) as BuildEvent[])
          if (event.seq > after && event.seq <= last) found.push(event)
        if (found.length >= limit) break
      }
      return found
    },
    dropEvents: (run) => void drop.run(run.order),
  }
}

function answeredRows(db: DatabaseSync): AnsweredRows {
  const find = db.prepare('select build, request, at from answered where tenant = ? and key = ?')
  const put = db.prepare('insert or replace into answered (tenant, key, build, request, at) values (?, ?, ?, ?, ?)')
  const drop = db.prepare('delete from answered where at < ?')
  return {
    answered: (tenant, key) => find.get(tenant, key) as unknown as AnsweredRow | undefined,
    answer: (tenant, key, row) => void put.run(tenant, key, row.build, row.request, row.at),
    dropAnswered: (before) => void drop.run(before),
  }
}

function documentRows(db: DatabaseSync): DocumentRows {
  const find = db.prepare('select name, version, value from documents where tenant = ? and kind = ? and name = ?')
  const list = db.prepare('select name, version, value from documents where tenant = ? and kind = ? and name > ? order by name limit ?')
  const first = db.prepare('select name, version, value from documents where tenant = ? and kind = ? order by name limit ?')
  const put = db.prepare('insert or replace into documents (tenant, kind, name, version, value) values (?, ?, ?, ?, ?)')
  const drop = db.prepare('delete from documents where tenant = ? and kind = ? and name = ?')
  const toDocument = (row: unknown): StoredDocument => {
    const { name, version, value } = row as { readonly name: string; readonly version: number; readonly value: string }
    return { name, version, value: JSON.parse(value) as Json }
  }
  return {
    document: (tenant, kind, name) => {
      const row = find.get(tenant, kind, name)
      return row === undefined ? undefined : toDocument(row)
    },
    documents: (tenant, kind, after, limit) =>
      (after === undefined ? first.all(tenant, kind, limit) : list.all(tenant, kind, after, limit)).map(toDocument),
    putDocument: (tenant, kind, { name, version, value }) => void put.run(tenant, kind, name, version, JSON.stringify(value)),
    dropDocument: (tenant, kind, name) => void drop.run(tenant, kind, name),
  }
}
