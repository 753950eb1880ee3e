import { shown } from '../../failure/error.ts'
import type { Source } from '../../source/source.ts'
import type { Notice } from '../detection.ts'
import { ofTheProgram } from '../tree.ts'
import { insideOf, isWithin, withoutInner } from './directories.ts'

export interface Linked {
  /** paths of the source */
  readonly paths: readonly string[]
  readonly notices: readonly Notice[]
}

/** as many links as Linux follows in one path */
const mostHops = 40
/** more is nothing that a person laid out */
const mostPaths = 50

/**
 * What links in the context of a unit lead to outside of it, and the links on the way: in the image they lead there too. Not what
 * holds the unit itself, which would bring all the others along.
 */
export function linkedPaths(source: Source, context: readonly string[], unit: string): Linked {
  let links = source.entries.flatMap(({ kind, path }) => (kind === 'link' && ofTheProgram(`${path}/`) ? [path] : []))
  const [found, notices] = [new Set<string>(), new Map<string, Notice>()]
  for (let before = -1; found.size > before && links.length > 0;) {
    before = found.size
    const all = [...context, ...found]
    const [same, inside] = [new Set(all), insideOf(all)]
    const seen = (path: string): boolean => same.has(path) || inside(path)
    // each is followed once, when it comes into sight
    const { now = [], later = [] } = Object.groupBy(links, (path) => (seen(path) ? 'now' : 'later'))
    links = later
    for (const link of now) {
      const to = followed(source, link)
      const outside = to.filter((path) => !seen(path))
      const holds = outside.some((path) => isWithin(path, unit))
      if (outside.length === 0) continue
      if (holds || found.size + outside.length > mostPaths) notices.set(link, notice(link, to[0]!, holds ? holding : tooMany))
      else for (const path of outside) found.add(path)
    }
  }
  return { paths: withoutInner([...found]), notices: [...notices.values()].slice(0, 5) }
}

const holding = 'which holds the unit itself: what else lies there is not in the image.'
const tooMany = 'and there are more links than are followed: it leads nowhere in the image.'

function notice(link: string, to: string, why: string): Notice {
  const message = `${shown(link)} is a link to ${shown(to)}, ${why} Name what the build needs in "context.add".`
  return { code: 'link_not_followed', message, file: link }
}

/** Where a link ends, then the links that lie on the way; nothing where it ends nowhere. */
function followed(source: Source, link: string): string[] {
  const at = link.split('/')
  const todo = [at.pop()!]
  const way: string[] = []
  while (todo.length > 0) {
    const part = todo.pop()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.pop() === undefined) return []
      continue
    }
    const entry = source.entry([...at, part].join('/'))
    if (entry === undefined) return []
    if (entry.kind !== 'link') at.push(part)
    else if (entry.target.startsWith('/') || way.push(entry.path) > mostHops) return []
    else todo.push(...entry.target.split('/').toReversed())
  }
  return [at.length === 0 ? '.' : at.join('/'), ...way.slice(1)]
}
