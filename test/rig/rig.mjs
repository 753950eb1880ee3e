#!/usr/bin/env node
// The project's test rig: real container engines on a bare Debian machine. See README.md.
// Runs before anything is installed: plain JavaScript, Node 20 or newer, no dependencies.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findEngine, tellsOf } from './lib/find.mjs'
import { tcp } from './lib/parts.mjs'
import { rigStatus } from './lib/probe.mjs'
import { endSteps, runSteps } from './lib/steps.mjs'
import { ensureRig, stopParts, stopRig } from './lib/up.mjs'

export { ensureRig, findEngine, rigStatus, stopRig, tellsOf }

const usage = `usage: rig.mjs up [PART...]            start what is missing (default: registry docker28 bases; or all)
       rig.mjs down [--purge] [PART...] stop it; --purge drops images, data and binaries, never the logs
       rig.mjs status [--json]          what answers
       rig.mjs find [--start] [--json]  the Docker Engine to use on this machine
       rig.mjs smoke [ENGINE...]        build, run and ask a Python and a Node app on each engine`

const began = Date.now()
/** @param {string} line */
const say = (line) => process.stderr.write(`rig ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

/** @param {import('./lib/probe.mjs').RigStatus} status */
function show(status) {
  const lines = Object.entries(status.engines).map(([part, { host, version }]) => {
    const also = part === 'docker28' ? `  ${tcp.docker28}` : ''
    return `${part.padEnd(10)} ${version.padEnd(16)} ${host}${also}`
  })
  if (status.registry !== undefined) lines.push(`${'registry'.padEnd(27)} http://${status.registry}`)
  if (status.bases.length > 0) lines.push(`${'bases'.padEnd(27)} ${status.bases.join(' ')}`)
  console.log(lines.join('\n') || 'nothing of the rig answers')
}

/** The process that holds the lock: its progress goes to stderr bare, its failure marked. @param {string[]} words */
async function underLock([command = '', ...names]) {
  process.stderr.on('error', () => {}) // whoever asked may be gone; the work is finished all the same
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => (endSteps(), process.exit(130)))
  /** @param {string} line */
  const log = (line) => process.stderr.write(`${line}\n`)
  try {
    await (command === 'up' ? runSteps(names, log) : stopParts(names, command === 'purge', log))
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    log(text.replace(/^/gm, '!'))
    process.exitCode = 1
  }
}

/** @param {string} command @param {string[]} words @param {Set<string>} flags */
async function main(command, words, flags) {
  switch (command) {
    case 'up': {
      show(await ensureRig(words, { log: say }))
      const found = await findEngine({ start: false })
      if ('host' in found && found.origin === 'rig') process.stderr.write(`${tellsOf(found)}\n`)
      return
    }
    case 'down':
      return stopRig(words, { purge: flags.has('--purge'), log: say })
    case 'status': {
      const status = await rigStatus()
      return flags.has('--json') ? console.log(JSON.stringify(status)) : show(status)
    }
    case 'find': {
      const found = await findEngine({ start: flags.has('--start'), log: say })
      if ('missing' in found) process.exitCode = 1
      return console.log(flags.has('--json') ? JSON.stringify(found) : 'missing' in found ? found.missing : found.host)
    }
    case 'smoke': {
      const { smoke } = await import('./lib/smoke.mjs')
      process.exitCode = (await smoke(words, say)) ? 0 : 1
      return
    }
    case 'locked':
      return underLock(words)
    default:
      console.error(usage)
      process.exitCode = 2
  }
}

const script = process.argv[1]
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  const [command = '', ...rest] = process.argv.slice(2)
  const flags = new Set(rest.filter((word) => word.startsWith('--')))
  await main(
    command,
    rest.filter((word) => !word.startsWith('--')),
    flags,
  ).catch((error) => {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
