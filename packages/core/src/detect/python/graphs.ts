import { BuildError, shown } from '../../failure/error.ts'
import type { Arg } from '../../plan/plan.ts'
import type { DeclaredDependency, Evidence } from '../detection.ts'
import { readJson } from '../placed-json.ts'
import { tableAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import type { Command } from './command.ts'
import { lastName } from './facts.ts'
import type { PythonFrameworkName } from './framework-names.ts'
import { graphServer } from './written/graph-server.ts'
import { kindOf } from './kinds.ts'
import { modulePlace } from './module-place.ts'
import type { Program, Recognised } from './programs.ts'
import type { PythonFiles } from './scans.ts'

const path = 'kiln_graphs.py'
const framework: PythonFrameworkName = 'langgraph'
const port = 2024

/** `graph = StateGraph(...).compile()` in a file that does nothing with it: it is served by a small server of ours. */
export function graphOf(files: PythonFiles, file: string): Recognised | undefined {
  const module = files.module(file)
  const graph = module.assignments.findLast(
    ({ value, of }) => of === undefined && value.kind === 'call' && kindOf(files, file, value) === 'graph',
  )
  if (!graph || files.imported.has(file) || files.scan(file).mainGuard !== undefined) return undefined
  const used = module.calls.some(
    ({ of, call }) => of === undefined && /^(?:a?invoke|a?stream|run|print|exit|main)$/.test(lastName(call.callee)),
  )
  if (used) return undefined
  const name = graph.name === '_' ? framework : graph.name
  const argv: Command['argv'] = (place) => ['python', path, place.port, `${name}=${place.module}:${graph.name}`]
  return {
    command: { framework, port, argv, generated: [{ path, text: graphServer }] },
    line: graph.line,
    says: `${graph.name} is a compiled graph`,
  }
}

/** Row 2 of `detection.md` 2.3: the Python graphs of a langgraph.json. Throws `invalid_manifest` for one that cannot be read. */
export function langgraphJson(
  tree: Tree,
  files: PythonFiles,
  declared: readonly DeclaredDependency[],
): (Program & { readonly file: string }) | undefined {
  if (!tree.has('langgraph.json')) return undefined
  const placed = readJson(tree.manifest('langgraph.json'), 'langgraph.json', 'invalid_manifest')
  const found = Object.entries(tableAt(placed.value, 'graphs')).flatMap(([name, value]) => {
    const said = typeof value === 'string' ? value : tableAt(placed.value, 'graphs', name)['path']
    return typeof said === 'string' && !/\.[cm]?[jt]sx?:/.test(said)
      ? [target(tree, files, { name, said, line: placed.line(['graphs', name]) })]
      : []
  })
  const first = found[0]
  if (!first) return undefined
  const evidence: Evidence = {
    rule: 'python.start.langgraph',
    file: 'langgraph.json',
    line: first.line,
    says: `langgraph.json names the graph ${shown(first.name)}`,
  }
  const importRoot = found.map(({ root }) => root).find((root) => root !== '')
  const common = { framework, port, ...(importRoot === undefined ? {} : { importRoot }) }
  if (declared.some(bringsServer)) return { file: first.file, evidence, command: { ...common, argv: ({ port: at }) => apiServer(at) } }
  const words = found.map(({ name, module, object }) => `${name}=${module}:${object}`)
  return {
    file: first.file,
    evidence,
    command: { ...common, argv: (place) => ['python', path, place.port, ...words], generated: [{ path, text: graphServer }] },
  }
}

function bringsServer({ name, extras, group }: DeclaredDependency): boolean {
  return group === 'default' && (name === 'langgraph-api' || (name === 'langgraph-cli' && (extras ?? []).includes('inmem')))
}

function apiServer(at: Arg): readonly Arg[] {
  return ['python', '-m', 'langgraph_cli', 'dev', '--host', '0.0.0.0', '--port', at, '--no-browser', '--no-reload']
}

interface Target {
  readonly name: string
  readonly module: string
  readonly object: string
  readonly file: string
  readonly root: string
  readonly line: number
}

/** `./src/agent.py:graph`, or `pkg.agent:graph`. */
function target(tree: Tree, files: PythonFiles, { name, said, line }: { name: string; said: string; line: number }): Target {
  const [where = '', object = ''] = said.split(':')
  const file = where.endsWith('.py') ? where.replace(/^\.\//, '') : (files.resolve('langgraph.json', where, 0) ?? '')
  if (!tree.has(file) || !/^[A-Za-z_]\w*$/.test(object) || !/^[\w-]+$/.test(name))
    throw new BuildError(
      'invalid_manifest',
      `langgraph.json:${line}: the graph ${shown(name)} is ${shown(said)}, which is no object of a file of the source`,
      {
        data: { file: 'langgraph.json', line },
      },
    )
  const { module, root } = modulePlace(tree, files, file)
  return { name, module, object, file, root, line }
}
