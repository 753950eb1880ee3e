import type { Evidence } from '../detection.ts'
import type { Tree } from '../tree.ts'

/** The directory whose files are served. */
export interface StaticRoot {
  readonly directory: string
  readonly evidence: Evidence
  /** other paths are answered with index.html */
  readonly fallback: boolean
  /** something beside a page says that files are served */
  readonly said: boolean
}

const places = ['.', 'public', 'www', 'html', 'htdocs', 'site', 'dist', 'build', '_site', 'docs', 'src']

/** What a Staticfile says, else the first usual place with an index.html. */
export function staticRoot(tree: Tree): StaticRoot | undefined {
  const told = fromStaticfile(tree)
  if (told) return told
  const directory = places.find((place) => tree.has(indexOf(place)))
  if (directory === undefined) return undefined
  const file = indexOf(directory)
  return { directory, evidence: { rule: 'static.root.index', file, line: 1, says: `${file} is there` }, fallback: false, said: false }
}

function indexOf(directory: string): string {
  return directory === '.' ? 'index.html' : `${directory}/index.html`
}

/** `root: DIRECTORY` and `pushstate: enabled`, as Cloud Foundry reads them. */
function fromStaticfile(tree: Tree): StaticRoot | undefined {
  const text = tree.text('Staticfile')
  if (text === undefined) return undefined
  const lines = text
    .slice(0, 20_000)
    .split(/\r?\n/)
    .map((line) => /^\s{0,20}([a-z_]+)\s*:\s*["']?([^"'#]*?)["']?\s*(?:#.*)?$/i.exec(line.slice(0, 300)))
  const at = lines.findIndex((line) => line?.[1] === 'root')
  const named = lines[at]?.[2]?.replace(/^\.?\//, '').replace(/\/+$/, '') ?? ''
  const directory = named === '' || named.split('/').includes('..') ? '.' : named
  const fallback = lines.some((line) => line?.[1] === 'pushstate' && /^(?:enabled|true)$/i.test(line[2] ?? ''))
  const says = at === -1 ? 'Staticfile is there' : `root is ${directory}`
  return { directory, evidence: { rule: 'static.root.staticfile', file: 'Staticfile', line: at + 1 || 1, says }, fallback, said: true }
}

/** Every script of the source belongs to a page: it lies beside pages, or a page loads it. */
export function scriptsOfPages(tree: Tree, directory: string): boolean {
  const scripts = tree.files.filter((path) => /\.[cm]?[jt]sx?$/.test(path))
  if (scripts.length === 0) return true
  const below = directory === '.' ? '' : `${directory}/`
  if (directory !== '.') return scripts.every((path) => path.startsWith(below))
  const loaded = new Set(
    tree.files
      .filter((path) => /\.html?$/.test(path))
      .slice(0, 50)
      .flatMap((page) => loads(tree.text(page) ?? '', page)),
  )
  return scripts.every((path) => loaded.has(path) || path.includes('/'))
}

/** The files that a page's `src` names, as paths of the unit. */
function loads(text: string, page: string): string[] {
  const home = page.split('/').slice(0, -1)
  return [...text.slice(0, 200_000).matchAll(/\ssrc\s*=\s*["']?([^"'\s>?#]{1,300})/gi)].flatMap(([, src]) => {
    if (src === undefined || /^[a-z]+:|^\/\//i.test(src)) return []
    const parts = src.startsWith('/') ? [] : [...home]
    for (const part of src.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    return [parts.join('/')]
  })
}
