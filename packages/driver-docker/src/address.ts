import { BuildError, shown } from '@kiln/core'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a Docker Engine listens. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Tls | undefined }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: string | undefined; readonly user: string | undefined }

/** PEM texts. */
export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface AddressOptions {
  /** `unix://`, `tcp://`, `http://`, `https://` or `ssh://`; default DOCKER_HOST, else `unix:///var/run/docker.sock` */
  readonly host?: string
  /** for `tcp://`; default what DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say */
  readonly tls?: Tls
}

const defaultHost = 'unix:///var/run/docker.sock'

/** Reads DOCKER_HOST and its companions as the docker command does. Throws BuildError `invalid_argument`. */
export function readAddress(options: AddressOptions = {}, env: Readonly<Record<string, string | undefined>> = process.env): Address {
  const host = options.host ?? (env['DOCKER_HOST'] || defaultHost)
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/s.exec(host) ?? []
  switch (scheme) {
    case 'unix':
      return rest.startsWith('/') && !rest.includes('\0')
        ? { kind: 'unix', path: rest }
        : refuse(host, 'the path of the socket has to be absolute')
    case 'tcp':
    case 'http':
    case 'https':
      return tcp(host, rest, options.tls ?? tlsFrom(env) ?? (scheme === 'https' ? {} : undefined))
    case 'ssh':
      return ssh(host)
    default:
      return refuse(host, 'it begins with none of unix:// tcp:// http:// https:// ssh://')
  }
}

/** The address as people know it, for messages. */
export function addressText(address: Address): string {
  if (address.kind === 'unix') return `unix://${address.path}`
  if (address.kind === 'tcp') return `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
  return `ssh://${address.user === undefined ? '' : `${address.user}@`}${address.host}${address.port === undefined ? '' : `:${address.port}`}`
}

function tcp(text: string, rest: string, tls: Tls | undefined): Address {
  const url = parse(text, `http://${rest}`)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    refuse(text, 'only a host and a port may be named')
  // a URL drops the port 80, so that it is read from the text
  const port = /:(\d+)\/?$/.exec(rest)?.[1] ?? (tls ? '2376' : '2375')
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(port), tls }
}

function ssh(text: string): Address {
  const url = parse(text, text)
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '' || url.password !== '')
    refuse(text, 'only a user, a host and a port may be named')
  const user = url.username === '' ? undefined : decodeURIComponent(url.username)
  // a leading dash would be an option of ssh
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$|^\[[0-9a-fA-F:]+\]$/.test(url.hostname)) refuse(text, 'the host is not a host name')
  if (user !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9._@-]*$/.test(user)) refuse(text, 'the user is not a user name')
  return { kind: 'ssh', host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? undefined : url.port, user }
}

function parse(text: string, url: string): URL {
  try {
    const parsed = new URL(url)
    if (parsed.hostname !== '') return parsed
  } catch {}
  return refuse(text, 'it names no host')
}

function tlsFrom(env: Readonly<Record<string, string | undefined>>): Tls | undefined {
  if (!env['DOCKER_TLS_VERIFY']) return undefined
  const directory = env['DOCKER_CERT_PATH'] ?? env['DOCKER_CONFIG'] ?? join(homedir(), '.docker')
  const read = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8')
    } catch (error) {
      throw new BuildError('invalid_argument', `DOCKER_TLS_VERIFY is set, but ${shown(join(directory, name))} cannot be read.`, {
        cause: error,
      })
    }
  }
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}

function refuse(host: string, why: string): never {
  throw new BuildError(
    'invalid_argument',
    `"${shown(host.replace(/:\/\/[^@/]*@/, '://…@'))}" is not an address of a Docker Engine: ${why}.`,
  )
}
