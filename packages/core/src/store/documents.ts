import type { Json } from '../failure/error.ts'
import { boundedLimit } from './listing.ts'
import type { Rows } from './rows.ts'
import type { StoredDocument } from './store.ts'

export function documentsOf(
  rows: Rows,
  tenant: string,
  kind: string,
  query: { readonly name?: string; readonly after?: string; readonly limit: number },
): readonly StoredDocument[] {
  const limit = boundedLimit(query.limit)
  if (query.name === undefined) return rows.documents(tenant, kind, query.after, limit)
  const one = rows.document(tenant, kind, query.name)
  return one === undefined ? [] : [one]
}

export function writeDocument(rows: Rows, tenant: string, kind: string, name: string, value: Json, expect: number | 'new'): boolean {
  const earlier = rows.document(tenant, kind, name)
  if ((earlier?.version ?? 'new') !== expect) return false
  if (value === null) rows.dropDocument(tenant, kind, name)
  else rows.putDocument(tenant, kind, { name, version: (earlier?.version ?? 0) + 1, value })
  return true
}
