import { BuildError, isBuildError, shown } from '../failure/error.ts'
import type { Config } from '../plan/config.ts'
import type { Candidate, Evidence, Finding, Notice } from './detection.ts'
import { entryFinding, frameworkFinding, portFinding, startFinding, type Found } from './overridden.ts'
import type { Project } from './project.ts'
import { readToml } from './toml.ts'
import type { Tree } from './tree.ts'
import { noEntrypoint } from './unit-errors.ts'
import { chooseEntry, entryOf, type Beginnings, type Choice, type Entry } from './python/entries.ts'
import { pythonFrameworks } from './python/framework-names.ts'
import { chooseManager, type ManagerChoice } from './python/manager.ts'
import { projectScripts, scriptCommand } from './python/project-scripts.ts'
import { pythonFiles, type PythonFiles } from './python/scans.ts'
import { scriptBlock, withScriptBlock } from './python/script-block.ts'
import { portOf } from './python/port.ts'
import { procfileOf } from './python/procfile.ts'
import { refuseDotted, selfStartNotices, startOf } from './python/start.ts'
import { pythonVersion, versionNotices } from './python/version.ts'

/** The Python project of a unit; undefined when it is none. Throws the codes of `Planned` that name a place. */
export function detectPython(tree: Tree, config: Config): Project | undefined {
  const signal = pythonSignal(tree, config)
  if (!signal) return undefined
  const pyproject = readToml(tree, 'pyproject.toml')
  const files = pythonFiles(tree)
  const declaredVersion = pythonVersion(tree, pyproject, config.runtime?.version, { files })
  const declaredPackages = chooseManager(tree, pyproject, config)
  const scripts = projectScripts(tree, files, pyproject)
  const from = { tree, files, scripts, procfile: procfileOf(tree, files), ...packagesIn(declaredPackages.install), ...wanted(config) }
  const begin = beginning(from, config)
  const { entry, port } = begin
  const block = entry && scriptBlock(tree, entry.file)
  const manager = withScriptBlock(tree, declaredPackages, block)
  const version = block ? pythonVersion(tree, pyproject, config.runtime?.version, { block, files }) : declaredVersion
  const start = entry && startOf(tree, files, entry, port.value)
  if (entry && start && config.start === undefined) refuseDotted(files, entry, start)
  return {
    language: { value: 'python', evidence: signal, lost: [], override: 'language' },
    runtime: { name: 'python', version: version.version },
    ...frameworkFinding(config, frameworkOf(entry)),
    ...(manager.install ? { install: manager.install } : {}),
    otherManagers: manager.others,
    ...(entry && entry.file !== '' ? { entrypoint: entryFinding(entry.file, entry.evidence, begin.lost) } : {}),
    start: startFinding(config, start && entry && { value: start.argv, evidence: entry.evidence }),
    port,
    ...(start?.server && config.start === undefined ? { server: start.server } : {}),
    ...(start?.build && config.start === undefined ? { build: start.build } : {}),
    ...(start?.generated && config.start === undefined ? { generated: start.generated } : {}),
    groups: [],
    env: {
      PYTHONUNBUFFERED: '1',
      ...(start?.importRoot === undefined ? {} : { PYTHONPATH: `/app/${start.importRoot}` }),
      ...(config.start === undefined ? start?.env : {}),
    },
    notices: [...versionNotices(tree, version), ...manager.notices, ...begin.notices, ...scripts.notices],
    strength: config.start !== undefined || config.entrypoint !== undefined || (entry && !entry.byName) ? 'strong' : 'weak',
  }
}

function packagesIn(install: ManagerChoice['install']): Pick<Beginnings, 'declared' | 'locked'> {
  return { declared: install?.dependencies ?? [], ...(install?.locked ? { locked: install.locked } : {}) }
}

/** One of another language decides nothing here. */
function wanted({ framework }: Config): Pick<Beginnings, 'framework'> {
  return pythonFrameworks.some((known) => known === framework) ? { framework: framework! } : {}
}

const manifests = [
  'pyproject.toml',
  'requirements.txt',
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'pylock.toml',
  'Pipfile',
  'Pipfile.lock',
  'setup.py',
  'setup.cfg',
  'environment.yml',
  'environment.yaml',
  '.python-version',
]

