import type { BuildFilter, Cursor, RowQuery } from '@kiln/core'

/** Text of SQL with the values of its parameters. */
export interface Sql {
  readonly text: string
  readonly values: readonly (string | number)[]
}

/** One thing a filter asks for; an index finds what has it in the order of acceptance. */
export type Clue =
  | { readonly kind: 'name' | 'state'; readonly value: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }

/** What a search begins with: a clue, or all Builds in the order of a segment. */
export type Driver = Clue | { readonly kind: 'all'; readonly segment: Segment }

export function cluesOf({ name, state, where = {} }: BuildFilter): readonly Clue[] {
  return [
    ...Object.entries(where).map(([key, value]): Clue => ({ kind: 'attribute', name: key, value })),
    ...(name === undefined ? [] : [{ kind: 'name', value: name } as const]),
    ...(state === undefined ? [] : [{ kind: 'state', value: state } as const]),
  ]
}

/** How many have it, counted up to `most`. */
export function probe(tenant: string, clue: Clue, most: number): Sql {
  const { from, ord, conditions, values } = drivenBy(tenant, clue)
  return { text: `select count(*) n from (select ${ord} from ${from} where ${conditions} limit ?)`, values: [...values, most] }
}

export function countQuery(tenant: string, driver: Driver, clues: readonly Clue[]): Sql {
  const { from, conditions, values } = filtered(tenant, driver, clues)
  return { text: `select count(*) n from ${from} where ${conditions}`, values }
}

/** The orders (`ord`) of a page, in the order they are read: from its end when `backwards`. */
export function pageQuery(tenant: string, driver: Driver, clues: readonly Clue[], segment: Segment, reading: Reading): Sql {
  const { from, ord, conditions, values } = filtered(tenant, driver, clues, segment)
  const key = keyOf(segment, ord)
  const bounds = [
    ...(reading.behind === undefined ? [] : [behind(key, reading.rising ? '>' : '<', reading.behind)]),
    ...(reading.upTo === undefined ? [] : [upTo(key, reading.rising ? '<' : '>', reading.upTo)]),
  ]
  const order = key.map((column) => `${column}${reading.rising ? '' : ' desc'}`).join(', ')
  const all = [conditions, ...bounds.map(({ text }) => text)].join(' and ')
  return {
    text: `select ${ord} ord from ${from} where ${all} order by ${order} limit ? offset ?`,
    values: [...values, ...bounds.flatMap((one) => one.values), reading.limit, reading.offset],
  }
}

/** A stretch of a list that one index is in the order of: Builds with the attribute, then those without. */
export type Segment = { readonly by: 'accepted' | 'name' | 'state' } | { readonly by: 'with' | 'without'; readonly attribute: string }

export function segmentsOf(sort: RowQuery['sort']): readonly Segment[] {
  if (typeof sort !== 'object') return [{ by: sort }]
  return [
    { by: 'with', attribute: sort.attribute },
    { by: 'without', attribute: sort.attribute },
  ]
}

/**
 * Where a reading begins. With a value it is one of two readings: of what is `equal` to it, and of the `rest`, since SQLite does
 * not find a place by value and row number together.
 */
export type Behind =
  | { readonly order: number; readonly value?: never }
  | { readonly part: 'equal'; readonly value: string; readonly order: number }
  | { readonly part: 'rest'; readonly value: string }

export interface Reading {
  /** up the index, or down */
  readonly rising: boolean
  readonly behind?: Behind
  readonly upTo?: Cursor
  readonly limit: number
  readonly offset: number
}

interface From {
  readonly from: string
  /** the column with the Build's order */
  readonly ord: string
  readonly conditions: string
  readonly values: readonly (string | number)[]
  /** whether columns of `builds b` can be named */
  readonly builds: boolean
}

