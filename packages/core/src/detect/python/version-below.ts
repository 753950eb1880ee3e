import { validRange } from '@renovatebot/pep440/lib/specifier.js'
import { isBuildError, shown } from '../../failure/error.ts'
import type { Evidence } from '../detection.ts'
import { tomlLine } from '../places.ts'
import { readToml, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import type { PythonFiles } from './scans.ts'

/**
 * The Python that directories ask for whose modules the files at the top take (by `sys.path`, or as packages): a start beside a
 * project, which says nothing of its own. A manifest that cannot be read is that project's matter.
 */
export function versionsBelow(tree: Tree, files: PythonFiles): readonly { readonly text: string; readonly evidence: Evidence }[] {
  const directories = tree.files.flatMap((path) => /^([^/]+)\/pyproject\.toml$/.exec(path)?.[1] ?? [])
  if (directories.length === 0) return []
  const taken = importedAtTop(tree, files)
  const giving = directoriesWith(tree, taken)
  return directories
    .filter((directory) => taken.has(directory) || giving.has(directory))
    .flatMap((directory) => asked(tree, `${directory}/pyproject.toml`))
}

/** The directories at the top in which one of the modules lies: all files are looked at once, however many names there are. */
function directoriesWith(tree: Tree, names: ReadonlySet<string>): ReadonlySet<string> {
  const found = tree.files.flatMap((path) => {
    const [, directory, name] = /^([^/]+)\/([^/]+?)(?:\/__init__)?\.py$/.exec(path) ?? []
    return directory !== undefined && name !== undefined && names.has(name) ? [directory] : []
  })
  return new Set(found)
}

/** Names that no file at the top has. */
function importedAtTop(tree: Tree, files: PythonFiles): ReadonlySet<string> {
  const top = files.program.filter((path) => !path.includes('/'))
  const names = top.flatMap((path) => files.scan(path).imports.flatMap(({ module, level }) => (level > 0 ? [] : [module.split('.')[0]!])))
  return new Set(names.filter((name) => !tree.has(`${name}.py`)))
}

function asked(tree: Tree, file: string): readonly { readonly text: string; readonly evidence: Evidence }[] {
  const text = textAt(readable(tree, file), 'project', 'requires-python')
  if (text === undefined || !validRange(text)) return []
  const line = tomlLine(tree.manifest(file), 'project', 'requires-python')
  const says = `modules are taken from ${shown(file.split('/')[0]!)}, whose requires-python is ${shown(text)}`
  return [{ text, evidence: { rule: 'python.version.below', file, ...(line ? { line } : {}), says } }]
}

function readable(tree: Tree, file: string): Table | undefined {
  try {
    return readToml(tree, file)
  } catch (error) {
    if (isBuildError(error)) return undefined
    throw error
  }
}
