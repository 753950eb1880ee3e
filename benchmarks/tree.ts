import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashTree, hashTreeFast } from '../packages/core/src/context/hash.ts'
import { directory } from '../packages/core/src/source/directory.ts'
import { agent20, bigfile, corpus, tree40k } from './corpus.ts'
import { claimsTable, measure, samplesTable, type Variant } from './measure.ts'

const asGiven = { ignore: 'as-given' } as const

/** How long it takes to know a directory: tree hash, digest, unchanged; beside C programs and git in the same run. */
export default async function main(): Promise<boolean> {
  const work = mkdtempSync(join(tmpdir(), 'kiln-bench-'))
  try {
    return await compare(work)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function compare(work: string): Promise<boolean> {
  const [tree, agent, big] = [tree40k, agent20, bigfile].map(corpus) as [string, string, string]
  const fast = program(work, 'XXH3', ['-march=native'], 'xxhsum')
  const trusted = program(work, 'SHA-256', ['-DSHA256', '-lcrypto'], 'sha256sum')
  const index = { directory: join(work, 'index') }
  const git = gitStatus(tree)
  await hashTree(await directory(tree, asGiven), { index })
  const large = await measure([
    { name: 'ours, tree hash', run: async () => hashTreeFast(await directory(tree, { ...asGiven, hash: { of: 'xxh64' } })) },
    { name: 'ours, tree hash, listed first', run: async () => hashTreeFast(await directory(tree, asGiven)) },
    peer(fast, tree),
    { name: 'ours, tree hash and digest', run: async () => hashTree(await directory(tree, { ...asGiven, hash: {} })) },
    { name: 'ours, both, listed first', run: async () => hashTree(await directory(tree, asGiven)) },
    peer(trusted, tree),
    { name: 'ours, unchanged', run: async () => hashTree(await directory(tree, { ...asGiven, hash: { index } }), { index }) },
    git,
    { name: 'ours, listing only', run: () => directory(tree, asGiven) },
  ])
  const small = await measure([{ name: 'ours, 20 files', run: async () => hashTree(await directory(agent, asGiven)) }], 301)
  const wide = await measure([
    { name: 'ours, 500 MiB file and 1,000 more', run: async () => hashTree(await directory(big, asGiven)) },
    { ...peer(trusted, big), name: `${trusted.name}, same` },
  ])
  console.log(`40,000 files, 500 MB, page cache warm\n\n${samplesTable([...large.values(), ...small.values(), ...wide.values()])}\n`)
  const of = (name: string): never => (large.get(name) ?? small.get(name) ?? wide.get(name)) as never
  const { text, met } = claimsTable([
    { what: 'tree hash', ours: of('ours, tree hash'), peer: of(fast.name), target: 2 },
    { what: 'tree hash and digest', ours: of('ours, tree hash and digest'), peer: of(trusted.name), target: 2 },
    { what: 'unchanged', ours: of('ours, unchanged'), peer: of(git.name), target: 2 },
    { what: '20 files', ours: of('ours, 20 files'), target: 1 },
  ])
  console.log(text)
  return met
}

interface Program {
  readonly name: string
  readonly argv: readonly string[]
}

/** The C program compiled with these flags; else `find | xargs -P2` with a tool that hashes. */
function program(work: string, name: string, flags: readonly string[], tool: string): Program {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'c', 'tree.c')
  const out = join(work, name)
  const libraries = flags.filter((flag) => flag.startsWith('-l'))
  const options = flags.filter((flag) => !flag.startsWith('-l'))
  try {
    execFileSync('cc', ['-O2', ...options, source, '-o', out, '-pthread', ...libraries], { stdio: 'pipe' })
    return { name: `C, 2 threads, ${name}${flags.includes('-lcrypto') ? ' (OpenSSL)' : ' (AVX where there is)'}`, argv: [out] }
  } catch {
    return { name: `find | xargs -P2 ${tool}`, argv: ['sh', '-c', `find "$0" -type f -print0 | xargs -0 -P2 -n 500 ${tool} > /dev/null`] }
  }
}

function peer({ name, argv }: Program, root: string): Variant {
  return { name, run: () => execFileSync(argv[0]!, [...argv.slice(1), root], { stdio: ['ignore', 'pipe', 'inherit'] }) }
}

/** git status of the corpus, its repository kept beside it. */
function gitStatus(root: string): Variant {
  const repository = `${root}.git`
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-c', 'core.compression=0', '-c', 'gc.auto=0', `--git-dir=${repository}`, `--work-tree=${root}`, ...args], {
      cwd: root,
    })
  if (!existsSync(join(repository, 'index'))) {
    mkdirSync(repository, { recursive: true })
    git('init', '-q')
    git('add', '-A')
    git('-c', 'user.name=k', '-c', 'user.email=k@k', 'commit', '-q', '-m', 'corpus')
  }
  git('status', '--porcelain')
  return { name: 'git status', run: () => git('status', '--porcelain') }
}
