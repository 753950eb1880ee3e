// Up and down, one run at a time: the work is done by a second process of ours that holds the lock.
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bases, dir, engines, expand } from './parts.mjs'
import { rigStatus } from './probe.mjs'
import { runScript } from './steps.mjs'

const rig = fileURLToPath(new URL('../rig.mjs', import.meta.url))
const busy = 75

/**
 * Starts what is missing of the named parts; does nothing when all of it answers.
 * @param {readonly string[]} [parts]  default: registry, docker28 and its bases
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<import('./probe.mjs').RigStatus>}
 */
export async function ensureRig(parts = [], { log = () => {} } = {}) {
  const wanted = expand(parts)
  const before = await rigStatus()
  if (wanted.every((name) => answersIn(before, name))) return before
  await locked(['up', ...wanted], log)
  return rigStatus()
}

/**
 * Stops the named parts (default: all); with purge, their data goes too, and with no names everything but the logs.
 * @param {readonly string[]} parts
 * @param {{ purge?: boolean, log?: (line: string) => void }} [options]
 */
export async function stopRig(parts, { purge = false, log = () => {} } = {}) {
  await locked([purge ? 'purge' : 'down', ...parts], log)
}

/**
 * The inside of stopRig: runs under the lock.
 * @param {readonly string[]} words
 * @param {boolean} purge
 * @param {(line: string) => void} log
 */
export async function stopParts(words, purge, log) {
  const named = words.length > 0 ? expand(words).filter((name) => !(name in bases)) : [...engines, 'registry']
  await Promise.all(named.filter((name) => name !== 'registry').map((name) => stopPart(name, purge, log)))
  if (named.includes('registry')) await stopPart('registry', purge, log)
  if (!purge || words.length > 0) return
  const rest = ['engine28', 'engine20', 'engine28.new', 'engine20.new', 'apt', 'cli', 'daemon.json', 'registry.yml']
  for (const name of rest) rmSync(join(dir, name), { recursive: true, force: true })
}

/** @param {string} name @param {boolean} purge @param {(line: string) => void} log */
async function stopPart(name, purge, log) {
  log(`${purge ? 'purge' : 'stop'} ${name}`)
  await runScript(['part.sh', purge ? 'purge' : 'stop', name], name, 120)
}

/** @param {import('./probe.mjs').RigStatus} status @param {string} name */
function answersIn(status, name) {
  return name === 'registry' ? status.registry !== undefined : name in status.engines || status.bases.includes(name)
}

/** @param {string[]} words @param {(line: string) => void} log */
async function locked(words, log) {
  if (process.getuid?.() !== 0) throw new Error('the rig starts engines: it has to be root')
  mkdirSync(dir, { recursive: true })
  if ((await flock(['-n'], words, log)) !== busy) return
  log('another run of the rig is under way, waiting for it')
  if ((await flock(['-w', '900'], words, log)) === busy) throw new Error('another run of the rig was still under way after 900 s')
}

/** @param {string[]} wait @param {string[]} words @param {(line: string) => void} log */
async function flock(wait, words, log) {
  // -o: nothing that is started inherits the lock
  const args = ['-o', ...wait, '-E', String(busy), join(dir, 'lock'), process.execPath, rig, 'locked', ...words]
  const child = spawn('flock', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  /** @type {string[]} */
  const lines = []
  const reader = createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (!line.startsWith('!')) log(line)
  })
  const [code] = await Promise.all([
    new Promise((resolve, reject) => child.on('error', reject).on('close', resolve)),
    new Promise((resolve) => reader.on('close', resolve)),
  ])
  if (code === 0 || code === busy) return code
  throw new Error(
    lines
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
      .join('\n') || `the rig's run ended with ${code}`,
  )
}
