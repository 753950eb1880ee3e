// Builds every package: tsup makes the JavaScript, tsc the declarations, in the order of the arrows between packages.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const order = ['registry', 'core', 'driver-docker', 'store-sqlite', 'testkit', 'kiln', 'server', 'cli']

for (const name of order) rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true })
for (const name of order) await javascript(name)
for (const name of order) declarations(name)

async function javascript(name) {
  const home = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  await build({
    entry: entries(home, manifest),
    outDir: join(home, 'dist'),
    format: 'esm',
    target: 'node22',
    platform: 'node',
    external: packages.flatMap((dependency) => [dependency, new RegExp(`^${dependency}/`)]),
    splitting: true,
    sourcemap: true,
    silent: true,
    dts: false,
    config: false,
  })
}

/** What the package exports from source, and the worker thread's file where there is one. */
function entries(home, manifest) {
  const exported = Object.values(manifest.exports)
    .map((target) => target['kiln-source'])
    .filter((file) => file !== undefined)
  const worker = existsSync(join(home, 'src/threads/worker.ts')) ? { worker: join(home, 'src/threads/worker.ts') } : {}
  return { ...Object.fromEntries(exported.map((file) => [file.slice('./src/'.length, -'.ts'.length), join(home, file)])), ...worker }
}

function declarations(name) {
  const done = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join('packages', name, 'tsconfig.build.json')],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
    },
  )
  if (done.status !== 0) process.exit(1)
}
