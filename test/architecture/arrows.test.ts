import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const packages = resolve(import.meta.dirname, '../../packages')

/** Which packages of ours a package may import (design.md "The house"). */
const arrows: Record<string, readonly string[]> = {
  registry: [],
  core: ['registry'],
  'driver-docker': ['core', 'registry'],
  'store-sqlite': ['core'],
  testkit: ['core'],
  kiln: ['core', 'driver-docker', 'store-sqlite', 'registry'],
  server: ['core'],
  cli: ['core', 'kiln', 'server'],
}

/** Which folders of core's src a folder may import. `''` are the files that join the stages. */
const stages: Record<string, readonly string[]> = {
  failure: ['dockerfile', 'driver'],
  source: ['failure', 'threads'],
  detect: ['failure', 'source', 'infer', 'plan'],
  infer: ['failure', 'source', 'detect'],
  plan: ['failure', 'source', 'detect', 'infer'],
  findings: ['failure', 'detect', 'infer'],
  lock: ['failure', 'plan', 'driver'],
  dockerfile: ['failure', 'source', 'plan', 'lock'],
  context: ['failure', 'source', 'driver', 'threads'],
  key: ['failure', 'driver'],
  threads: ['failure', 'source', 'context', 'plan', 'findings'],
  driver: ['failure', 'detect', 'dockerfile', 'lock', 'store'],
  store: ['failure', 'driver', 'key'],
}

/** Of these arrows only types may go: the code flows the other way. */
const typesOnly: readonly string[] = [
  'failure -> dockerfile',
  'failure -> driver',
  'lock -> driver',
  'context -> driver',
  'key -> driver',
  'driver -> detect',
  'driver -> dockerfile',
  'driver -> lock',
  'infer -> detect',
  'findings -> detect',
  'detect -> plan',
  'store -> driver',
]

const pure = ['detect', 'infer', 'findings', 'plan', 'dockerfile', 'key', 'lock']
const fileDoors = ['source', 'context']

interface Import {
  readonly file: string
  readonly from: string
  readonly typeOnly: boolean
}

describe('arrows', () => {
  test('every package is in the table', () => expect(readdirSync(packages).sort()).toEqual(Object.keys(arrows).sort()))

  test.each(Object.keys(arrows))('%s imports only what it may', (name) => {
    const wrong = importsOf(name).filter(({ from }) => from.startsWith('@kiln/') && !arrows[name]!.includes(from.split('/')[1]!))
    expect(wrong).toEqual([])
  })

  test.each(Object.keys(arrows))('%s declares every package that it imports, and no others', (name) => {
    const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')) as {
      dependencies?: object
      peerDependencies?: object
    }
    const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
    const used = new Set(
      importsOf(name)
        .filter(({ from }) => !from.startsWith('.') && !from.startsWith('node:'))
        .map(({ from }) => packageOf(from)),
    )
    expect([...declared].sort()).toEqual([...used].sort())
  })

  test.each(Object.keys(stages))('core/%s imports only the stages before it', (stage) => {
    const wrong = stageImports(stage).filter(
      ({ to, typeOnly }) => to !== stage && (!stages[stage]!.includes(to) || (!typeOnly && typesOnly.includes(`${stage} -> ${to}`))),
    )
    expect(wrong).toEqual([])
  })

  test('core has no folder without a place in the table', () => {
    const folders = readdirSync(join(packages, 'core/src')).filter((name) => statSync(join(packages, 'core/src', name)).isDirectory())
    expect(folders.sort()).toEqual(Object.keys(stages).sort())
  })
})

describe('purity', () => {
  test.each(pure)('core/%s uses no node:*, no process, no clock', (stage) => {
    const wrong = filesBelow(join(packages, 'core/src', stage)).filter((file) =>
      /from 'node:|\bprocess\.|Date\.now\(|new Date\(\)|Math\.random\(/.test(withoutComments(file)),
    )
    expect(wrong.map(short)).toEqual([])
  })

  test('core reads files only in source and context', () => {
    const wrong = filesBelow(join(packages, 'core/src')).filter(
      (file) => /from 'node:fs/.test(code(file)) && !fileDoors.some((door) => short(file).startsWith(`core/src/${door}/`)),
    )
    expect(wrong.map(short)).toEqual([])
  })

  test('core and registry reach the network only through an injected fetch', () => {
    const wrong = ['core', 'registry']
      .flatMap((name) => filesBelow(join(packages, name, 'src')))
      .filter((file) => /from 'node:(http|https|net|tls|dgram|dns)/.test(code(file)))
    expect(wrong.map(short)).toEqual([])
  })

  test('no shell and no exec anywhere', () => {
    const wrong = Object.keys(arrows)
      .flatMap((name) => filesBelow(join(packages, name, 'src')))
      .filter((file) => /shell:\s*true|\bexec(Sync)?\b[^;]*from 'node:child_process'/.test(code(file)))
    expect(wrong.map(short)).toEqual([])
  })

  test('no folder with a name that says nothing', () => {
    const wrong = Object.keys(arrows)
      .flatMap((name) => filesBelow(join(packages, name, 'src')))
      .filter((file) => /\/(utils?|helpers?|common|lib|types|misc)\//.test(file))
    expect(wrong.map(short)).toEqual([])
  })
})

function stageImports(stage: string): (Import & { to: string })[] {
  const home = join(packages, 'core/src')
  return filesBelow(join(home, stage)).flatMap((file) =>
    importsIn(file)
      .filter(({ from }) => from.startsWith('.'))
      .map((one) => ({ ...one, to: relative(home, resolve(file, '..', one.from)).split('/')[0]! })),
  )
}

function importsOf(name: string): Import[] {
  return filesBelow(join(packages, name, 'src')).flatMap(importsIn)
}

function importsIn(file: string): Import[] {
  const text = code(file)
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?'([^']+)'/gms)]
  const dynamic = [...text.matchAll(/\bimport\('([^']+)'\)/g)]
  return [
    ...statements.map((match) => ({ file: short(file), from: match[2]!, typeOnly: match[1] !== undefined })),
    ...dynamic.map((match) => ({ file: short(file), from: match[1]!, typeOnly: false })),
  ]
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Without the texts of programs that are written into images: those run there, and nothing of ours does. */
function code(file: string): string {
  const text = readFileSync(file, 'utf8')
  return short(file).includes('/written/') ? text.replace(/String\.raw`[^`]*`/g, "''") : text
}

/** good enough for our own sources: no string of theirs holds the beginning of a comment */
function withoutComments(file: string): string {
  return code(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}

function short(file: string): string {
  return relative(packages, file)
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
