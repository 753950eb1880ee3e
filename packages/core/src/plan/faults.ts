import * as v from 'valibot'
import { shown } from '../failure/error.ts'
import { didYouMean } from './did-you-mean.ts'

export type Path = readonly (string | number)[]

/** One thing that is wrong with a value, as its schema has it. */
export interface Fault {
  readonly path: Path
  /** with the field and what was probably meant */
  readonly message: string
  /** the field or value that was probably meant */
  readonly meant?: string
  /** the field itself is wrong, not its value */
  readonly unknown: boolean
}

/** most faults that are told: the rest follows from them, or is told the next time */
const most = 50

/** Everything a schema has against a value; empty where it accepts it. */
export function faultsOf(schema: v.GenericSchema, value: unknown): readonly Fault[] {
  const { issues = [] } = v.safeParse(schema, value)
  const wrong = issues.map(deepest).filter((issue) => !isUnknown(issue))
  return [...wrong.map(faultOf), ...unknownFields(schema, value, [])].slice(0, most)
}

function faultOf(issue: v.BaseIssue<unknown>): Fault {
  const path = pathOf(issue)
  const field = shown(fieldName(path) || 'the whole', 200)
  if (issue.received === 'undefined' && issue.type === 'strict_object')
    return { path: path.slice(0, -1), message: `"${field}" is missing`, unknown: false }
  const own = !/^Invalid /.test(issue.message)
  const message = `"${field}" ${own ? issue.message : `must be ${expected(issue)}, not ${shown(issue.received, 60)}`}`
  const meant = typeof issue.input === 'string' ? didYouMean(issue.input, choices(issue)) : undefined
  return meant === undefined
    ? { path, message, unknown: false }
    : { path, message: `${message}, did you mean "${meant}"?`, meant, unknown: false }
}

// valibot tells the first unknown field of an object only.
function unknownFields(schema: unknown, value: unknown, path: Path): readonly Fault[] {
  const parts = unwrapped(schema)
  // to valibot a list is an object too
  if (Array.isArray(value) && parts?.entries) return [notAList(path, parts.entries)]
  if (Array.isArray(value)) return parts?.item ? value.flatMap((item, at) => unknownFields(parts.item, item, [...path, at])) : []
  const { entries } = parts ?? {}
  if (entries === undefined || typeof value !== 'object' || value === null) return []
  const names = Object.keys(entries)
  return Object.entries(value).flatMap(([name, inner]) =>
    Object.hasOwn(entries, name) ? unknownFields(entries[name], inner, [...path, name]) : [unknownField([...path, name], names)],
  )
}

function notAList(path: Path, entries: object): Fault {
  const edits = 'add' in entries ? ': write { "add": [...] }, since lists extend what is found' : ''
  return { path, message: `"${shown(fieldName(path) || 'the whole', 200)}" must be an object, not a list${edits}`, unknown: false }
}

function unknownField(path: Path, known: readonly string[]): Fault {
  const meant = didYouMean(String(path.at(-1)), known)
  const told = known.filter((name) => name !== '$schema').join(', ')
  const message = `unknown field "${shown(fieldName(path), 200)}"${meant === undefined ? ` (known: ${told})` : `, did you mean "${meant}"?`}`
  return { path, message, unknown: true, ...(meant !== undefined && { meant }) }
}

// A union's own issue says little when one of its branches came further.
function deepest(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const branches = issue.issues?.filter((inner) => inner.path && inner.path.length > (issue.path?.length ?? 0))
  return branches?.length === 1 ? deepest(branches[0]!) : issue
}

function isUnknown(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.expected === 'never'
}

function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map((item) => (typeof item.key === 'number' ? item.key : String(item.key)))
}

function expected(issue: v.BaseIssue<unknown>): string {
  const names: Record<string, string> = { Array: 'a list', Object: 'an object', string: 'a text', number: 'a number' }
  return (
    names[issue.expected ?? ''] ?? (issue.expected ?? 'something else').replaceAll('(', '').replaceAll(')', '').replaceAll(' | ', ' or ')
  )
}

function choices(issue: v.BaseIssue<unknown>): readonly string[] {
  return [...(issue.expected ?? '').matchAll(/"([^"]*)"/g)].map((match) => match[1]!)
}

interface SchemaParts {
  readonly wrapped?: unknown
  readonly entries?: Readonly<Record<string, unknown>>
  readonly item?: unknown
}

function unwrapped(schema: unknown): SchemaParts | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  const parts = schema as SchemaParts
  return parts.wrapped === undefined ? parts : unwrapped(parts.wrapped)
}

/** `start[1].env` */
export function fieldName(path: Path): string {
  return path.reduce<string>((name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`), '')
}
