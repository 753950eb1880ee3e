import { BuildError, shown } from '../failure/error.ts'
import { badName, foldName, invalid, pathLimits } from './names.ts'

/** As many links as Linux follows in one path. */
const maxHops = 40

/**
 * Checks all links of a tree together: each must be relative and end inside, also when other links of the tree lie on
 * its way. A link to nothing is fine. Throws `link_outside`, and `invalid_path` for targets no file could have.
 */
export function checkLinks(links: ReadonlyMap<string, string>): void {
  const targets = new Map<string, string>()
  for (const [path, target] of links) {
    checkTarget(path, target)
    // folded: where case does not count, a way through `LIB` is a way through the link `lib`
    targets.set(foldName(path), target)
  }
  for (const [path, target] of links) follow(path, target, targets)
}

function checkTarget(path: string, target: string): void {
  if (/^[\\/]|^[A-Za-z]:/.test(target)) throw outside(path, target, 'is absolute')
  if (target === '') throw invalid(path, 'is a link to an empty name')
  if (Buffer.byteLength(target) > pathLimits.path) throw invalid(path, `is a link to a name longer than ${pathLimits.path} bytes`)
  for (const part of target.split('/')) {
    if (part === '' || part === '.' || part === '..') continue
    const why = badName(part)
    if (why !== undefined) throw invalid(target, `(target of the link "${shown(path)}") ${why}`)
  }
}

function follow(path: string, target: string, targets: ReadonlyMap<string, string>): void {
  const at = path.split('/').slice(0, -1)
  const todo = target.split('/').toReversed()
  for (let hops = 0; todo.length > 0;) {
    const part = todo.pop()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.pop() === undefined) throw outside(path, target, 'leads out of the source')
      continue
    }
    const next = targets.get(foldName([...at, part].join('/')))
    if (next === undefined) at.push(part)
    else if (++hops > maxHops) throw outside(path, target, 'leads through other links without end')
    else todo.push(...next.split('/').toReversed())
  }
}

function outside(path: string, target: string, why: string): BuildError {
  const data = { path: shown(path), target: shown(target) }
  return new BuildError('link_outside', `the link "${shown(path)}" to "${shown(target)}" ${why}`, { data })
}
