import { shown } from '../failure/error.ts'
import type { Import } from '../infer/infer.ts'
import type { Destination } from './findings.ts'
import { isOf, providers, services } from './providers.ts'
import type { Told } from './told.ts'

/** The host that a text which begins as an address leads to; undefined for this machine, examples and names of schemas. */
export function destinationOf({ text, file, line, alone }: Told): Destination | undefined {
  const [, scheme, authority] = alone ? [] : (/^(https?|wss?):\/\/([^/?#\s]{1,300})/i.exec(text) ?? [])
  if (scheme === undefined || authority === undefined || /[{}$<>%\\*"'`|]/.test(authority)) return undefined
  const place = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase()
  const host = place.replace(/:\d{1,5}$/, '')
  if (!hostName.test(host) || unlikely.test(host)) return undefined
  return { host: shown(host), url: shown(`${scheme.toLowerCase()}://${place}`), file, line, provider: isProvider(host) }
}

/** Where the packages go that know their address themselves. */
export function importedDestinations(imports: readonly Import[]): readonly Destination[] {
  return imports.flatMap(({ module, file, line }) => {
    const model = providers.find(({ packages, host }) => host !== undefined && packages.some((name) => isOf(module, name)))?.host
    const service = Object.keys(services).find((name) => isOf(module, name))
    const host = model ?? (service === undefined ? undefined : services[service])
    return host === undefined ? [] : [{ host, url: `https://${host}`, file, line, provider: model !== undefined }]
  })
}

const hostName = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/
const unlikely =
  /(?:^|\.)(?:localhost|local|internal|test|invalid|example(?:\.(?:com|org|net))?|w3\.org|xmlsoap\.org|json-schema\.org|schema\.org)$/

function isProvider(host: string): boolean {
  return providers.some((one) => one.host === host) || /(?:^|\.)(?:openai\.azure\.com|openrouter\.ai)$/.test(host)
}
