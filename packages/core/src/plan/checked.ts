import * as v from 'valibot'
import type { ErrorCode } from '../failure/codes.ts'
import { BuildError, shown } from '../failure/error.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Placed } from '../detect/placed-json.ts'

type Path = readonly (string | number)[]

/** A value that a schema accepts, or a BuildError that names the first wrong field, its line, and what was probably meant. */
export function checked<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  where: { code: ErrorCode; what: string; placed?: Placed },
): T {
  if (Array.isArray(value))
    throw new BuildError(where.code, `${where.what} must be an object, not a list`, { data: { file: where.placed?.file } })
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = deepest(result.issues[0])
  const path = pathOf(issue)
  const { placed } = where
  const line = placed?.line(path)
  throw new BuildError(where.code, `${where.what}${line === undefined ? '' : `:${line}`}: ${said(issue, path, schema)}`, {
    data: { field: fieldName(path), file: placed?.file, line },
  })
}

// A union's own issue says little when one of its branches came further.
function deepest(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const branches = issue.issues?.filter((inner) => inner.path && inner.path.length > (issue.path?.length ?? 0))
  return branches?.length === 1 ? deepest(branches[0]!) : issue
}

function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map((item) => (typeof item.key === 'number' ? item.key : String(item.key)))
}

function said(issue: v.BaseIssue<unknown>, path: Path, schema: unknown): string {
  const field = shown(fieldName(path) || 'the whole', 200)
  if (issue.type === 'strict_object' && issue.expected === 'never') return `unknown field "${field}"${guess(path, schema)}`
  if (issue.received === 'undefined' && issue.type === 'strict_object') return `"${field}" is missing`
  const message = /^Invalid /.test(issue.message) ? `must be ${expected(issue)}, not ${shown(issue.received, 60)}` : issue.message
  return `"${field}" ${message}`
}

function expected(issue: v.BaseIssue<unknown>): string {
  const names: Record<string, string> = { Array: 'a list', Object: 'an object', string: 'a text', number: 'a number' }
  return (
    names[issue.expected ?? ''] ?? (issue.expected ?? 'something else').replaceAll('(', '').replaceAll(')', '').replaceAll(' | ', ' or ')
  )
}

function guess(path: Path, schema: unknown): string {
  const known = knownFields(schema, path.slice(0, -1))
  const meant = didYouMean(String(path.at(-1)), known)
  return meant === undefined ? ` (known: ${known.filter((name) => name !== '$schema').join(', ')})` : `, did you mean "${meant}"?`
}

/** The field names that a schema knows at a path; empty where it has none. */
function knownFields(schema: unknown, path: Path): string[] {
  let at = unwrapped(schema)
  for (const part of path) at = unwrapped(at?.entries?.[String(part)] ?? at?.item ?? at?.value)
  if (at?.options) return at.options.flatMap((option) => Object.keys(unwrapped(option)?.entries ?? {}))
  return Object.keys(at?.entries ?? {})
}

interface SchemaParts {
  readonly wrapped?: unknown
  readonly pipe?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
  readonly item?: unknown
  readonly value?: unknown
  readonly options?: readonly unknown[]
}

function unwrapped(schema: unknown): SchemaParts | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const parts = schema as SchemaParts
  return parts.wrapped === undefined ? parts : unwrapped(parts.wrapped)
}

function fieldName(path: Path): string {
  return path.reduce<string>((name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`), '')
}
