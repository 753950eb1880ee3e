// `npm test`: set-up, then every check, then one closing line `N passed, N failed`. `--quick` is the part under a minute;
// `--faults` are the fault tests alone, with their full numbers.
// Runs on Node 20 (the set-up brings Node 24 for the rest).
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPython } from '../test/clients/find-python.mjs'
import { ensureRig, findEngine } from '../test/rig/rig.mjs'
import { setup } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
const quick = process.argv.includes('--quick')
const full = process.argv.includes('--faults')
const total = { passed: 0, failed: 0, skipped: 0 }
const scratch = mkdtempSync(join(tmpdir(), 'kiln-test-'))

try {
  setup()
  await (full ? faults() : main())
} catch (error) {
  say(`FAILED ${error.message}`)
  total.failed += 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
if (total.skipped > 0) say(`${total.skipped} skipped`)
say(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

async function main() {
  await Promise.all([
    check('lint', 'oxlint', ['--type-aware', 'packages', 'test', 'examples', 'benchmarks', 'scripts']),
    check('format', 'oxfmt', ['--check', 'packages', 'test', 'examples', 'benchmarks', 'scripts']),
    check('types', 'tsc', ['-p', 'tsconfig.json']),
    check('dead code', 'knip', ['--no-progress']),
  ])
  if (!quick) for (const name of readdirSync(join(root, 'packages')).sort()) await packageChecks(name)
  await suite('unit', {})
  if (quick) return
  await suite('slow', {})
  await suite('http', {})
  await suite('faults', {})
  const engine = await findEngine({ start: true, log: say })
  if ('missing' in engine) {
    say(`SKIPPED the suites that build images: ${engine.missing}`)
    total.skipped += 4
    return
  }
  say(`engine: ${engine.host} (${engine.origin})`)
  if (engine.origin === 'rig') await otherEngines()
  const env = { DOCKER_HOST: engine.host, KILN_TEST_ENGINE: engine.host, ...(engine.registry && { KILN_TEST_REGISTRY: engine.registry }) }
  await suite('engine', env)
  await suite('faults-engine', env)
  await clients(env)
  await suite('docs', env)
}

/** Kills, full disks, lost connections and so on, many of each: about 20 minutes. */
async function faults() {
  const numbers = { KILN_FAULTS: 'full', KILN_FAULTS_CUTS: '500' }
  await suite('unit', numbers, ['packages/server/test/native/cut-streams.test.ts'])
  await suite('faults', numbers)
  const engine = await findEngine({ start: true, log: say })
  if ('host' in engine) return suite('faults-engine', { ...numbers, DOCKER_HOST: engine.host, KILN_TEST_ENGINE: engine.host })
  say(`SKIPPED the faults of builders: ${engine.missing}`)
  total.skipped += 1
}

/** The vendors' own clients, from PyPI. */
async function clients(env) {
  const found = findPython()
  if ('python' in found) return suite('clients', env)
  say(`SKIPPED the suite of the vendors' clients: ${found.missing}`)
  total.skipped += 1
}

/** The rig has more than one: the oldest that is supported, and the other image store. */
async function otherEngines() {
  try {
    await ensureRig(['docker20', 'docker28c'], { log: say })
    total.passed += 1
    say('ok     engines 20.10 and 28 with the containerd store')
  } catch (error) {
    total.failed += 1
    say(`FAILED engines 20.10 and 28 with the containerd store\n${error.message}`)
  }
}

async function packageChecks(name) {
  const home = join(root, 'packages', name)
  await check(`publint ${name}`, 'publint', ['run', home, '--pack', 'npm', '--strict'])
  await check(`attw ${name}`, 'attw', ['--pack', home, '--profile', 'esm-only'])
}

async function check(title, program, args) {
  const { code, output } = await execute(join(bin, program), args, {})
  if (code === 0) total.passed += 1
  else total.failed += 1
  say(`${code === 0 ? 'ok    ' : 'FAILED'} ${title}${code === 0 ? '' : `\n${output.slice(-8000)}`}`)
}

async function suite(name, env, files = []) {
  const report = join(scratch, `${name}.json`)
  const args = [
    'run',
    ...files,
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--passWithNoTests',
  ]
  const { code, output } = await execute(join(bin, 'vitest'), args, env)
  const counts = readCounts(report)
  for (const line of output.split('\n').filter((one) => /^R\d+( \(\w+\))?: /.test(one))) say(`       ${line}`)
  total.passed += counts.passed
  total.failed += counts.failed + (code !== 0 && counts.failed === 0 ? 1 : 0)
  total.skipped += counts.skipped
  say(
    `${code === 0 ? 'ok    ' : 'FAILED'} ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped${code === 0 ? '' : `\n${reasons(output)}`}`,
  )
}

/** What has failed, without the list of what was run before it. */
function reasons(output) {
  const at = output.indexOf('\n⎯⎯⎯')
  return at < 0 ? output.slice(-20_000) : output.slice(at + 1).slice(0, 20_000)
}

function readCounts(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

function execute(program, args, env) {
  return new Promise((resolve) => {
    const path = `${bin}:${process.env.PATH}`
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env, PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const limit = setTimeout(() => child.kill('SIGKILL'), 45 * 60_000)
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ code: code ?? 1, output })
    })
  })
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
