import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BuildFilter, RowQuery } from '@kiln/core'
import { whileUnchanged, type Editions } from './editions.ts'
import {
  cluesOf,
  countQuery,
  pageQuery,
  probe,
  segmentsOf,
  type Clue,
  type Driver,
  type Reading,
  type Segment,
  type Sql,
} from './list-query.ts'

/** The searches over Builds, which answer with their orders. */
export interface BuildList {
  page(tenant: string, query: RowQuery): readonly number[]
  count(tenant: string, filter: BuildFilter): number
}

/** a clue that finds fewer than this is sorted rather than the whole list read */
const few = 200
/** Builds of a page that is remembered, at most */
const keptPage = 200
/** texts differ by which clues there are, and bounds */
const keptStatements = 200

export function buildList(db: DatabaseSync, editions: Editions): BuildList {
  const unchanged = whileUnchanged(editions)
  const prepared = remembered(db)
  const numbers = ({ text, values }: Sql): readonly number[] =>
    (prepared(text).all(...values) as unknown as readonly { readonly ord: number }[]).map(({ ord }) => ord)
  const number = ({ text, values }: Sql): number => (prepared(text).get(...values) as { readonly n: number }).n

  /** What finds the fewest is what the search begins with; a list in an order of its own with that order, unless few are found. */
  function driverOf(tenant: string, clues: readonly Clue[], segment: Segment): Driver {
    const all: Driver = { kind: 'all', segment }
    const byAcceptance = segment.by === 'accepted' || segment.by === 'without'
    if (clues.length === 0 || (clues.length === 1 && byAcceptance)) return clues[0] ?? all
    const probed = clues.map((clue) => ({ clue, found: number(probe(tenant, clue, few)) }))
    const { clue, found } = probed.reduce((best, one) => (one.found < best.found ? one : best))
    return byAcceptance || found < few ? clue : all
  }
  function page(tenant: string, query: RowQuery): readonly number[] {
    const clues = cluesOf(query.filter)
    return readPage(query, (segment, reading) => numbers(pageQuery(tenant, driverOf(tenant, clues, segment), clues, segment, reading)))
  }
  return {
    page: (tenant, query) =>
      query.limit > keptPage ? page(tenant, query) : unchanged.ask(JSON.stringify(['page', tenant, query]), () => page(tenant, query)),
    count: (tenant, filter) => {
      const clues = cluesOf(filter)
      const count = (): number => number(countQuery(tenant, driverOf(tenant, clues, { by: 'accepted' }), clues))
      return unchanged.ask(JSON.stringify(['count', tenant, clues]), count)
    },
  }
}

type Read = (segment: Segment, reading: Reading) => readonly number[]

/** The pieces one after the other until the page is full; from behind for a page that ends at a cursor. */
function readPage(query: RowQuery, read: Read): readonly number[] {
  const { limit, offset, after, before } = query
  const backwards = before !== undefined && after === undefined
  const rising = (query.order === 'asc') !== backwards
  const pieces = piecesOf(query, backwards)
  const found: number[] = []
  const wanted = offset + limit
  for (const { segment, ...bounds } of pieces) {
    if (found.length >= wanted) break
    const size = pieces.length === 1 ? { limit, offset } : { limit: wanted - found.length, offset: 0 }
    found.push(...read(segment, { rising, ...bounds, ...size }))
  }
  const page = pieces.length === 1 ? found : found.slice(offset)
  return backwards ? page.toReversed() : page
}

type Piece = Pick<Reading, 'behind' | 'upTo'> & { readonly segment: Segment }

/** The segments between the cursors, in the order they are read; that of the first cursor in two: what is equal to it, and the rest. */
function piecesOf({ sort, after, before }: RowQuery, backwards: boolean): readonly Piece[] {
  const segments = backwards ? segmentsOf(sort).toReversed() : segmentsOf(sort)
  const [start, end] = backwards ? [before, undefined] : [after, before]
  const startAt = start === undefined ? 0 : placeOf(segments, start)
  const endAt = end === undefined ? segments.length - 1 : placeOf(segments, end)
  return segments.flatMap((segment, i): readonly Piece[] => {
    if (i < startAt || i > endAt) return []
    const upTo = end && i === endAt && { upTo: end }
    if (start === undefined || i > startAt) return [{ segment, ...upTo }]
    if (start.value === undefined) return [{ segment, behind: { order: start.order }, ...upTo }]
    return [
      { segment, behind: { ...start, value: start.value, part: 'equal' }, ...upTo },
      { segment, behind: { value: start.value, part: 'rest' }, ...upTo },
    ]
  })
}

/** The segment of a cursor. */
function placeOf(segments: readonly Segment[], { value }: { readonly value?: string }): number {
  const at = segments.findIndex(({ by }) => (by === 'without') === (value === undefined))
  return Math.max(at, 0)
}

function remembered(db: DatabaseSync): (text: string) => StatementSync {
  const known = new Map<string, StatementSync>()
  return (text) => {
    const statement = known.get(text) ?? db.prepare(text)
    known.delete(text)
    known.set(text, statement)
    if (known.size > keptStatements) known.delete(known.keys().next().value!)
    return statement
  }
}
