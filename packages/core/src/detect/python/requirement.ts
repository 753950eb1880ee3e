/** One requirement as PEP 508 has it. */
export interface Requirement {
  /** normalised by PEP 503 */
  readonly name: string
  readonly extras: readonly string[]
  /** `>=1.0,<2`; empty when there is none, or when it is a url */
  readonly specifier: string
  /** of `name @ url` */
  readonly url?: string
  /** the text after `;`, unread */
  readonly marker?: string
}

/** PEP 503: runs of `-_.` are one `-`, lower case. */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

const name = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*/
const clause = /^(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+$/

const comparison = /(?:===|==|~=|!=|<=|>=|<|>|\bin\b)/

/** Reads one requirement; undefined when it is none. Source: https://packaging.python.org/specifications/dependency-specifiers/ */
export function parseRequirement(text: string): Requirement | undefined {
  const head = name.exec(text.trim())
  if (!head) return undefined
  const rest = text.trim().slice(head[0].length)
  const extras = (head[2] ?? '')
    .split(',')
    .map((extra) => normalName(extra.trim()))
    .filter(Boolean)
  const base = { name: normalName(head[1]!), extras }
  if (rest.startsWith('@')) return withUrl(base, rest.slice(1).trim())
  const [versions = '', ...marker] = rest.split(';')
  const specifier = versionClauses(versions)
  if (specifier === undefined || (marker.length > 0 && !comparison.test(marker.join(';')))) return undefined
  return { ...base, specifier, ...(marker.length > 0 ? { marker: marker.join(';').trim() } : {}) }
}

function withUrl(base: { name: string; extras: readonly string[] }, rest: string): Requirement | undefined {
  const at = rest.search(/\s;/)
  const [url, marker] = at === -1 ? [rest] : [rest.slice(0, at).trim(), rest.slice(at + 2)]
  if (url === '' || /\s/.test(url)) return undefined
  return { ...base, specifier: '', url, ...(marker === undefined ? {} : { marker: marker.trim() }) }
}

function versionClauses(text: string): string | undefined {
  const bare = text.trim().replace(/^\((.*)\)$/, '$1')
  const clauses = bare
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  if (!clauses.every((part) => clause.test(part))) return undefined
  return clauses.map((part) => part.replace(/^([<>=!~]+)\s+/, '$1')).join(',')
}