/** The index is named, since SQLite knows nothing of how often a value is there; `probe` does. */
function drivenBy(tenant: string, driver: Driver): From {
  if (driver.kind === 'attribute') {
    const conditions = 'd.tenant = ? and d.name = ? and d.value = ?'
    const from = 'attributes d'
    return { from, ord: 'd.ord', conditions, values: [tenant, driver.name, driver.value], builds: false }
  }
  if (driver.kind === 'all') return allOf(tenant, driver.segment)
  const conditions = `b.tenant = ? and b.${driver.kind} = ?`
  return { from: `builds b indexed by builds_by_${driver.kind}`, ord: 'b.ord', conditions, values: [tenant, driver.value], builds: true }
}

function allOf(tenant: string, segment: Segment): From {
  if (segment.by === 'with') {
    const from = 'attributes s'
    return { from, ord: 's.ord', conditions: 's.tenant = ? and s.name = ?', values: [tenant, segment.attribute], builds: false }
  }
  const index = segment.by === 'name' || segment.by === 'state' ? segment.by : 'tenant'
  return { from: `builds b indexed by builds_by_${index}`, ord: 'b.ord', conditions: 'b.tenant = ?', values: [tenant], builds: true }
}

/** What the driver finds, as far as it passes the other clues; with the column of the segment that it is sorted by. */
function filtered(tenant: string, driver: Driver, clues: readonly Clue[], segment: Segment = { by: 'accepted' }): From {
  const sorted = withValues(drivenBy(tenant, driver), driver, segment)
  const rest = clues.filter((clue) => clue !== driver)
  const asks = [segment.by, ...rest.map(({ kind }) => kind)].some((one) => one === 'name' || one === 'state')
  const joined = asks && !sorted.builds ? ` cross join builds b on b.ord = ${sorted.ord}` : ''
  const without = segment.by === 'without' ? [withoutAttribute(tenant, sorted.ord, segment.attribute)] : []
  const conditions = [...rest.map((clue) => residual(tenant, clue, sorted.ord)), ...without]
  return {
    ...sorted,
    from: sorted.from + joined,
    conditions: [sorted.conditions, ...conditions.map(({ text }) => text)].join(' and '),
    values: [...sorted.values, ...conditions.flatMap(({ values }) => values)],
  }
}

/** The values of the attribute that is sorted by, where the driver has not brought them: taken from the Builds, since it finds few. */
function withValues(base: From, driver: Driver, segment: Segment): From {
  if (segment.by !== 'with' || driver.kind === 'all') return base
  const builds = base.builds ? '' : ` cross join builds b on b.ord = ${base.ord}`
  return {
    ...base,
    from: `${base.from}${builds} cross join json_each(b.fixed, '$.attributes') s`,
    conditions: `${base.conditions} and s.key = ?`,
    values: [...base.values, segment.attribute],
    builds: true,
  }
}

function withoutAttribute(tenant: string, ord: string, attribute: string): Sql {
  return { text: `${ord} not in (select x.ord from attributes x where x.tenant = ? and x.name = ?)`, values: [tenant, attribute] }
}

function residual(tenant: string, clue: Clue, ord: string): Sql {
  if (clue.kind !== 'attribute') return { text: `b.${clue.kind} = ?`, values: [clue.value] }
  const text = `exists (select 1 from attributes x where x.tenant = ? and x.name = ? and x.value = ? and x.ord = ${ord})`
  return { text, values: [tenant, clue.name, clue.value] }
}

function keyOf(segment: Segment, ord: string): readonly string[] {
  if (segment.by === 'name' || segment.by === 'state') return [`b.${segment.by}`, ord]
  return segment.by === 'with' ? ['s.value', ord] : [ord]
}

function behind([value, ord = value]: readonly string[], sign: '<' | '>', at: Behind): Sql {
  if (at.value === undefined) return { text: `${ord} ${sign} ?`, values: [at.order] }
  if (at.part === 'rest') return { text: `${value} ${sign} ?`, values: [at.value] }
  return { text: `${value} = ? and ${ord} ${sign} ?`, values: [at.value, at.order] }
}

function upTo(key: readonly string[], sign: '<' | '>', cursor: Cursor): Sql {
  if (key.length === 1) return { text: `${key[0]!} ${sign} ?`, values: [cursor.order] }
  return { text: `(${key.join(', ')}) ${sign} (?, ?)`, values: [cursor.value ?? '', cursor.order] }
}
