import type { Evidence } from '../detection.ts'
import { byText, type Tree } from '../tree.ts'
import { exportedApp, mayServe, serving, startsFramework, worksAlone } from './exported.ts'
import type { NodeFiles } from './files.ts'

export interface NodeEntry {
  readonly file: string
  readonly evidence: Evidence
  readonly byName?: boolean
}

export type NodeChoice =
  | { readonly kind: 'one'; readonly entry: NodeEntry; readonly lost: readonly NodeEntry[] }
  | { readonly kind: 'several'; readonly entries: readonly NodeEntry[] }
  | { readonly kind: 'none' }

const names = ['server', 'main', 'app', 'index', 'start', 'bot', 'agent', 'run', 'api', 'worker']
const places = ['', 'src', 'app', 'server']

/** Rules 7 and 8 of `detection.md` 2.7: files that serve, then usual names, then the only file. */
export function chooseNodeEntry(tree: Tree, files: NodeFiles): NodeChoice {
  const likely = files.program.filter((file) => rank(file).place < places.length)
  const servers = likely.flatMap((file) => serves(tree, files, file))
  if (servers.length > 0) return pick(servers)
  const exporters = likely.flatMap((file) => entryFor(file, exportedApp(tree, files, file)))
  if (exporters.length > 0) return pick(exporters)
  const workers = likely.flatMap((file) => entryFor(file, workerOf(tree, files, file)))
  if (workers.length > 0) return pick(workers)
  const usual = likely.filter((file) => rank(file).name < names.length)
  if (usual.length > 0)
    return pick(
      usual.map((file) => ({ file, byName: true, evidence: { rule: 'node.start.name', file, says: 'a usual name for the program' } })),
    )
  const top = files.program.filter((file) => !file.includes('/'))
  const imported = new Set(top.flatMap((file) => files.reach(file).slice(1)))
  const roots = top.filter((file) => !imported.has(file))
  if (roots.length === 0) return { kind: 'none' }
  return pick(roots.map((file) => ({ file, byName: true, evidence: { rule: 'node.start.only', file, says: 'no other file imports it' } })))
}

function entryFor(file: string, evidence: Evidence | undefined): NodeEntry[] {
  return evidence === undefined ? [] : [{ file, evidence }]
}

/** Only a file that itself begins the work, not one that reaches it. */
function workerOf(tree: Tree, files: NodeFiles, file: string): Evidence | undefined {
  const found = worksAlone(tree, files, file)
  return found?.file === file ? { ...found, rule: 'node.start.worker' } : undefined
}

function serves(tree: Tree, files: NodeFiles, file: string): NodeEntry[] {
  const agent = startsFramework(tree, files, file)
  if (agent) return [{ file, evidence: agent.evidence }]
  if (!mayServe.test(tree.text(file) ?? '')) return []
  const call = files.scan(file).calls.find(({ callee }) => serving.test(callee))
  return call ? [{ file, evidence: { rule: 'node.start.listen', file, line: call.line, says: `${call.callee}(…)` } }] : []
}

function pick(entries: readonly NodeEntry[]): NodeChoice {
  const ordered = entries.toSorted((a, b) => compare(a.file, b.file))
  const [best, ...lost] = ordered
  if (!best) return { kind: 'none' }
  return lost.length === 0 || rank(best.file).name < names.length
    ? { kind: 'one', entry: best, lost }
    : { kind: 'several', entries: ordered }
}

function compare(a: string, b: string): number {
  const [one, other] = [rank(a), rank(b)]
  return (
    Number(one.name === names.length) - Number(other.name === names.length) ||
    one.place - other.place ||
    one.name - other.name ||
    byText(a, b)
  )
}

function rank(file: string): { place: number; name: number } {
  const parts = file.split('/')
  const place = places.indexOf(parts.slice(0, -1).join('/'))
  const name = names.indexOf(parts.at(-1)!.replace(/\.[^.]+$/, ''))
  return { place: place === -1 ? places.length : place, name: name === -1 ? names.length : name }
}
