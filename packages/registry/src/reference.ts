import { plain, RegistryError } from './error.ts'

/** An image reference as it was written: nothing is added. Grammar: distribution's `reference` package. */
export interface Reference {
  /** host, with port where given: `localhost:5000`; undefined where the reference leaves it to the reader */
  readonly domain?: string
  /** `library/python`, `team/app` */
  readonly path: string
  readonly tag?: string
  /** `sha256:` and 64 hex, or `sha512:` and 128 */
  readonly digest?: string
}

/** A reference with Docker's defaults filled in. */
export interface FullReference extends Reference {
  readonly domain: string
}

const longest = 255
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const label = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])'
const pathForm = new RegExp(`^${component}(?:/${component})*$`)
const domainForm = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[A-Fa-f0-9:]+\\])(?::([0-9]{1,5}))?$`)
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const digestForm = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/

/**
 * Reads `[domain/]path[:tag][@digest]`. Domain and path together have at most 255 characters.
 * Throws RegistryError `invalid_reference`.
 */
export function parseReference(text: string): Reference {
  if (text.length > longest + 300) refuse(text, 'it is too long')
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const name = tagged ? named.slice(0, colon) : named
  const tag = tagged ? named.slice(colon + 1) : undefined
  const { domain, path } = splitName(name)
  check(text, { domain, path, tag, digest })
  return {
    ...(domain === undefined ? {} : { domain }),
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** The text of a reference; the inverse of `parseReference`. */
export function formatReference(reference: Reference): string {
  const { domain, path, tag, digest } = reference
  return `${domain === undefined ? '' : `${domain}/`}${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Docker's defaults: the domain `docker.io`, `library/` there for a single name, and the tag `latest` where nothing else is named. */
export function withDefaults(reference: Reference): FullReference {
  const domain = reference.domain === undefined || reference.domain === 'index.docker.io' ? 'docker.io' : reference.domain
  const path = domain === 'docker.io' && !reference.path.includes('/') ? `library/${reference.path}` : reference.path
  const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : undefined)
  return { ...reference, domain, path, ...(tag === undefined ? {} : { tag }) }
}

/** The first part is a domain when it could not be a name: it has a dot or a port, is `localhost`, or has capitals. */
function splitName(name: string): { readonly domain: string | undefined; readonly path: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isHost = /[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  return isHost ? { domain: first, path: name.slice(slash + 1) } : { domain: undefined, path: name }
}

type Parts = { readonly [name in keyof Required<Reference>]: string | undefined } & { readonly path: string }

function check(text: string, { domain, path, tag, digest }: Parts): void {
  if ((domain === undefined ? 0 : domain.length + 1) + path.length > longest) refuse(text, `the name is longer than ${longest} characters`)
  if (domain !== undefined && !isDomain(domain)) refuse(text, 'the registry is not a host name')
  if (path !== path.toLowerCase()) refuse(text, 'the name has to be in lower case')
  if (!pathForm.test(path)) refuse(text, 'the name has a character or separator in a place where none may be')
  if (domain === undefined && /^[a-f0-9]{64}$/.test(path)) refuse(text, 'a name of 64 hexadecimal digits is an image id')
  if (tag !== undefined && !tagForm.test(tag)) refuse(text, 'the tag is not 1 to 128 of A-Z a-z 0-9 _ . -')
  if (digest !== undefined && !digestForm.test(digest)) refuse(text, 'the digest is not sha256: and 64 hexadecimal digits')
}

function isDomain(domain: string): boolean {
  const port = domainForm.exec(domain)
  return port !== null && (port[1] === undefined || (Number(port[1]) > 0 && Number(port[1]) < 65_536))
}

function refuse(text: string, why: string): never {
  throw new RegistryError('invalid_reference', `"${plain(text, 80)}" is not an image reference: ${why}.`)
}
