// What the rig consists of, and where it lives.
import { join } from 'node:path'

const env = process.env
const shift = Number(env.KILN_RIG_NET ?? 0)

export const dir = env.KILN_RIG_DIR ?? '/opt/kiln-rig'
const run = env.KILN_RIG_RUN ?? '/run/kiln-rig'
export const registry = `127.0.0.1:${env.KILN_RIG_REGISTRY_PORT ?? 5000}`

/** The engines, the one to prefer first. Each listens on a socket of its own. */
export const engines = ['docker28', 'docker28c', 'docker20']
/** @param {string} part */
export const socket = (part) => join(run, `${part}.sock`)
export const tcp = { docker28: `tcp://127.0.0.1:${2328 + shift}` }

/** The public images the registry stands in for; each is built from the one it names. */
export const bases = {
  'debian:bookworm-slim': undefined,
  'python:3.11-slim': 'debian:bookworm-slim',
  'node:22-slim': 'debian:bookworm-slim',
  'node:24-slim': 'debian:bookworm-slim',
  'debian:trixie-slim': undefined,
  'python:3.13-slim': 'debian:trixie-slim',
  'golang:1.27': 'debian:bookworm-slim',
}
/** made only when somebody names them, or all */
const asked = ['debian:trixie-slim', 'python:3.13-slim', 'golang:1.27']

/**
 * The parts and images that the words of a command line stand for.
 * @param {readonly string[]} words
 * @returns {string[]}
 */
export function expand(words) {
  const known = new Set(['registry', ...engines, ...Object.keys(bases)])
  const wanted = new Set(words.length > 0 ? words : ['registry', 'docker28', 'bases'])
  if (wanted.delete('all')) for (const name of known) wanted.add(name)
  if (wanted.delete('bases')) for (const name of Object.keys(bases)) if (!asked.includes(name)) wanted.add(name)
  const unknown = [...wanted].filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`no such part of the rig: ${unknown.join(', ')} (parts: ${[...known].join(', ')}, bases, all)`)
  return [...wanted]
}
