import { createRequire } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import { buildId, listQuery } from '../../packages/server/src/apis/pipecat/schemas.ts'
import { serveOrders } from './child.ts'

// The peer: bare Hono on its own adapter, the same schemas, one read of SQLite, the same JSON. No key is looked at, nothing is counted.
// argv: `columns` (a row of columns becomes JSON) or `text` (the row has the JSON text ready), the file, a build as our server shows it

export interface PeerFacts {
  readonly address: string
}

type Row = Readonly<Record<string, string | number | null>>

const [how, file, given] = process.argv.slice(2) as ['columns' | 'text', string, string]
const build = JSON.parse(given) as Readonly<Record<string, string | number>>
const columns = Object.keys(build)
const db = open()
const find = db.prepare(`select * from builds where contextHash = ? and region = ? and status = ? order by ord desc limit ? offset ?`)
const one = db.prepare('select * from builds where id = ?')

const app = new Hono()
app.get('/v1/builds', (context) => {
  const found = listQuery.safeParse(context.req.query())
  if (!found.success) return context.json({ error: found.error.message }, 400)
  const { contextHash = '', region = '', status = '', limit, offset } = found.data
  const rows = find.all(contextHash, region, status, limit, offset) as unknown as readonly Row[]
  if (how === 'columns') return context.json({ builds: rows.map(shape), total: rows.length, limit, offset })
  const texts = rows.map((row) => row['text']).join(',')
  return context.body(`{"builds":[${texts}],"total":${rows.length},"limit":${limit},"offset":${offset}}`, 200, json)
})
app.get('/v1/builds/:id', (context) => {
  const found = buildId.safeParse(context.req.param())
  if (!found.success) return context.json({ error: found.error.message }, 400)
  const row = one.get(found.data.id) as unknown as Row | undefined
  if (row === undefined) return context.json({ error: 'not found' }, 404)
  return how === 'columns' ? context.json({ build: shape(row) }) : context.body(`{"build":${row['text']}}`, 200, json)
})

const json = { 'content-type': 'application/json' }

/** Without what is not known. */
function shape(row: Row): object {
  const shown: Record<string, unknown> = {}
  for (const column of columns) if (row[column] !== null) shown[column] = row[column]
  return shown
}

/** A hundred builds with indexes for both questions; the last one is the one that is asked for. */
function open(): DatabaseSync {
  const made = new DatabaseSync(file)
  made.exec('pragma journal_mode = wal')
  const of = how === 'columns' ? columns : ['id', 'contextHash', 'region', 'status', 'text']
  made.exec(`create table builds (ord integer primary key, ${of.join(', ')}); create unique index by_id on builds (id);
    create index by_hash on builds (contextHash)`)
  const insert = made.prepare(`insert into builds (${of.join(', ')}) values (${of.map(() => '?').join(', ')})`)
  for (let i = 0; i < 99; i++) add({ ...build, id: crypto.randomUUID(), contextHash: `${i}`.padStart(16, 'f') })
  add(build)
  return made

  function add(row: Readonly<Record<string, string | number>>): void {
    insert.run(...of.map((column) => (column === 'text' ? JSON.stringify(row) : row[column]!)))
  }
}

const server = createRequire(new URL('../../packages/server/package.json', import.meta.url))
const adapter = (await import(pathToFileURL(server.resolve('@hono/node-server')).href)) as {
  serve(options: object, ready: (info: { readonly port: number }) => void): void
}
adapter.serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  serveOrders(
    { address: `http://127.0.0.1:${port}` } satisfies PeerFacts,
    async () => ({}),
    async () => db.close(),
  ),
)
