// What `.dockerignore` leaves of a tree: Kiln's answer beside that of the real builder. Each case is a named context of
// one build, and BuildKit applies the .dockerignore of each by itself; nothing is run, the copied tree comes back as a tar.
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archive, files } from '@kiln/core'
// @ts-expect-error the rig runs before anything is installed: plain JavaScript
import { findEngine } from '../rig/lib/find.mjs'
// @ts-expect-error as above
import { dir } from '../rig/lib/parts.mjs'

const rigDir = dir as string

const run = promisify(execFile)

interface Case {
  readonly rules: string
  readonly paths: readonly string[]
}

const tree = [
  'README.md',
  'a.md',
  'a/b',
  'a/c.md',
  'a/b.txt/x',
  'docs/README.md',
  'docs/a/b/c.md',
  'src/a.py',
  'src/lib/a.py',
  'src/lib/b.py',
]
const deep = [
  'x/y/z/a',
  'x/y/z/b.log',
  'x/y/b.log',
  'x/b.log',
  'b.log',
  'lib/x/y',
  'lib/z',
  '.env',
  'src/.env',
  'foo',
  'xfoo',
  'B.md',
  '[a]',
  'a b/c',
]

const famous: readonly string[] = [
  '*.md',
  '*.md\n!README.md',
  '!README.md\n*.md',
  '**/*.md',
  '*/*.md',
  '**/*.md\n!docs/README.md',
  '*\n!src',
  '*\n!src/lib/a.py',
  '*\n!src\nsrc/lib',
  '**\n!src/**',
  '**\n!**/*.md',
  'src\n!src/lib',
  'src/*\n!src/lib',
  'x\n!**/b.log',
  'x/**\n!x/y',
  '**/y\n!x/y/z/a',
  '**/lib/**',
  '**/z',
  '**foo',
  'x/**/b.log',
  '/a.md',
  'a.md/',
  './src/../a',
  '!..\n/../b.log',
  '  *.md  ',
  '\ufeff*.md\n# a.md\n #foo',
  '[A-Z]*.md',
  '[^A]*',
  '\\[a\\]',
  'a b',
  '?oo',
  '*/b\n!a',
  '.env\n!.env',
  'lib\n!lib/z\nlib/z',
  '*\r\n!foo\r\n',
]

describe('rules as the real builder applies them', () => {
  let buildx: Buildx
  beforeAll(async () => {
    buildx = await findBuildx()
  })
  afterAll(() => buildx?.close())

  test('the famous ones', async () => {
    const cases = famous.map((rules) => ({ rules, paths: [...tree, ...deep] }))
    expect(await differences(buildx, cases)).toEqual([])
  })

  test('generated trees and rules', async () => {
    const cases = fc.sample(generated, { numRuns: 110, seed: Number(process.env['KILN_TEST_SEED'] ?? 20261122) })
    expect(await differences(buildx, cases)).toEqual([])
  })

  test("of the main context, and the Dockerfile's own file wins", async () => {
    const named = {
      '.dockerignore': 'foo\n',
      'Dockerfile.dockerignore': '*.md\n',
      Dockerfile: 'FROM scratch\nCOPY . /in/\n',
      foo: '',
      'a.md': '',
    }
    const context = await buildx.directory(named)
    const built = await buildx.tar(context, ['--file', join(context, 'Dockerfile')])
    await using theirs = await archive(built)
    const source = await files(named, { dockerfile: 'Dockerfile' })
    expect(paths(source).map((each) => `in/${each}`)).toEqual(paths(theirs).slice(1))
    expect(paths(source)).not.toContain('a.md')
    expect(paths(source)).toContain('foo')
  })
})

