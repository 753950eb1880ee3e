import { directoryOf, joinPath } from '../../infer/files.ts'
import type { Evidence } from '../detection.ts'
import type { Tree } from '../tree.ts'

/** A directory of the source that the code of a back end names. */
export interface Served {
  readonly evidence: Evidence
  /** of the source: where the code looks for the files */
  readonly at: string
}

/** more files than this are no back end of one program */
const mostFiles = 500

/**
 * The place in the code that names the directory a front end writes (`out`, of the source): a text, or texts put together on one line,
 * which are that directory or lie in it, seen from where the program starts, from the file, or from a directory above it.
 */
export function servedPlace(tree: Tree, files: readonly string[], out: string): Served | undefined {
  const last = out.slice(out.lastIndexOf('/') + 1)
  for (const file of files.slice(0, mostFiles)) {
    const text = tree.text(file) ?? ''
    if (!text.includes(last)) continue
    const bases = basesOf(tree, file)
    const found = lineWith(text, last, (path) => bases.some((base) => isAt(base, path, out)))
    if (!found) continue
    const evidence = {
      rule: 'frontend.served',
      file: tree.inSource(file),
      line: found.line,
      says: `${found.path} is where the front end is served from`,
    }
    return { at: out, evidence }
  }
  return undefined
}

const serving =
  /(?:StaticFiles\(\s*(?:directory\s*=\s*)?|send_from_directory\(\s*|static_folder\s*=\s*|express\.static\(\s*|serveStatic\(\s*\{\s*root:\s*)["'`]([^"'`\n]{1,200})["'`]/g

/** A directory that the code serves and that the source does not have: what the front end's build is for. */
export function servedDirectory(tree: Tree, files: readonly string[], has: (directory: string) => boolean): Served | undefined {
  for (const file of files.slice(0, mostFiles)) {
    const text = tree.text(file) ?? ''
    for (const match of text.matchAll(serving)) {
      const base = match[0].startsWith('static_folder') ? directoryOf(tree.inSource(file)) : tree.unit
      const at = seenFrom(base, match[1]!)
      if (at === undefined || at === '.' || has(at)) continue
      const line = text.slice(0, match.index).split('\n').length
      const says = `${match[1]!} is served, and is not in the source`
      return { at, evidence: { rule: 'frontend.served.directory', file: tree.inSource(file), line, says } }
    }
  }
  return undefined
}

/** Where a relative path of a file may begin: where the program starts, or any directory above the file. */
function basesOf(tree: Tree, file: string): string[] {
  const found = [tree.unit]
  const path = tree.inSource(file)
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) found.push(path.slice(0, at))
  return [...new Set([...found, '.'])]
}

function isAt(base: string, path: string, out: string): boolean {
  const at = seenFrom(base, path)
  return at !== undefined && (at === out || at.startsWith(`${out}/`))
}

/** A path as code writes it, also below the image's /app, as one of the source. */
function seenFrom(base: string, path: string): string | undefined {
  const relative = path.replace(/^\/app\//, '')
  return relative.startsWith('/') ? undefined : joinPath(base, relative)
}

const literals = /(["'`])([^"'`\\\n]{1,200})\1/g

/** Each line's texts, and runs of them joined: `BASE / "frontend" / "dist"`. */
function lineWith(
  text: string,
  last: string,
  fits: (path: string) => boolean,
): { readonly line: number; readonly path: string } | undefined {
  for (const [at, line] of text.split('\n').entries()) {
    if (!line.includes(last) || line.length > 1000 || /^\s*(?:#|\/\/|\*)/.test(line)) continue
    const texts = [...line.matchAll(literals)].map((match) => match[2]!).slice(0, 6)
    for (let from = 0; from < texts.length; from++)
      for (let to = from + 1; to <= texts.length; to++) {
        const path = texts.slice(from, to).join('/')
        if (fits(path)) return { line: at + 1, path }
      }
  }
  return undefined
}
