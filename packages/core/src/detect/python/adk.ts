import { parent } from '../paths.ts'
import type { Tree } from '../tree.ts'
import type { Arg } from '../../plan/plan.ts'
import type { Command, CommandPlace } from './command.ts'
import { kindOf } from './kinds.ts'
import type { Program } from './programs.ts'
import type { PythonFiles } from './scans.ts'

interface Agent {
  readonly file: string
  readonly line: number
}

/** Row 3 of `detection.md` 2.3: packages with a `root_agent` of Google's ADK, which no other file of the program uses. */
export function adkOf(tree: Tree, files: PythonFiles): (Program & { readonly file: string; readonly lost: readonly Agent[] }) | undefined {
  const agents = files.program
    .filter((file) => /(?:^|\/)(?:agent|__init__)\.py$/.test(file) && files.mentions(file, /\broot_agent\b/))
    .flatMap((file) => agentOf(files, file))
  const free = [...agents.filter(({ file }) => !usedElsewhere(files, file)), ...written(tree)]
  const first = free[0]
  if (!first) return undefined
  const at = parent(parent(first.file))
  const evidence = {
    rule: 'python.start.google-adk',
    file: first.file,
    line: first.line,
    says: `${first.file.endsWith('.yaml') ? first.file : 'root_agent'} is an agent of Google ADK`,
  }
  return {
    file: first.file,
    evidence,
    command: commandOf(tree, first.file, at),
    lost: free.slice(1).filter(({ file }) => parent(parent(file)) !== at),
  }
}

function agentOf(files: PythonFiles, file: string): Agent[] {
  const found = files
    .module(file)
    .assignments.find(({ name, value, of }) => name === 'root_agent' && of === undefined && kindOf(files, file, value) === 'adk')
  return found ? [{ file, line: found.line }] : []
}

/** Agents without code, each in a directory of its own. */
function written(tree: Tree): Agent[] {
  return tree.files.filter((file) => file.endsWith('/root_agent.yaml')).map((file) => ({ file, line: 1 }))
}

/** An application that runs the agent by itself is the program then. */
function usedElsewhere(files: PythonFiles, agent: string): boolean {
  const home = parent(agent)
  return files.program.some(
    (file) =>
      parent(file) !== home &&
      files.module(file).imports.some(({ module, level, name }) => {
        const names = [module, ...(name === undefined ? [] : [[module, name].filter(Boolean).join('.')])]
        return names.some((one) => [agent, `${home}/__init__.py`].includes(files.resolve(file, one, level) ?? ''))
      }),
  )
}

// `adk api_server` serves every agent directory below the one it is given. An agent at the top of the source is in /app
// itself, so a directory of ours points to it.
function commandOf(tree: Tree, file: string, directory: string): Command {
  const common = { framework: 'google-adk', port: 8000 } as const
  if (file.includes('/')) return { ...common, argv: ({ port }) => server(port, directory === '' ? '.' : directory) }
  const module = file === '__init__.py' ? 'app' : 'app.agent'
  const text = `# Written by Kiln: the agent of this source, where ADK looks for agents.\nimport sys\n\nsys.path.insert(0, "/")\nfrom ${module} import root_agent  # noqa: E402, F401\n`
  const home = tree.files.some((path) => path.startsWith('kiln_agents/')) ? 'kiln_adk_agents' : 'kiln_agents'
  return {
    ...common,
    argv: (place: CommandPlace) => server(place.port, home),
    generated: [
      { path: `${home}/root_agent/agent.py`, text },
      { path: `${home}/root_agent/__init__.py`, text: 'from . import agent  # noqa: F401\n' },
    ],
  }
}

function server(port: Arg, directory: string): readonly Arg[] {
  return ['python', '-m', 'google.adk.cli', 'api_server', '--host', '0.0.0.0', '--port', port, directory]
}