const part = fc.constantFrom('a', 'b', 'ab', 'lib', 'src', 'x.md', 'b.log', '.a', 'é', 'a b')
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
const piece = fc.oneof(
  { weight: 4, arbitrary: part },
  { weight: 3, arbitrary: fc.constantFrom('*', '**', '?', '*.md', '*b', 'a*', '[ab]', '[^a]', '.', '..', '**a', 'l?b') },
)
const rule = fc.record({
  not: fc.boolean(),
  pieces: fc.array(piece, { minLength: 1, maxLength: 4 }),
  around: fc.constantFrom('', '', '', '/', './'),
})
const generated: fc.Arbitrary<Case> = fc.record({
  rules: fc
    .array(rule, { minLength: 1, maxLength: 5 })
    .map((rules) => rules.map(({ not, pieces, around }) => `${not ? '!' : ''}${around}${pieces.join('/')}`).join('\n')),
  paths: fc.uniqueArray(path, { minLength: 4, maxLength: 16 }).map(withoutClashes),
})

/** Leaves out what would be a file and a directory at once. */
function withoutClashes(all: readonly string[]): string[] {
  return all.filter((one) => !all.some((other) => other.startsWith(`${one}/`)))
}

/** The cases where Kiln keeps other files than the builder. */
async function differences(buildx: Buildx, cases: readonly Case[]): Promise<readonly object[]> {
  const theirs = await buildx.contexts(cases)
  const differing: object[] = []
  for (const [at, { rules, paths: all }] of cases.entries()) {
    const map = new Map([...all.map((each) => [each, ''] as const), ['.dockerignore', rules] as const])
    const ours = paths(await files(map))
    if (JSON.stringify(ours) !== JSON.stringify(theirs[at])) differing.push({ rules, all, ours, theirs: theirs[at] })
  }
  return differing
}

function paths(source: { readonly entries: readonly { readonly path: string }[] }): string[] {
  return source.entries.map((entry) => entry.path)
}

interface Buildx {
  directory(files: Readonly<Record<string, string>>): Promise<string>
  tar(context: string, args: readonly string[]): Promise<Uint8Array>
  contexts(cases: readonly Case[]): Promise<string[][]>
  close(): Promise<void>
}

async function findBuildx(): Promise<Buildx> {
  const engine = (await findEngine({ start: false })) as { readonly host: string } | { readonly missing: string }
  if ('missing' in engine) throw new Error(engine.missing)
  const ofRig = join(rigDir, 'engine28/usr/bin/docker')
  const docker = (await access(ofRig).then(
    () => true,
    () => false,
  ))
    ? ofRig
    : 'docker'
  const env = { ...process.env, DOCKER_HOST: engine.host, ...(docker === ofRig ? { DOCKER_CONFIG: join(rigDir, 'cli') } : {}) }
  const root = await mkdtemp(join(tmpdir(), 'kiln-dockerignore-'))
  let count = 0
  const directory = async (named: Readonly<Record<string, string>>): Promise<string> => {
    const context = join(root, String(count++))
    await mkdir(context)
    for (const [name, text] of Object.entries(named)) {
      await mkdir(dirname(join(context, name)), { recursive: true })
      await writeFile(join(context, name), text)
    }
    return context
  }
  const tar = async (context: string, args: readonly string[]): Promise<Uint8Array> => {
    const options = { env, encoding: 'buffer', maxBuffer: 2 ** 26, timeout: 240_000 } as const
    return (await run(docker, ['buildx', 'build', '--progress', 'quiet', '--output', 'type=tar,dest=-', ...args, context], options)).stdout
  }
  const contexts = async (cases: readonly Case[]): Promise<string[][]> => {
    const at = await Promise.all(
      cases.map(async ({ rules, paths: all }) =>
        directory({ ...Object.fromEntries(all.map((each) => [each, ''])), '.dockerignore': rules }),
      ),
    )
    const main = await directory({ Dockerfile: ['FROM scratch', ...at.map((_, i) => `COPY --from=c${i} / /c${i}/`)].join('\n') })
    const built = await tar(
      main,
      at.flatMap((each, i) => ['--build-context', `c${i}=${each}`]),
    )
    await using source = await archive(built)
    const found = paths(source)
    return at.map((_, i) => found.filter((each) => each.startsWith(`c${i}/`)).map((each) => each.slice(`c${i}/`.length)))
  }
  return { directory, tar, contexts, close: () => rm(root, { recursive: true, force: true }) }
}
