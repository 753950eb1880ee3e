// The steps that bring a part up: each says what it needs, when it is done already, and which script does it.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bases, dir, engines } from './parts.mjs'
import { engineVersion, hasBase, registryAnswers } from './probe.mjs'

/** @typedef {{ says: string, needs: string[], done: () => boolean | Promise<boolean>, script: string[], seconds: number }} Step */

const tools = ['/usr/bin/mmdebstrap', '/usr/sbin/iptables', '/usr/bin/curl', '/usr/sbin/ip', '/etc/ssl/certs/ca-certificates.crt']

/**
 * @param {string} name  a part, an image, or a step that one of them needs
 * @returns {Step}
 */
function step(name) {
  if (name === 'host')
    return {
      says: 'apt: mmdebstrap, iptables, curl',
      needs: [],
      done: () => tools.every(existsSync),
      script: ['install.sh', name],
      seconds: 500,
    }
  if (name === 'engine28' || name === 'engine20') {
    const version = name === 'engine28' ? '28' : '20.10'
    const done = () => existsSync(join(dir, name, 'usr/sbin/dockerd'))
    return { says: `fetch Docker Engine ${version}`, needs: [], done, script: ['install.sh', name], seconds: 400 }
  }
  if (name === 'registry')
    return {
      says: 'start the registry',
      needs: ['host', 'engine28'],
      done: registryAnswers,
      script: ['part.sh', 'start', name],
      seconds: 90,
    }
  if (engines.includes(name)) {
    const done = async () => (await engineVersion(name)) !== undefined
    const needs = ['host', name === 'docker20' ? 'engine20' : 'engine28']
    return { says: `start ${name}`, needs, done, script: ['part.sh', 'start', name], seconds: 90 }
  }
  const from = bases[/** @type {keyof typeof bases} */ (name)]
  const needs = ['registry', 'docker28', ...(from === undefined ? [] : [from])]
  return { says: `make ${name}`, needs, done: () => hasBase(name), script: ['base.sh', name], seconds: 400 }
}

/** @type {Set<number>} */
const running = new Set()

/** @param {number} pid @param {NodeJS.Signals} signal */
function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch {}
}

/** Ends the scripts under way; what they detached lives on. */
export const endSteps = () => running.forEach((pid) => endGroup(pid, 'SIGTERM'))

/**
 * Runs a script of this folder, its output into a log file.
 * @param {string[]} script
 * @param {string} name
 * @param {number} seconds
 */
export async function runScript([file = '', ...args], name, seconds) {
  mkdirSync(join(dir, 'log'), { recursive: true })
  const logFile = join(dir, 'log', `${name.replace(':', '-')}.log`)
  const env = { ...process.env }
  delete env.npm_config_local_prefix // set by `npm run`, and the npm that a script calls would obey it
  const out = openSync(logFile, 'a')
  const child = spawn('bash', [fileURLToPath(new URL(`../${file}`, import.meta.url)), ...args], {
    detached: true,
    stdio: ['ignore', out, out],
    env,
  })
  closeSync(out)
  const pid = child.pid ?? 0
  running.add(pid)
  const late = [setTimeout(endGroup, seconds * 1000, pid, 'SIGTERM'), setTimeout(endGroup, seconds * 1000 + 10_000, pid, 'SIGKILL')]
  const code = await new Promise((resolve) => child.on('error', resolve).on('exit', (exit, signal) => resolve(exit ?? signal)))
  late.forEach(clearTimeout)
  running.delete(pid)
  if (code === 0) return
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12)
  throw new Error(`${name} failed (${code}); the end of ${logFile}:\n${tail.map((line) => `    ${line}`).join('\n')}`)
}

/**
 * Brings the named parts up, side by side where their needs allow it.
 * @param {readonly string[]} names
 * @param {(line: string) => void} log
 */
export async function runSteps(names, log) {
  /** @type {Map<string, Promise<void>>} */
  const started = new Map()
  /** @param {string} name @returns {Promise<void>} */
  const bring = (name) => {
    const known = started.get(name) ?? carryOut(name)
    started.set(name, known)
    return known
  }
  /** @param {string} name */
  const carryOut = async (name) => {
    const { says, needs, done, script, seconds } = step(name)
    // a base whose registry is down is not known to be missing, so what a step needs comes before the question
    await Promise.all(needs.map(bring))
    if (await done()) return
    log(says)
    const start = Date.now()
    await runScript(script, name, seconds)
    appendFileSync(join(dir, 'log', 'timings.tsv'), `${new Date().toISOString()}\t${name}\t${((Date.now() - start) / 1000).toFixed(1)}\n`)
  }
  const results = await Promise.allSettled(names.map(bring))
  const reasons = new Set(results.flatMap((result) => (result.status === 'rejected' ? [result.reason.message] : [])))
  if (reasons.size > 0) throw new Error([...reasons].join('\n'))
}
