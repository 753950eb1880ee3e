// Everything a fresh clone needs, safe to run again: dependencies by pnpm, then the packages' JavaScript and declarations.
// Plain JavaScript without dependencies: it runs on the machine's own Node (20 or newer), before Node 24 is installed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const pnpm = 'pnpm@12.21.0'
const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const node24 = join(root, 'node_modules', '.bin', 'node')

/** Installs and builds what has changed since the last time. Throws with one line that says what failed. */
export function setup(say = (line) => process.stderr.write(`${line}\n`)) {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 20) throw new Error(`Kiln needs Node 20 or newer to set itself up; this is ${process.versions.node}.`)
  once('install', ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...manifests()], say, () => {
    say('setup: installing dependencies (about 20 s the first time)')
    execute('npx', [
      '--yes',
      pnpm,
      'install',
      existsSync(join(root, 'pnpm-lock.yaml')) ? '--frozen-lockfile' : '--no-frozen-lockfile',
      '--reporter=silent',
    ])
  })
  once('build', ['scripts/build.mjs', 'tsconfig.base.json', 'pnpm-lock.yaml', ...sources()], say, () => {
    say('setup: building the packages')
    execute(node24, ['scripts/build.mjs'])
  })
}

function once(name, inputs, say, work) {
  const stamp = join(root, 'node_modules', '.kiln', name)
  const now = fingerprint(inputs)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now && existsSync(node24)) return
  work()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, fingerprint(inputs))
}

function fingerprint(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0${existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''}\0`)
  return hash.digest('hex')
}

function manifests() {
  return readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'package.json'))
}

function sources() {
  return readdirSync(join(root, 'packages')).flatMap((name) => [
    join('packages', name, 'package.json'),
    ...walk(join('packages', name, 'src')),
  ])
}

function walk(directory) {
  if (!existsSync(join(root, directory))) return []
  return readdirSync(join(root, directory))
    .sort()
    .flatMap((name) => (statSync(join(root, directory, name)).isDirectory() ? walk(join(directory, name)) : [join(directory, name)]))
}

function execute(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], timeout: 600_000 })
  if (done.status !== 0)
    throw new Error(`setup: \`${[command, ...args].join(' ')}\` failed (${done.error?.message ?? `exit code ${done.status}`}).`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    setup()
    process.stderr.write('setup: ready; `npx kiln --help` shows the command\n')
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