function pythonSignal(tree: Tree, config: Config): Evidence | undefined {
  if (config.language !== undefined && config.language !== 'python') return undefined
  if (config.language === 'python') return { rule: 'config.language', says: 'the configuration says so' }
  if (config.entrypoint !== undefined && !config.entrypoint.endsWith('.py')) return undefined
  const manifest = manifests.find((path) => tree.has(path))
  if (manifest !== undefined) return { rule: 'python.manifest', file: manifest, says: `${manifest} is there` }
  const file = tree.files.find((path) => path.endsWith('.py'))
  return file === undefined ? undefined : { rule: 'python.file', file, says: `${file} is Python` }
}

interface Beginning {
  readonly entry?: Entry
  readonly lost: readonly Entry[]
  readonly port: Finding<number | null>
  readonly notices: readonly Notice[]
}

function beginning(from: Beginnings, config: Config): Beginning {
  const { tree, files, procfile } = from
  const { entry, lost } = entryAndLost(from, config)
  const named = entry
    ? portOf(tree, files, entry)
    : { value: 8080, evidence: { rule: 'port.default', says: 'nothing in the code names a port' }, lost: [] }
  const notices = entry && !entry.app ? selfStartNotices(files, entry.file) : []
  const fromFile = config.entrypoint === undefined ? procfile.notices : []
  return {
    ...(entry ? { entry } : {}),
    lost,
    port: portFinding(config, { value: named.value, evidence: named.evidence }, named.lost),
    notices: [...fromFile, ...notices, ...(entry?.django?.notices ?? []), ...choiceNotices(entry, lost)],
  }
}

function entryAndLost(from: Beginnings, config: Config): { entry?: Entry; lost: readonly Entry[] } {
  const { tree, files } = from
  if (config.entrypoint !== undefined) return { entry: given(tree, files, config.entrypoint), lost: [] }
  const choice = config.start === undefined ? chooseEntry(from) : orNone(() => chooseEntry(from))
  if (choice.kind === 'one') return choice
  if (config.start !== undefined) return { lost: [] }
  if (choice.kind === 'none')
    throw new BuildError('nothing_detected', 'this is Python, but no file of it can be started', { data: { candidates: [] } })
  const candidates = choice.entries.map((entry) => candidate(tree, entry))
  throw new BuildError(
    'several_candidates',
    `several Python files may be the program: ${choice.entries
      .map((entry) => shown(titleOf(entry)))
      .join(', ')
      .slice(0, 300)}`,
    {
      data: { candidates: candidates as never },
    },
  )
}

/** With a start that is given, what cannot be started by itself is no error. */
function orNone(choose: () => Choice): Choice {
  try {
    return choose()
  } catch (error) {
    if (isBuildError(error)) return { kind: 'none' }
    throw error
  }
}

function candidate(tree: Tree, entry: Entry): Candidate {
  return { config: patchFor(entry, tree.inSource(entry.file)), title: `start ${titleOf(entry)}`, evidence: entry.evidence }
}

/** What to set in the configuration so that an entry is started. */
function patchFor({ script }: Entry, entrypoint: string): Candidate['config'] {
  if (!script) return { entrypoint }
  const env = script.importRoot === '' ? {} : { env: { add: { PYTHONPATH: `/app/${script.importRoot}` } } }
  return { start: scriptCommand(script), ...env }
}

function titleOf({ script, file }: Entry): string {
  return script ? `the script ${shown(script.name)}` : file
}

function given(tree: Tree, files: PythonFiles, entrypoint: string): Entry {
  const file = entrypoint.replace(/^\.\//, '')
  if (tree.has(file)) return entryOf(files, file, { rule: 'config.entrypoint', file, says: 'the configuration names it' })
  const candidates = files.program.slice(0, 10).map((path) => ({
    config: { entrypoint: path },
    title: `start ${path}`,
    evidence: { rule: 'python.file', file: path, says: 'a Python file' },
  }))
  throw noEntrypoint(tree, file, 'not in the source', candidates)
}

function frameworkOf(entry: Entry | undefined): Found<string> | undefined {
  const name = entry?.app?.framework.name ?? entry?.command?.framework
  return entry && name !== undefined ? { value: name, evidence: entry.evidence } : undefined
}

function choiceNotices(entry: Entry | undefined, lost: readonly Entry[]): Notice[] {
  const other = lost[0]
  if (!entry || !other || other.byName) return []
  return [
    {
      code: 'entrypoint_chosen',
      message: `${titleOf(entry)} is started; ${titleOf(other)} can be started too.`,
      file: other.file,
      fix: patchFor(other, other.file),
    },
  ]
}
