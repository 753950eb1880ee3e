import { BuildError, shown } from '../../failure/error.ts'
import { directoryOf } from '../../infer/files.ts'
import { joined } from '../paths.ts'
import type { Tree } from '../tree.ts'

/** A `go.mod` or `go.work`, line by line; its grammar has one directive on a line, or several in brackets. */
export interface GoManifest {
  readonly file: string
  /** the directory of the file below the unit, `.` at the top */
  readonly directory: string
  readonly directives: readonly { readonly verb: string; readonly words: readonly string[]; readonly line: number }[]
}

export interface GoModules {
  /** modules of the unit, the top one first */
  readonly modules: readonly GoManifest[]
  readonly work: GoManifest | undefined
}

/** The modules that a build in the unit sees: that of `go.mod` at the top, or those that `go.work` uses. Throws `invalid_manifest`. */
export function goModules(tree: Tree): GoModules {
  const work = tree.has('go.work') ? readManifest(tree, 'go.work') : undefined
  const used = work ? valuesOf(work, 'use').map(({ words }) => normal(words[0] ?? '.')) : []
  const directories = [...new Set(['.', ...used])].filter((path): path is string => path !== undefined)
  const modules = directories.map((path) => inDirectory(path, 'go.mod')).filter((path) => tree.has(path))
  return { modules: modules.map((path) => readManifest(tree, path)), work }
}

export function valuesOf({ directives }: GoManifest, verb: string): GoManifest['directives'] {
  return directives.filter((one) => one.verb === verb)
}

/** The last part of the module's path, without a version: what people call the program. */
export function baseName(manifest: GoManifest): string | undefined {
  const path = valuesOf(manifest, 'module')[0]?.words[0]
  return path
    ?.replace(/\/v\d+$/, '')
    .split('/')
    .at(-1)
}

export function inDirectory(directory: string, file: string): string {
  return directory === '.' ? file : `${directory}/${file}`
}

/** A relative path as one of the unit; undefined when it leaves the unit. */
export function normal(path: string): string | undefined {
  const found = path.startsWith('/') ? undefined : joined([], path)
  return found === '' ? '.' : found
}

function readManifest(tree: Tree, file: string): GoManifest {
  const directives: { verb: string; words: string[]; line: number }[] = []
  let verb: string | undefined
  for (const [at, text] of tree.manifest(file).split('\n').entries()) {
    const words = wordsOf(text)
    if (words.length === 0) continue
    if (verb !== undefined) {
      if (words[0] === ')') verb = undefined
      else directives.push({ verb, words, line: at + 1 })
    } else if (words[1] === '(') verb = words[0]!
    else if (/^[a-z]+$/.test(words[0]!)) directives.push({ verb: words[0]!, words: words.slice(1), line: at + 1 })
    else throw invalid(file, at + 1, words[0]!)
  }
  return { file, directory: directoryOf(file), directives }
}

function wordsOf(text: string): string[] {
  const comment = text.indexOf('//')
  const bare = comment === -1 ? text : text.slice(0, comment)
  return [...bare.matchAll(/"([^"]*)"|`([^`]*)`|([^\s"`]+)/g)].flatMap((match) => {
    const word = match[1] ?? match[2] ?? match[3]!
    // `require(` without a blank
    return match[3] !== undefined && word.length > 1 && word.endsWith('(') ? [word.slice(0, -1), '('] : [word]
  })
}

function invalid(file: string, line: number, word: string): BuildError {
  return new BuildError('invalid_manifest', `${shown(file)}:${line}: "${shown(word)}" is no directive of Go`, { data: { file, line } })
}
