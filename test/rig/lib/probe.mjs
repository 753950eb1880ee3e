// What answers right now. Every question is bounded in time.
import { request } from 'node:http'
import { bases, engines, registry, socket } from './parts.mjs'

/**
 * @typedef {object} RigStatus
 * @property {Record<string, { host: string, version: string }>} engines  the rig's engines that answer
 * @property {string} [registry]  host:port of the mirror, when it answers
 * @property {string[]} bases  images the mirror holds
 */

/**
 * @param {{ socketPath: string } | { host: string, port: number }} to
 * @param {string} path
 * @param {{ method?: string, ms?: number, accept?: string }} [options]
 * @returns {Promise<{ status: number, body: string } | undefined>} undefined when nothing answers
 */
export function ask(to, path, { method = 'GET', ms = 2000, accept = '*/*' } = {}) {
  return new Promise((resolve) => {
    const nothing = () => resolve(undefined)
    const req = request(
      { ...to, path, method, headers: { host: 'localhost', accept }, agent: false, signal: AbortSignal.timeout(ms) },
      (res) => {
        let body = ''
        res.setEncoding('utf8').on('data', (chunk) => (body += chunk))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body })).on('error', nothing)
      },
    )
    req.on('error', nothing).end()
  })
}

/**
 * The address in a DOCKER_HOST value.
 * @param {string} host
 */
function address(host) {
  const [, scheme, rest = ''] = /^(unix|tcp|http):\/\/(.+)$/.exec(host) ?? []
  if (scheme === undefined) return undefined
  if (scheme === 'unix') return { socketPath: rest }
  const url = new URL(`http://${rest}`)
  return { host: url.hostname, port: Number(url.port || 2375) }
}

/**
 * @param {string} host  a DOCKER_HOST value
 * @returns {Promise<boolean>}
 */
export async function pings(host) {
  const to = address(host)
  return to !== undefined && (await ask(to, '/_ping'))?.status === 200
}

const registryAddress = { host: '127.0.0.1', port: Number(registry.split(':')[1]) }
const manifests = ['docker.distribution.manifest.v2+json', 'oci.image.manifest.v1+json'].map((type) => `application/vnd.${type}`).join(', ')

export const registryAnswers = async () => (await ask(registryAddress, '/v2/'))?.status === 200

/** @param {string} image */
export async function hasBase(image) {
  const [name, tag] = image.split(':')
  const answer = await ask(registryAddress, `/v2/library/${name}/manifests/${tag}`, { method: 'HEAD', accept: manifests })
  return answer?.status === 200
}

/** @param {string} part */
export async function engineVersion(part) {
  const answer = await ask({ socketPath: socket(part) }, '/version')
  return answer?.status === 200 ? String(JSON.parse(answer.body).Version) : undefined
}

/**
 * What of the rig answers right now.
 * @returns {Promise<RigStatus>}
 */
export async function rigStatus() {
  const [versions, hasRegistry, held] = await Promise.all([
    Promise.all(engines.map(engineVersion)),
    registryAnswers(),
    Promise.all(Object.keys(bases).map(hasBase)),
  ])
  /** @type {RigStatus} */
  const status = { engines: {}, bases: Object.keys(bases).filter((_, i) => held[i]) }
  engines.forEach((part, i) => {
    const version = versions[i]
    if (version !== undefined) status.engines[part] = { host: `unix://${socket(part)}`, version }
  })
  if (hasRegistry) status.registry = registry
  return status
}
