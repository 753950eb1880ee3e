import { shown } from '../../failure/error.ts'
import type { Evidence, Notice } from '../detection.ts'
import { tomlLines } from '../places.ts'
import { tableAt, textAt, valueAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { normalName } from './requirement.ts'
import type { PythonFiles } from './scans.ts'

/** A command of `[project.scripts]` whose function is in the source. */
export interface ProjectScript {
  readonly name: string
  readonly module: string
  /** dotted where it is an attribute of a class */
  readonly attribute: string
  readonly file: string
  /** the directory that must be on the import path; empty for the unit's own */
  readonly importRoot: string
  readonly evidence: Evidence
}

export interface ProjectScripts {
  readonly all: readonly ProjectScript[]
  /** the one that is meant: the only one, or one named like the project, `start` or `serve` */
  readonly chosen?: ProjectScript
  readonly notices: readonly Notice[]
}

/** Row 4 of `detection.md` 2.3: the commands that an installed project would have. */
export function projectScripts(tree: Tree, files: PythonFiles, pyproject: Table | undefined): ProjectScripts {
  const table = ['project.scripts', 'tool.poetry.scripts'].find((one) => Object.keys(tableAt(pyproject, ...one.split('.'))).length > 0)
  if (table === undefined) return { all: [], notices: [] }
  const said = Object.entries(tableAt(pyproject, ...table.split('.')))
  const lines = tomlLines(tree.manifest('pyproject.toml'), table)
  const read = said.map(([name, value]) => ({ name, ...readScript(files, { name, value, line: lines.get(name) }) }))
  const project = textAt(pyproject, 'project', 'name') ?? textAt(pyproject, 'tool', 'poetry', 'name') ?? ''
  const meant = said.length === 1 ? said[0]![0] : [project, 'start', 'serve'].map((name) => named(said, name)).find(Boolean)
  const chosen = read.find(({ name }) => name === meant)
  return {
    all: read.flatMap(({ script }) => (script ? [script] : [])),
    ...(chosen?.script ? { chosen: chosen.script } : {}),
    notices: chosen?.notice ? [chosen.notice] : [],
  }
}

/** The command without a shell and without the project being installed: what pip's own launcher does. */
export function scriptCommand({ module, attribute }: ProjectScript): readonly string[] {
  return ['python', '-c', `import sys; from ${module} import ${attribute.split('.')[0]!}; sys.exit(${attribute}())`]
}

function named(said: readonly (readonly [string, unknown])[], wanted: string): string | undefined {
  return said.find(([name]) => wanted !== '' && normalName(name) === normalName(wanted))?.[0]
}

/** of a reference that is looked at */
const longest = 500
const dotted = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/

function readScript(
  files: PythonFiles,
  { name, value, line }: { name: string; value: unknown; line: number | undefined },
): { script?: ProjectScript; notice?: Notice } {
  const text = typeof value === 'string' ? value : (textAt(value, 'reference') ?? textAt(value, 'callable') ?? '')
  if (valueAt(value, 'type') === 'file') return {}
  const place = { file: 'pyproject.toml', ...(line === undefined ? {} : { line }) }
  const [module = '', attribute = ''] = text
    .slice(0, longest)
    .trim()
    .replace(/\[[^\]]*\]$/, '')
    .split(':')
    .map((part) => part.trim())
  const valid = dotted.test(module) && dotted.test(attribute)
  const file = valid ? files.resolve('pyproject.toml', module, 0) : undefined
  if (file === undefined) {
    const why = valid ? `${module} is no file of the source` : 'that is no module:function'
    return { notice: { code: 'script_not_used', message: `The script ${shown(name)} is ${shown(text)}, but ${shown(why)}.`, ...place } }
  }
  const importRoot = file.startsWith('src/') && module.split('.')[0] !== 'src' ? 'src' : ''
  const evidence = { rule: 'python.start.project-script', ...place, says: `the script ${shown(name)} is ${shown(text)}` }
  return { script: { name, module, attribute, file, importRoot, evidence } }
}
