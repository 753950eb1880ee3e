import { readdirSync } from 'node:fs'
import { loadavg, cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// node --conditions=kiln-source benchmarks/run.ts [name ...]   runs the named benchmarks, or lists them.
// A benchmark is a file here whose default export (or `main`) is a function; it prints its tables and may answer false
// when a target was not met, which makes the run end with 1.

const here = dirname(fileURLToPath(import.meta.url))
const helpers = new Set(['run', 'corpus', 'measure'])

const known = readdirSync(here)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
  .filter((name) => !helpers.has(name))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => name !== 'all' && !known.includes(name))

if (asked.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no benchmark ${unknown.join(', ')}`)
  console.log(`benchmarks: ${known.join(', ')}; or all`)
  process.exitCode = unknown.length > 0 ? 2 : 0
} else {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0]!.toFixed(2)}`)
  for (const name of asked.includes('all') ? known : asked) if (!(await run(name))) process.exitCode = 1
}

async function run(name: string): Promise<boolean> {
  const module = (await import(pathToFileURL(join(here, `${name}.ts`)).href)) as { default?: unknown; main?: unknown }
  const main = module.default ?? module.main
  if (typeof main !== 'function') throw new TypeError(`benchmarks/${name}.ts exports no function`)
  console.log(`\n# ${name}`)
  return (await (main as () => unknown)()) !== false
}
