import { shown } from '../failure/error.ts'
import { chooseFiles, readText, type Readable } from './files.ts'
import { Gathered } from './gather.ts'
import type { Import, Inference, InferOptions } from './infer.ts'
import { lexJavaScript } from './javascript-lexer.ts'
import { localSpecifiers, type IsLocal } from './javascript-local.ts'
import { knownNpm } from './known.ts'
import { nodeBuiltins } from './tables/node-builtins.ts'

/**
 * The packages that the JavaScript and TypeScript files of a unit import. Read are the given files, or all of the unit that belong
 * to the program: not tests, declarations, configuration of tools, minified and built files. Only names on the shipped list become
 * dependencies, in any version (`*`, offline nothing better is known); type-only imports are listed and not installed.
 */
export function inferJavaScript(source: Readable, options: InferOptions): Inference {
  const { files, notices } = javascriptFiles(source, options)
  const isLocal = localSpecifiers(source)
  const gathered = new Gathered('npm', knownNpm)
  const foreign: Import[] = []
  for (const file of files)
    for (const import_ of lexJavaScript(readText(source, file), file)) {
      const found = readSpecifier(import_, isLocal)
      if (found === undefined) continue
      foreign.push(import_)
      if (!import_.optional) settle(found, import_, gathered)
    }
  return { dependencies: gathered.dependencies(), unresolved: gathered.unresolved(), imports: foreign, notices }
}

function javascriptFiles(source: Readable, { unit, files }: InferOptions): ReturnType<typeof chooseFiles> {
  if (files !== undefined) {
    const given = new Set(files)
    return chooseFiles(source, '.', (path) => given.has(path))
  }
  return chooseFiles(source, unit, (path) => /\.[cm]?[jt]sx?$/.test(path) && !beside.test(`/${path}`))
}

/** Files of a project that are no part of its program, and copies of other people's. */
const beside =
  /\/(?:node_modules|dist|build|vendor|coverage|tests?|__tests__|__mocks__|docs?|examples?|benchmarks?|\.[^/]+)\/|\.(?:test|spec|config|stories|min|bundle|d)\.[cm]?[jt]sx?$|\.d\.[^/]*\.ts$/

interface Specifier {
  readonly name: string
  readonly version: string
}

/** The package a specifier names; undefined for the source's own, the runtime's, and what is no package at all. */
function readSpecifier({ module, file }: Import, isLocal: IsLocal): Specifier | undefined {
  const npm = /^npm:\/?(@[^/@]+\/[^/@]+|[^/@]+)(?:@([^/]+))?/.exec(module)
  if (npm) return isName(npm[1]!) ? { name: npm[1]!, version: npm[2] ?? '*' } : undefined
  // node:, bun:, jsr:, https: and the like are the runtime's or not npm's; ?query and !loader are a bundler's.
  const bare = module.replace(/[?!].*$/, '')
  if (/^[a-z][a-z0-9+.-]*:/i.test(bare) || nodeBuiltins.has(bare) || bare === 'bun') return undefined
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(bare)?.[0]
  const valid = name !== undefined && isName(name) ? name : undefined
  return isLocal(bare, valid, file) || valid === undefined ? undefined : { name: valid, version: '*' }
}

/** A name that npm allows today; aliases such as `@/x`, `~/x` and `$lib` are none. */
function isName(name: string): boolean {
  return name.length <= 214 && /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9-][a-z0-9._-]*$/.test(name)
}

function settle({ name, version }: Specifier, import_: Import, gathered: Gathered): void {
  if (knownNpm().has(name))
    gathered.need({ name, extras: [], specifier: version, grade: 'C', rule: 'javascript.import.name' }, import_, import_.module)
  else gathered.miss(name, import_, `${shown(name)} is no known package`, true)
}
