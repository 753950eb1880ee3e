// Writes a list of what the JavaScript projects of a directory import, and what they declare: facts for `npm run bench -- infer`.
//   node --conditions=kiln-source packages/core/tables/freeze-javascript.ts DIRECTORY > benchmarks/infer/javascript-NAME.txt
// A project is a directory with a package.json that declares packages to run; files of other such directories below it are not its own.
// Left out: what leads into the source. One line each, of all its files together:
//   declared, dev, lock: names. i: imported, t: for its types, o: in a try. c FILE: a tool's file, its imports and the names in it.
//   s: named by a style sheet. has: ts, jsx, node (names its globals or modules), page, and paths that tell a framework.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { readText, type Readable } from '../src/infer/files.ts'
import { scriptBlocks, styleBlocks } from '../src/infer/javascript-blocks.ts'
import { isBundle, javascriptFiles } from '../src/infer/javascript-files.ts'
import { readProgram, type Specifier } from '../src/infer/javascript-lexer.ts'
import { localSpecifiers } from '../src/infer/javascript-local.ts'
import { readSpecifier } from '../src/infer/javascript-specifier.ts'
import { readStyles } from '../src/infer/javascript-styles.ts'
import { knownNpm } from '../src/infer/known.ts'

const root = process.argv[2]!
const manifests = globSync('**/package.json', { cwd: root, exclude: ['**/node_modules/**'] }).sort()
const homes = new Set(manifests.map(dirname))
const files = globSync('**/*', { cwd: root, exclude: ['**/node_modules/**'] }).filter((path) => statSync(join(root, path)).isFile())
const manifestFile = /(?:^|\/)(?:package(?:-lock)?\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/
process.stdout.write(`${manifests.flatMap(freeze).join('\n\n')}\n`)

function freeze(manifest: string): string[] {
  const home = dirname(manifest)
  const json = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as Record<string, Record<string, string>>
  const run = Object.entries(json['dependencies'] ?? {}).filter(([, version]) => !/^(?:workspace:|file:|link:|\*$)/.test(version))
  if (run.length === 0) return []
  const dev = Object.keys({
    ...json['devDependencies'],
    ...json['peerDependencies'],
    ...json['optionalDependencies'],
    ...json['dependencies'],
  })
  const declared = run.map(([name]) => name)
  const facts = factsOf(sourceOf(home))
  const locked = lockOf(home)
  // of a lock's hundreds of names only those that inference can give
  const used = locked?.filter((name) => knownNpm().has(name) && !declared.includes(name) && !dev.includes(name))
  return [
    [
      `# ${home}`,
      `declared ${declared.sort().join(' ')}`,
      ...line(
        'dev',
        dev.filter((name) => !declared.includes(name)),
      ),
      ...(used === undefined ? [] : [`lock ${used.join(' ')}`]),
      ...facts,
    ].join('\n'),
  ]
}

function ownerOf(path: string): string | undefined {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (homes.has(at)) return at
    if (at === '.') return undefined
  }
}

/** The project without its manifest and lock. */
function sourceOf(home: string): Readable {
  const own = files.filter((path) => ownerOf(path) === home && !manifestFile.test(path)).map((path) => relative(home, path))
  const bytes = new Map(own.map((path) => [path, readFileSync(join(root, home, path))]))
  const entries = [...bytes].map(([path, { length }]) => ({ kind: 'file' as const, path, executable: false, size: length }))
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), read: (path) => bytes.get(path)! }
}

