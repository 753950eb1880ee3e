import { shown } from '../../failure/error.ts'
import type { Evidence } from '../detection.ts'
import { readJson } from '../placed-json.ts'
import { tomlLine } from '../places.ts'
import { readToml, textAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { condaSpec, readEnvironment } from './environment-yml.ts'
import { pixiLockFile, pythonOf } from './pixi-lock.ts'
import { readPixi } from './pixi-manifest.ts'
import { readSetupConfig } from './setup-cfg.ts'

export interface VersionPlace {
  readonly text: string
  readonly evidence: Evidence
  /** names one version or release line; else a range */
  readonly pins: boolean
}

/** Manifests beside pyproject.toml that say which Python they want, strongest first. */
export function versionPlaces(tree: Tree): readonly VersionPlace[] {
  return [...langgraph(tree), ...pipfile(tree), ...pixi(tree), ...conda(tree), ...setupConfig(tree)]
}

/** `python_full_version` before `python_version`; what the lock repeats is not asked again. */
function pipfile(tree: Tree): VersionPlace[] {
  const key = ['python_full_version', 'python_version'].find((one) => textAt(readToml(tree, 'Pipfile'), 'requires', one) !== undefined)
  const text = key === undefined ? undefined : textAt(readToml(tree, 'Pipfile'), 'requires', key)
  if (text === undefined || key === undefined) return locked(tree)
  const line = tomlLine(tree.manifest('Pipfile'), 'requires', key)
  return [{ text, pins: true, evidence: place('python.version.pipfile', 'Pipfile', line, `${key} is ${shown(text)}`) }]
}

function locked(tree: Tree): VersionPlace[] {
  if (!tree.has('Pipfile.lock')) return []
  const lock = readJson(tree.manifest('Pipfile.lock'), 'Pipfile.lock', 'invalid_manifest')
  const { value } = lock
  const key = ['python_full_version', 'python_version'].find((one) => textAt(value, '_meta', 'requires', one) !== undefined)
  const text = key === undefined ? undefined : textAt(value, '_meta', 'requires', key)
  if (text === undefined || key === undefined) return []
  return [
    {
      text,
      pins: true,
      evidence: place('python.version.pipfile', 'Pipfile.lock', lock.line(['_meta', 'requires', key]), `${key} is ${shown(text)}`),
    },
  ]
}

/** What the manifest allows; of the lock the release line, whose newest patch is as good. */
function pixi(tree: Tree): VersionPlace[] {
  const manifest = readPixi(tree)
  if (!manifest) return []
  const rule = 'python.version.pixi'
  const python = manifest.conda.find(({ name }) => name === 'python')
  const said = python && (typeof python.said === 'string' ? python.said : textAt(python.said, 'version'))
  const text = said === undefined ? undefined : condaSpec(`python ${said}`)?.specifier
  const lock = pythonOf(tree)
  return [
    ...(lock
      ? [{ text: lock.line, pins: true, evidence: place(rule, pixiLockFile, lock.at, `${pixiLockFile} has python ${shown(lock.line)}`) }]
      : []),
    ...(python && text
      ? [{ text, pins: false, evidence: place(rule, manifest.file, python.line, `pixi asks for python ${shown(said!)}`) }]
      : []),
  ]
}

function conda(tree: Tree): VersionPlace[] {
  const environment = readEnvironment(tree)
  const item = environment?.conda.find(({ text }) => condaSpec(text)?.name === 'python')
  const text = item && condaSpec(item.text)?.specifier
  if (!environment || !item || text === undefined || text === '') return []
  return [
    { text, pins: false, evidence: place('python.version.conda', environment.file, item.line, `the environment has ${shown(item.text)}`) },
  ]
}

function setupConfig(tree: Tree): VersionPlace[] {
  const said = tree.has('setup.cfg') ? readSetupConfig(tree, 'setup.cfg').pythonRequires : undefined
  return said
    ? [
        {
          text: said.text,
          pins: false,
          evidence: place('python.version.setup-cfg', 'setup.cfg', said.line, `python_requires is ${shown(said.text)}`),
        },
      ]
    : []
}

function langgraph(tree: Tree): VersionPlace[] {
  if (!tree.has('langgraph.json')) return []
  const placed = readJson(tree.manifest('langgraph.json'), 'langgraph.json', 'invalid_manifest')
  const text = textAt(placed.value, 'python_version')
  return text === undefined
    ? []
    : [
        {
          text,
          pins: true,
          evidence: place(
            'python.version.langgraph',
            'langgraph.json',
            placed.line(['python_version']),
            `python_version is ${shown(text)}`,
          ),
        },
      ]
}

function place(rule: string, file: string, line: number | undefined, says: string): Evidence {
  return { rule, file, ...(line === undefined ? {} : { line }), says }
}
