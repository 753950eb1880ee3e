import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a corpus looks like; the same shape and seed give the same bytes on any machine. */
export interface Shape {
  readonly name: string
  readonly files: number
  readonly bytes: number
  /** files per directory, on average */
  readonly perDirectory: number
  readonly seed: number
  /** further files of these sizes, in bytes */
  readonly large?: readonly number[]
}

/** node_modules-like: many small files, a few large ones. */
export const tree40k: Shape = { name: 'tree40k', files: 40_000, bytes: 500e6, perDirectory: 11, seed: 1 }
/** a small Python agent */
export const agent20: Shape = { name: 'agent20', files: 20, bytes: 96_000, perDirectory: 5, seed: 2 }
/** one file of 500 MiB beside 1,000 middling ones */
export const bigfile: Shape = { name: 'bigfile', files: 1_000, bytes: 128e6, perDirectory: 50, seed: 3, large: [500 * 2 ** 20] }

const home = process.env['KILN_CORPORA'] ?? join(dirname(fileURLToPath(import.meta.url)), 'corpora')

/** Makes the corpus unless it is there already, and returns its directory. */
export function corpus(shape: Shape): string {
  const root = join(home, shape.name)
  const stamp = `${root}.json`
  const facts = JSON.stringify(shape)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === facts) return root
  const fresh = `${root}.new`
  for (const path of [root, fresh]) rmSync(path, { recursive: true, force: true })
  generate(fresh, shape)
  renameSync(fresh, root)
  writeFileSync(stamp, facts)
  return root
}

function generate(root: string, shape: Shape): void {
  const random = seeded(shape.seed)
  const pool = bytesPool(random)
  const sizes = fileSizes(shape, random)
  const directories = directoryNames(Math.max(1, Math.round(shape.files / shape.perDirectory)), random)
  for (const directory of new Set(['.', ...directories])) mkdirSync(join(root, directory), { recursive: true })
  for (const [i, size] of sizes.entries()) {
    const path = join(root, directories[Math.floor(random() * directories.length)]!, `f${i}.${extension(random)}`)
    writeContent(path, size, pool, random)
    utimesSync(path, 1.7e9 + i, 1.7e9 + i)
  }
}

function writeContent(path: string, size: number, pool: Buffer, random: () => number): void {
  const parts: Buffer[] = []
  for (let left = size; left > 0;) {
    const start = Math.floor(random() * (pool.length / 2))
    const part = pool.subarray(start, start + Math.min(left, pool.length / 2))
    parts.push(part)
    left -= part.length
  }
  writeFileSync(path, Buffer.concat(parts))
}

/** Log-normal sizes scaled to the wanted sum: most files are a few kilobytes, some a few hundred. */
function fileSizes(shape: Shape, random: () => number): number[] {
  const raw = Array.from({ length: shape.files }, () => Math.exp(1.5 * normal(random)))
  const scale = shape.bytes / raw.reduce((sum, size) => sum + size, 0)
  return [...raw.map((size) => Math.round(size * scale)), ...(shape.large ?? [])]
}

function directoryNames(count: number, random: () => number): string[] {
  const names = ['src']
  while (names.length < count) {
    const parent = names[Math.floor(random() ** 3 * names.length)]!
    const deep = parent.split('/').length >= 7
    names.push(`${deep ? 'node_modules' : parent}/p${names.length}`)
  }
  return names
}

function bytesPool(random: () => number): Buffer {
  const words = new Uint32Array(2 ** 18)
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32
  return Buffer.from(words.buffer)
}

function extension(random: () => number): string {
  return ['js', 'ts', 'json', 'md', 'map', 'py'][Math.floor(random() * 6)]!
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** mulberry32: small, and the same everywhere */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** True when a corpus of this name lies there; for tests of the generator. */
export function present(shape: Shape): boolean {
  return existsSync(join(home, shape.name)) && statSync(join(home, shape.name)).isDirectory()
}
