// The vendors' clients, as PyPI has them: one virtual environment each, kept in node_modules/.cache from one run to the next.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
// @ts-expect-error asked by `npm test` before anything is installed: plain JavaScript
import { findPython } from './find-python.mjs'
import { run } from './run.ts'

/** What is installed for a client; all versions, its dependencies' too, are pinned by the file of its name in constraints/. */
const packages = {
  pipecat: ['pipecat-ai-cli', 'pipecatcloud'],
  pcc: ['pipecatcloud'],
  scale: ['scale-gp-beta'],
  runagents: ['runagents'],
  'runagents-old': ['runagents'],
  requests: ['requests'],
  // no client: test/http
  schemathesis: ['schemathesis'],
} as const

export type Client = keyof typeof packages

const cache = join(import.meta.dirname, '../../node_modules/.cache/kiln-clients')

/** The directory of a client's programs, `python` among them. Throws with pip's last lines. */
export async function environment(client: Client): Promise<string> {
  const found = findPython() as { python: string } | { missing: string }
  if ('missing' in found) throw new Error(found.missing)
  const constraints = join(import.meta.dirname, 'constraints', `${client}.txt`)
  const home = join(
    cache,
    `${client}-${createHash('sha256').update(found.python).update(readFileSync(constraints)).digest('hex').slice(0, 12)}`,
  )
  if (!existsSync(join(home, 'complete'))) await install(client, found.python, constraints, home)
  return join(home, 'bin')
}

async function install(client: Client, python: string, constraints: string, home: string): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const ofBefore = readdirSync(cache).filter((name) => name.slice(0, -13) === client)
  for (const name of ofBefore) rmSync(join(cache, name), { recursive: true, force: true })
  await must(python, ['-m', 'venv', home])
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '3', '--timeout', '60']
  await must(join(home, 'bin/python'), ['-m', 'pip', 'install', ...quiet, '--only-binary', ':all:', '-c', constraints, ...packages[client]])
  writeFileSync(join(home, 'complete'), '')
}

async function must(program: string, args: readonly string[]): Promise<void> {
  // pip's own settings of this machine (index, certificates) count, as for every user
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const { code, out, err } = await run(program, args, { env, limit: 280_000 })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${(out + err).slice(-2000)}`)
}
