// Which Docker Engine to use on this machine.
import { readFileSync } from 'node:fs'
import { arch, platform } from 'node:process'
import { dir, engines, tcp } from './parts.mjs'
import { pings, rigStatus } from './probe.mjs'
import { ensureRig } from './up.mjs'

/**
 * @typedef {{ host: string, origin: 'DOCKER_HOST' | 'default socket' | 'rig', registry?: string }} FoundEngine
 * @typedef {{ missing: string }} NoEngine  one line: what is missing, and how to get it
 */

const machineSocket = 'unix:///var/run/docker.sock'

/**
 * A Docker Engine that answers: the one DOCKER_HOST names, the machine's own, or the rig's, which is started where
 * that is possible. An engine that is not the rig's is used and left alone.
 * @param {{ start?: boolean, log?: (line: string) => void, defaultSocket?: string }} [options]  another default socket: for tests
 * @returns {Promise<FoundEngine | NoEngine>}
 */
export async function findEngine({ start = true, log = () => {}, defaultSocket = machineSocket } = {}) {
  const named = process.env.DOCKER_HOST
  if (named) {
    if (await pings(named)) return withRegistry({ host: named, origin: 'DOCKER_HOST' })
    log(`no Docker Engine answers at DOCKER_HOST=${named}`)
  }
  if (await pings(defaultSocket)) return { host: defaultSocket, origin: 'default socket' }
  const found = ofRig(await rigStatus())
  if (found !== undefined) return found
  const obstacle = cannotStart()
  if (obstacle !== undefined) return missing(obstacle)
  if (!start) return missing('the rig is not up')
  try {
    log('no Docker Engine on this machine: starting the rig (about two minutes the first time)')
    return ofRig(await ensureRig([], { log })) ?? missing('the rig did not start')
  } catch (error) {
    log(error instanceof Error ? error.message : String(error))
    return missing(`the rig did not start (logs: ${dir}/log)`)
  }
}

/**
 * The rig listens on no default socket, so whoever is to use it has to be told.
 * @param {FoundEngine} found
 */
export const tellsOf = ({ host }) => `For the kiln command to use this engine: export DOCKER_HOST=${host}`

/** @param {import('./probe.mjs').RigStatus} status @returns {FoundEngine | undefined} */
function ofRig(status) {
  const part = engines.find((name) => name in status.engines)
  const host = part === undefined ? undefined : status.engines[part]?.host
  if (host === undefined) return undefined
  return { host, origin: 'rig', ...(status.registry === undefined ? {} : { registry: status.registry }) }
}

/** @param {FoundEngine} found @returns {Promise<FoundEngine>} */
async function withRegistry(found) {
  const status = await rigStatus()
  const own = [...Object.values(status.engines).map((engine) => engine.host), tcp.docker28]
  return own.includes(found.host) && status.registry !== undefined ? { ...found, registry: status.registry } : found
}

function cannotStart() {
  if (platform !== 'linux' || arch !== 'x64') return 'the rig can be started on Linux x64 only'
  if (process.getuid?.() !== 0) return 'the rig can be started by root only'
  try {
    if (/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))) return undefined
  } catch {}
  return 'the rig can be started on Debian only'
}

/** @param {string} why @returns {NoEngine} */
const missing = (why) => ({
  missing: `no Docker Engine answers, and ${why}. Start Docker, set DOCKER_HOST, or on Debian as root: npm run rig:up`,
})
