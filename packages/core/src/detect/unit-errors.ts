import { BuildError, isBuildError, shown, type Json } from '../failure/error.ts'
import type { Candidate } from './detection.ts'
import type { Tree } from './tree.ts'
import { atSource } from './workspaces/places.ts'

/** Runs what names files as they lie in their tree; in its errors they are paths of the source, as `atSource` makes those of evidence. */
export function inUnit<T>(tree: Tree, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw isBuildError(error) ? errorAtSource(error, tree) : error
  }
}

/** An error of a unit with the paths of the source, in its message too. */
export function errorAtSource(error: BuildError, tree: Tree): BuildError {
  if (tree.unit === '.') return error
  const { file, places, candidates } = error.data
  const all = Array.isArray(places) ? (places as readonly { readonly file: string }[]) : []
  const files = [...new Set([file, ...all.map((one) => one.file)])].filter((one) => typeof one === 'string' && tree.has(one)) as string[]
  const message = files.reduce((text, one) => renamed(text, shown(one), shown(tree.inSource(one))), error.message)
  const at = (path: string): string => (tree.has(path) ? tree.inSource(path) : path)
  return new BuildError(error.code, message, {
    hint: error.hint,
    data: {
      ...error.data,
      ...(typeof file === 'string' && { file: at(file) }),
      ...(Array.isArray(places) && { places: all.map((one) => ({ ...one, file: at(one.file) })) }),
      ...(Array.isArray(candidates) && { candidates: atSource(candidates, tree) as Json }),
    },
    cause: error.cause,
  })
}

/** A path in a message is a word: `package.json:1`, not the end of another path. */
function renamed(text: string, path: string, to: string): string {
  const word = new RegExp(`(?<![^\\s"'(])${path.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?=$|[\\s:;,)"'])`, 'g')
  return text.replace(word, () => to)
}

/** The error for an `entrypoint` that is not there, with its path in the source. */
export function noEntrypoint(tree: Tree, path: string, is: string, candidates: readonly Candidate[]): BuildError {
  return new BuildError('entrypoint_not_found', `the entry point ${shown(tree.inSource(path))} is ${is}`, {
    data: { field: 'entrypoint', candidates: candidates as unknown as Json },
  })
}