function factsOf(source: Readable): string[] {
  const { program, config, styles } = javascriptFiles(source, { unit: '.', version: '24' })
  const resolve = localSpecifiers(source)
  const [value, types, guarded, has, sheets] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ]
  const foreign = (all: readonly Specifier[], file: string): Specifier[] =>
    all.filter(({ module, kind }) => {
      const asked = readSpecifier(module)
      return (
        kind !== 'mock' &&
        kind !== 'prefix' &&
        !/[\s"'\\]/.test(module) &&
        resolve(module, asked?.kind === 'package' ? asked.name : undefined, file) === undefined &&
        asked !== undefined
      )
    })
  for (const file of program) {
    const text = readText(source, file)
    if (isBundle(text)) continue
    for (const block of scriptBlocks(text, file)) {
      const { specifiers, elements } = readProgram(block.text, block.as)
      if (/\.[cm]?tsx?$/.test(block.as) && block.as !== 'astro.ts') has.add('ts')
      if (elements && !/\.(?:vue|svelte|astro|mdx)$/.test(file)) has.add('jsx')
      if (/process\.|Buffer\./.test(block.text)) has.add('node')
      for (const one of foreign(specifiers, file)) (one.typeOnly ? types : one.guarded ? guarded : value).add(one.module)
      for (const [, name] of block.text.slice(0, 3000).matchAll(/@jsxImportSource\s+([@\w./-]+)/g)) has.add(`source:${name}`)
    }
    const kind = /\.(vue|svelte|astro)$/.exec(file)?.[1]
    if (kind !== undefined) has.add(`x.${kind}`)
    if (kind !== undefined) for (const block of styleBlocks(text)) readStyles(block.text).forEach(({ module }) => sheets.add(module))
  }
  for (const file of styles) {
    const text = readText(source, file)
    if (/\.(?:scss|sass|less)$/.test(file)) has.add(`x.${file.endsWith('less') ? 'less' : 'scss'}`)
    for (const { module } of readStyles(text))
      if (!/\s/.test(module)) sheets.add(module === 'tailwindcss' && /@tailwind\s/.test(text) ? '@tailwind' : module)
  }
  for (const { path } of source.entries)
    if (
      /^(?:index\.html|public\/index\.html|prisma\/schema\.prisma|angular\.json|nest-cli\.json|(?:src\/)?app\/(?:layout|page)\.[jt]sx?)$/.test(
        path,
      )
    )
      has.add(path)
  const tools = config.map((file) => {
    const text = readText(source, file)
    const imports = /\.[cm]?[jt]sx?$/.test(file) ? foreign(readProgram(text, file).specifiers, file) : []
    const named = /postcss|eslintrc|babel/.test(file)
      ? [...text.matchAll(/["']((?:plugin:)?@?[\w./-]{2,60})["']|\b([a-z]\w{2,30})\s*:/g)].map(([, string, key]) => `"${string ?? key!}`)
      : []
    return `c ${[file, ...new Set([...imports.map(({ module, typeOnly }) => (typeOnly ? `?${module}` : module)), ...named])].join(' ')}`
  })
  const tsconfigs = source.entries.filter(({ path }) => /^[tj]sconfig\.json$/.test(path)).map(({ path }) => readText(source, path))
  for (const text of tsconfigs) {
    const jsx = /"jsxImportSource"\s*:\s*"([^"]+)"/.exec(text)?.[1]
    if (jsx !== undefined) has.add(`source:${jsx}`)
    for (const name of /"types"\s*:\s*\[([^\]]*)\]/.exec(text)?.[1]?.matchAll(/"([^"]+)"/g) ?? []) has.add(`types:${name[1]!}`)
  }
  return [...line('i', value), ...line('t', types), ...line('o', guarded), ...line('s', sheets), ...tools, ...line('has', has)]
}

function line(word: string, names: Iterable<string>): string[] {
  const all = [...new Set(names)].sort()
  return all.length === 0 ? [] : [`${word} ${all.join(' ')}`]
}

/** Names in the nearest lock that is this project's: of its own directory, or one above that lists it. */
function lockOf(home: string): string[] | undefined {
  for (let at = home; ; at = dirname(at)) {
    const names = readLock(at, relative(at, home))
    if (names !== undefined) return [...new Set(names)].sort()
    if (at === '.') return undefined
  }
}

function readLock(at: string, importer: string): Iterable<string> | undefined {
  const text = (file: string): string | undefined =>
    existsSync(join(root, at, file)) ? readFileSync(join(root, at, file), 'utf8') : undefined
  const pnpm = text('pnpm-lock.yaml')
  if (pnpm !== undefined && (importer === '' || pnpm.includes(`\n  ${importer}:\n`)))
    return [...pnpm.matchAll(/^ {2}['/]?\/?((?:@[^@/\s']+\/)?[^@/\s':]+)[@/][^\s]*:/gm)].map(([, name]) => name!)
  const npm = text('package-lock.json')
  if (npm !== undefined) {
    const lock = JSON.parse(npm) as { packages?: object; dependencies?: object }
    return Object.keys(lock.packages ?? lock.dependencies ?? {}).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13))
  }
  const yarn = text('yarn.lock')
  return yarn === undefined ? undefined : [...yarn.matchAll(/^"?((?:@[^@/\s"]+\/)?[^@\s"]+)@/gm)].map(([, name]) => name!)
}
