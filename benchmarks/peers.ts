import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { directory, plan } from '@kiln/core'
import { applicationsOf } from './repos/applications.ts'
import { median, table } from './measure.ts'

// What Netlify's build-info and Vercel's fs-detectors find in our examples (and, with REPOS, in applications of real repositories), and how
// long they take, in one process after load. They look for a framework and its settings; ours is the whole plan. From npm on first use.

const cache = join(import.meta.dirname, '../node_modules/.cache/kiln-peers')
const peers = { '@netlify/build-info': '11.3.0', '@vercel/fs-detectors': '7.7.3', '@vercel/frameworks': '3.34.0' } as const
const rounds = Number(process.env['ROUNDS'] ?? 5)

type Find = (path: string) => Promise<string>

export default async function main(): Promise<void> {
  install()
  const finders: Readonly<Record<string, Find>> = { Kiln: kiln, 'build-info': await buildInfo(), 'fs-detectors': await fsDetectors() }
  const rows: (readonly string[])[] = []
  const times = new Map<string, number[]>(Object.keys(finders).map((name) => [name, []]))
  for (const { name, path } of projects()) {
    const cells: string[] = [name]
    for (const [who, find] of Object.entries(finders)) {
      const { found, ms } = await timed(find, path)
      times.get(who)!.push(ms)
      cells.push(found, ms.toFixed(1))
    }
    rows.push(cells)
  }
  console.log(table(['project', ...Object.keys(finders).flatMap((who) => [who, 'ms'])], rows))
  const found = (column: number): string => `${rows.filter((cells) => cells[column] !== '-').length} of ${rows.length}`
  console.log(
    table(
      ['', 'ms median', 'ms max', 'found something'],
      [...times].map(([who, all], i) => [who, median(all).toFixed(1), Math.max(...all).toFixed(0), found(1 + 2 * i)]),
    ),
  )
}

function install(): void {
  if (existsSync(join(cache, 'node_modules/@vercel/frameworks/package.json'))) return
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true, dependencies: peers }))
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: cache, stdio: 'inherit' })
}

interface Project {
  readonly name: string
  readonly path: string
}

function projects(): readonly Project[] {
  const home = join(import.meta.dirname, '../examples/agents')
  const own = readdirSync(home).flatMap((name) => (statSync(join(home, name)).isDirectory() ? [{ name, path: join(home, name) }] : []))
  const repos = process.env['REPOS']
  if (repos === undefined) return own
  const real = readdirSync(repos).flatMap((one) => applicationsOf(repos, one))
  // every tenth: hundreds of them say the same
  const some = real.filter((_, i) => i % 10 === 0)
  return [
    ...own,
    ...some.map(({ repository, path }) => ({ name: `${repository}/${path}`.slice(-60), path: join(repos, repository, path) })),
  ]
}

async function timed(find: Find, path: string): Promise<{ readonly found: string; readonly ms: number }> {
  const all: number[] = []
  let found = '-'
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now()
    found = await find(path).catch((error: unknown) => `(${(error as Error).name})`)
    all.push(performance.now() - begun)
  }
  return { found, ms: median(all) }
}

/** Opening the directory is part of it, as it is of theirs. */
const kiln: Find = async (path) => {
  await using source = await directory(path)
  const planned = plan(source)
  if (!planned.ok) return planned.candidates.length > 0 ? `${planned.candidates.length} candidates` : '-'
  return planned.plan.framework ?? planned.plan.language
}

async function buildInfo(): Promise<Find> {
  const netlify = await fromCache<{
    getBuildInfo(
      options: object,
    ): Promise<{ frameworks: readonly { id: string }[]; langRuntimes: readonly { id?: string; name: string }[] }>
  }>('@netlify/build-info/node')
  return async (path) => {
    const { frameworks, langRuntimes } = await netlify.getBuildInfo({ projectDir: path, rootDir: path })
    return frameworks[0]?.id ?? langRuntimes[0]?.name ?? '-'
  }
}

async function fsDetectors(): Promise<Find> {
  const vercel = await fromCache<{
    detectFramework(options: object): Promise<string | null>
    LocalFileSystemDetector: new (path: string) => object
  }>('@vercel/fs-detectors')
  const { frameworkList } = await fromCache<{ frameworkList: readonly object[] }>('@vercel/frameworks')
  return async (path) => {
    const found = await vercel.detectFramework({
      fs: new vercel.LocalFileSystemDetector(path),
      frameworkList,
      useExperimentalFrameworks: true,
    })
    return found ?? '-'
  }
}

/** Some are CommonJS. */
async function fromCache<T>(name: string): Promise<T> {
  const file = createRequire(join(cache, 'package.json')).resolve(name)
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: T }
  return { ...module.default, ...(module as T) }
}
