import type { Import } from './infer.ts'
import { Lines } from './python-lines.ts'
import type { Region } from './python-regions.ts'
import { useRules, type UseRule } from './python-use-rules.ts'

/** A place where code needs a package that no import names. */
export interface Use {
  /** of its rule */
  readonly id: string
  /** what the rule's pattern captured, in lower case; empty when it captures nothing */
  readonly what: string
  readonly file: string
  /** 1-based */
  readonly line: number
}

/** The uses of one file, each rule and capture once. */
export function usesIn(
  text: string,
  file: string,
  imports: readonly Pick<Import, 'module' | 'level'>[],
  regionAt: (offset: number) => Region,
): readonly Use[] {
  const found = [...rulesFor(imports)].flatMap((rule) => matches(rule, text, regionAt))
  found.push(...databases(text, regionAt))
  const lines = new Lines(text)
  return found.sort((a, b) => a.at - b.at).map(({ id, what, at }) => ({ id, what, file, line: lines.at(at) }))
}

function rulesFor(imports: readonly Pick<Import, 'module' | 'level'>[]): ReadonlySet<UseRule> {
  const rules = new Set<UseRule>()
  for (const { module, level } of imports)
    for (const { word, rule } of level > 0 ? [] : (byTop.get(module.split('.', 1)[0]!) ?? []))
      if (module === word || module.startsWith(`${word}.`)) rules.add(rule)
  return rules
}

/** The rules by the first part of the modules they are of. */
const byTop: ReadonlyMap<string, readonly { readonly word: string; readonly rule: UseRule }[]> = Map.groupBy(
  useRules.flatMap((rule) => rule.of.split(' ').map((word) => ({ word, rule }))),
  ({ word }) => word.split('.', 1)[0]!,
)

/** The addresses of databases in any text, such as an example of the environment. */
export function databasesIn(text: string, file: string): readonly Use[] {
  const lines = new Lines(text)
  return databases(text, () => 'string').map(({ id, what, at }) => ({ id, what, file, line: lines.at(at) }))
}

type Match = { readonly id: string; readonly what: string; readonly at: number }

function matches({ id, pattern, in: wanted, needs }: UseRule, text: string, regionAt: (offset: number) => Region): readonly Match[] {
  const found = new Map<string, Match>()
  for (const match of text.matchAll(pattern)) {
    const what = (match[1] ?? '').toLowerCase()
    if (found.has(what) || (typeof needs !== 'string' && !Object.hasOwn(needs, what))) continue
    if (regionAt(match.index) === wanted) found.set(what, { id, what, at: match.index })
    if (found.size >= maxCaptures) break
  }
  return [...found.values()]
}

const maxCaptures = 20

const address = /\b(postgres(?:ql)?|mysql|mariadb|mssql|oracle|sqlite|snowflake|bigquery|duckdb|clickhouse|trino)(\+[a-z_0-9]{1,30})?:\/\//g

function databases(text: string, regionAt: (offset: number) => Region): readonly Match[] {
  if (!text.includes('://')) return []
  const found = new Map<string, Match>()
  for (const { 0: whole, index: at } of text.matchAll(address)) {
    const what = whole.slice(0, -3)
    if (!found.has(what) && regionAt(at) === 'string') found.set(what, { id: 'database', what, at })
    if (found.size >= maxCaptures) break
  }
  return [...found.values()]
}

/** What a use needs, as requirements. */
export function needsOf({ id, what }: Use): readonly string[] {
  const needs = id === 'database' ? drivers[what] : requirementsOf(id, what)
  return needs === undefined || needs === '' ? [] : needs.split(' ')
}

function requirementsOf(id: string, what: string): string | undefined {
  const needs = useRules.find((rule) => rule.id === id)?.needs
  if (needs === undefined || typeof needs === 'string') return needs
  return Object.hasOwn(needs, what) ? needs[what] : undefined
}

/** By the scheme of SQLAlchemy's addresses; its documentation names the driver that a scheme without one takes. */
const drivers: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null) as Record<string, string>, {
  postgresql: 'psycopg[binary]',
  postgres: 'psycopg[binary]',
  'postgresql+psycopg': 'psycopg[binary]',
  'postgresql+psycopg2': 'psycopg2-binary',
  'postgresql+asyncpg': 'asyncpg',
  'postgresql+pg8000': 'pg8000',
  mysql: 'mysqlclient',
  'mysql+mysqldb': 'mysqlclient',
  'mysql+pymysql': 'pymysql',
  'mysql+aiomysql': 'aiomysql',
  'mysql+asyncmy': 'asyncmy',
  'mysql+mysqlconnector': 'mysql-connector-python',
  'mariadb+pymysql': 'pymysql',
  'mariadb+mariadbconnector': 'mariadb',
  'mssql+pyodbc': 'pyodbc',
  'mssql+pymssql': 'pymssql',
  'mssql+aioodbc': 'aioodbc',
  'oracle+oracledb': 'oracledb',
  'sqlite+aiosqlite': 'aiosqlite',
  snowflake: 'snowflake-sqlalchemy',
  bigquery: 'sqlalchemy-bigquery',
  duckdb: 'duckdb-engine',
  clickhouse: 'clickhouse-sqlalchemy',
  'clickhouse+native': 'clickhouse-sqlalchemy',
  trino: 'trino[sqlalchemy]',
})
