import { BuildError } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { conda } from '../managers/conda.ts'
import { pixi, pixiManifest } from '../managers/pixi.ts'
import { pdm } from '../managers/pdm.ts'
import { pipFromFile, pipFromProject, pipFromText, requirementFiles } from '../managers/pip.ts'
import { pipFromPoetry, poetry } from '../managers/poetry.ts'
import { pipenvLocked, pipenvUnlocked } from '../managers/pipenv.ts'
import { pylock } from '../managers/pylock.ts'
import { pipFromSetup } from '../managers/setup.ts'
import { uv } from '../managers/uv.ts'
import { environmentFiles } from './environment-yml.ts'
import { pixiLockFile } from './pixi-lock.ts'
import { readRequirements } from './requirements-file.ts'
import { listAt, readToml, tableAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

interface Option {
  readonly manager: Install['manager']
  readonly file: string
  readonly locks: boolean
  read(): Install
}

export interface ManagerChoice {
  readonly install?: Install
  readonly others: readonly { readonly value: string; readonly evidence: Evidence }[]
  readonly notices: readonly Notice[]
}

/** Which files say what to install, `detection.md` 2.2; none when nothing is declared. */
export function chooseManager(tree: Tree, pyproject: Table | undefined, config: Config): ManagerChoice {
  if (config.requirements !== undefined) return fromText(tree, config.requirements)
  const all = options(tree, pyproject ?? {}, config.groups?.add ?? [])
  const wanted = config.packageManager === undefined ? all : all.filter(({ manager }) => manager === config.packageManager)
  if (wanted.length === 0) return nothing(config)
  const [first, ...rest] = wanted
  const install = first!.read()
  const lost = all.filter((option) => option !== first)
  return {
    install,
    others: lost.map(({ manager, file }) => ({
      value: manager,
      evidence: { rule: 'python.manager.other', file, says: `${file} is there too` },
    })),
    notices: [...install.notices, ...lockNotices(first!, [...rest, ...lost]), ...unpinned(first!, install)],
  }
}

function fromText(tree: Tree, text: string): ManagerChoice {
  const install = pipFromText(tree, text)
  return { install, others: [], notices: install.notices }
}

function options(tree: Tree, pyproject: Table, groups: readonly string[]): Option[] {
  return [...locks(tree, pyproject, groups), ...lists(tree), ...declarations(tree, pyproject)]
}

function locks(tree: Tree, pyproject: Table, groups: readonly string[]): Option[] {
  const lock = (manager: Option['manager'], file: string, read: () => Install): Option => ({ manager, file, locks: true, read })
  const all = [
    lock('uv', 'uv.lock', () => uv(tree, pyproject)),
    lock('poetry', 'poetry.lock', () => poetry(tree, pyproject, groups)),
    lock('pdm', 'pdm.lock', () => pdm(tree, pyproject, groups)),
    lock('pip', 'pylock.toml', () => pylock(tree, pyproject)),
    lock('pipenv', 'Pipfile.lock', () => pipenvLocked(tree, groups)),
  ]
  // the first three fix the versions of a pyproject.toml, and say nothing without it
  const alone = new Set(['pylock.toml', 'Pipfile.lock'])
  return all.filter(({ file }) => tree.has(file) && (alone.has(file) || tree.has('pyproject.toml')))
}

function lists(tree: Tree): Option[] {
  const loose = (manager: Option['manager'], file: string, read: () => Install): Option => ({ manager, file, locks: false, read })
  const environment = environmentFiles.find((path) => tree.has(path))
  const manifest = pixiManifest(tree)
  const pixiFile = manifest && (tree.has(pixiLockFile) ? pixiLockFile : manifest.file)
  return [
    ...(tree.has('Pipfile') && !tree.has('Pipfile.lock') && Object.keys(tableAt(readToml(tree, 'Pipfile'), 'packages')).length > 0
      ? [loose('pipenv', 'Pipfile', () => pipenvUnlocked(tree))]
      : []),
    ...requirementFiles
      .filter((path) => tree.has(path) && asksForSomething(tree, path))
      .map((file) => loose('pip', file, () => pipFromFile(tree, file))),
    ...(manifest && pixiFile
      ? [{ manager: 'pixi' as const, file: pixiFile, locks: pixiFile === pixiLockFile, read: () => pixi(tree, manifest) }]
      : []),
    ...(environment === undefined ? [] : [loose('conda', environment, () => conda(tree))]),
  ]
}

function declarations(tree: Tree, pyproject: Table): Option[] {
  const loose = (file: string, read: () => Install): Option => ({ manager: 'pip', file, locks: false, read })
  if (listAt(pyproject, 'project', 'dependencies').length > 0) return [loose('pyproject.toml', () => pipFromProject(tree, pyproject))]
  if (Object.keys(tableAt(pyproject, 'tool', 'poetry', 'dependencies')).some((name) => name !== 'python'))
    return [loose('pyproject.toml', () => pipFromPoetry(tree, pyproject))]
  const setup = tree.has('setup.py') || tree.has('setup.cfg') ? pipFromSetup(tree) : undefined
  return setup ? [loose(setup.evidence.file ?? 'setup.py', () => setup)] : []
}

// An empty requirements file declares as little as none.
function asksForSomething(tree: Tree, path: string): boolean {
  return readRequirements(tree, path).lines.length > 0
}

function nothing(config: Config): ManagerChoice {
  if (config.packageManager !== undefined && config.packageManager !== 'pip')
    throw new BuildError('invalid_config', `"packageManager" is ${config.packageManager}, but the source has no lock of it`, {
      data: { field: 'packageManager' },
    })
  return { others: [], notices: [] }
}

function lockNotices(first: Option, rest: readonly Option[]): Notice[] {
  const other = rest.find((option) => option.locks && option.file !== first.file)
  if (!other || !first.locks) return []
  const message = `${first.file} and ${other.file} are both there; ${first.manager} is used. Remove the one that is stale.`
  return [{ code: 'several_locks', message, file: other.file, fix: { packageManager: other.manager } }]
}

function unpinned(first: Option, install: Install): Notice[] {
  if (first.locks || first.manager !== 'pip' || !requirementFiles.includes(first.file)) return []
  const loose = install.dependencies.find(
    ({ specifier, evidence }) =>
      evidence.rule === 'python.dependency.requirements' && !/^===?[^*]+$/.test(specifier) && !specifier.startsWith('@'),
  )
  if (!loose) return []
  const message = `${first.file} does not fix all versions (${loose.name}), so the same source may install others later. \`pip freeze\` gives them.`
  const { line } = loose.evidence
  return [{ code: 'no_lock', message, file: first.file, ...(line === undefined ? {} : { line }) }]
}
