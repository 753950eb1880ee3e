import { asArgument } from './as-argument.ts'
import { BuildError } from '../failure/error.ts'
import type { Config } from '../plan/config.ts'
import type { Arg } from '../plan/plan.ts'
import type { Evidence, Finding, Notice } from './detection.ts'
import { nodeBuild } from './node/build.ts'
import { frameworkName, nodeFrameworks } from './node/framework-names.ts'
import { exportedApp } from './node/exported.ts'
import { isTypeScript, nodeFiles, type NodeFiles } from './node/files.ts'
import { chooseNodeManager, type NodeManagerChoice } from './node/manager.ts'
import { readPackageJson, type PackageJson } from './node/package-json.ts'
import { localNotices, nodePort } from './node/port.ts'
import { codeOf, nodeProgram, type NodeProgram } from './node/start.ts'
import { withoutPnp, withPrisma } from './node/prisma.ts'
import { runnerFor, type Runner } from './node/runner.ts'
import { fetchServer, fetchServerFile } from './node/written/fetch-server.ts'
import { servedParts } from './node/served-project.ts'
import { nodeServing, refuseElsewhere, type NodeServing } from './node/serving.ts'
import { readTsConfig, type TsConfig } from './node/typescript.ts'
import { nodeVersion, nodeVersionNotices } from './node/version.ts'
import type { SolvedVersion } from './constraint.ts'
import { entryFinding, frameworkFinding, startFinding, type Found } from './overridden.ts'
import type { Language, Project } from './project.ts'
import type { Tree } from './tree.ts'

/** The Node project of a unit; undefined when it is none. Throws the codes of `Planned` that name a place. */
export function detectNode(tree: Tree, config: Config): Project | undefined {
  const signal = nodeSignal(tree, config)
  if (!signal) return undefined
  const manifest = readPackageJson(tree)
  const version = nodeVersion(tree, manifest, config.runtime?.version)
  let chosen: NodeManagerChoice | undefined
  const manager = (): NodeManagerChoice => (chosen ??= chooseNodeManager(tree, manifest, config))
  const context: NodeContext = { tree, manifest, config, signal, version, files: nodeFiles(tree), tsConfig: readTsConfig(tree), manager }
  const served = nodeServing({ ...context, locked: () => context.manager().install?.locked })
  return served ? servedProject(context, served) : programProject(context)
}

interface NodeContext {
  readonly tree: Tree
  readonly manifest: PackageJson | undefined
  readonly config: Config
  readonly signal: Evidence
  readonly version: SolvedVersion
  readonly files: NodeFiles
  readonly tsConfig: TsConfig | undefined
  /** reads the lock, when first asked */
  readonly manager: () => NodeManagerChoice
}

/** A framework that knows how it is built and started. */
function servedProject({ tree, manifest, config, signal, version, manager: choose }: NodeContext, served: NodeServing): Project {
  const manager = choose()
  const parts = servedParts(served, manifest!, manager.install?.manager ?? 'npm', config)
  const build = withoutPnp(tree, withPrisma(tree, manifest, parts.build))
  const { build: _, notices, ...rest } = parts
  return {
    language: languageOf(config, signal, undefined, manifest),
    runtime: { name: 'node', version: version.version },
    ...(manager.install ? { install: manager.install } : {}),
    otherManagers: manager.others,
    ...rest,
    ...(build ? { build } : {}),
    notices: [...nodeVersionNotices(version), ...manager.notices, ...notices],
    strength: 'strong',
  }
}

/** A program of the source itself. */
function programProject(context: NodeContext): Project | undefined {
  const { tree, manifest, config, signal, version, files, tsConfig } = context
  const program = nodeProgram({ tree, files, manifest, tsConfig, config })
  if ((!program || program.byName) && config.start === undefined) refuseElsewhere(tree, manifest)
  if (!program && config.start === undefined) return refuse(tree, manifest)
  const manager = context.manager()
  const code = program && codeOf(tree, program.file, tsConfig)
  const built =
    program && config.start === undefined ? nodeBuild(tree, manifest, program, tsConfig, manager.install?.manager ?? 'npm') : undefined
  const runner =
    program && !built ? runnerFor(tree, files, program.file, { manifest, tsConfig, version: version.version.value }) : undefined
  const build = config.start === undefined ? withoutPnp(tree, withPrisma(tree, manifest, built)) : undefined
  const exported = code === undefined || config.start !== undefined ? undefined : exportedApp(tree, files, code)
  return {
    language: languageOf(config, signal, code, manifest),
    runtime: { name: 'node', version: version.version },
    ...frameworkFinding(config, frameworkOf(files, code, manifest)),
    ...(manager.install ? { install: manager.install } : {}),
    otherManagers: manager.others,
    ...(code !== undefined && program ? { entrypoint: entryFinding(code, program.evidence, program.lost) } : {}),
    start: startFinding(config, program && startOf(program, runner, exported)),
    port: nodePort(tree, files, code, config),
    ...(runner?.needs && config.start === undefined ? { server: runner.needs } : {}),
    ...(build ? { build } : {}),
    ...(exported ? { generated: [{ path: fetchServerFile, text: fetchServer }] } : {}),
    groups: runner?.groups ?? [],
    env: { NODE_ENV: 'production', ...program?.env },
    notices: [
      ...nodeVersionNotices(version),
      ...manager.notices,
      ...(program ? [...program.notices, ...chosenNotices(program)] : []),
      ...(runner?.notices ?? []),
      ...(code === undefined ? [] : localNotices(tree, files, code)),
    ],
    strength: config.start !== undefined || config.entrypoint !== undefined || (program && !program.byName) ? 'strong' : 'weak',
  }
}

function nodeSignal(tree: Tree, config: Config): Evidence | undefined {
  const wanted = config.language
  if (wanted === 'python') return undefined
  if (wanted !== undefined) return { rule: 'config.language', says: 'the configuration says so' }
  const given = config.entrypoint ?? ''
  if (given !== '' && !/\.(?:[cm]?[jt]s|[jt]sx)$/.test(given)) return undefined
  if (tree.has('package.json')) return { rule: 'node.manifest', file: 'package.json', says: 'package.json is there' }
  const file = tree.files.find((path) => /\.(?:[cm]?[jt]s)$/.test(path) && !path.endsWith('.d.ts'))
  return file === undefined
    ? undefined
    : { rule: 'node.file', file, says: `${file} is ${isTypeScript(file) ? 'TypeScript' : 'JavaScript'}` }
}

/** A package.json alone, of tools or of a page, is no program: another language may have one. */
function refuse(tree: Tree, manifest: PackageJson | undefined): undefined {
  if (!manifest || tree.files.some((path) => path.endsWith('.py'))) return undefined
  throw new BuildError('nothing_detected', 'there is a package.json, but no start script, no main and no file that can be started', {
    data: { candidates: [] },
  })
}

function languageOf(config: Config, evidence: Evidence, code: string | undefined, manifest: PackageJson | undefined): Finding<Language> {
  const typed = code !== undefined ? isTypeScript(code) : manifest?.dependencies.some(({ name }) => name === 'typescript')
  const found: Language =
    config.language === 'javascript' || config.language === 'typescript' ? config.language : typed ? 'typescript' : 'javascript'
  return { value: found, evidence, lost: [], override: 'language' }
}

function frameworkOf(files: NodeFiles, code: string | undefined, manifest: PackageJson | undefined): Found<string> | undefined {
  const reached = code === undefined ? [] : files.reach(code)
  for (const file of reached) {
    const found = files.imports(file).find(({ module, optional }) => !optional && nodeFrameworks.includes(module))
    if (found)
      return {
        value: frameworkName(found.module),
        evidence: { rule: 'node.framework.import', file, line: found.line, says: `imports ${found.module}` },
      }
  }
  const declared = manifest?.dependencies.find(({ name, group }) => group === 'default' && nodeFrameworks.includes(name))
  return declared && { value: frameworkName(declared.name), evidence: { ...declared.evidence, rule: 'node.framework.dependency' } }
}

function startOf(program: NodeProgram, runner: Runner | undefined, exported: Evidence | undefined): Found<readonly Arg[]> {
  // an application that is only exported needs somebody who listens for it
  const listener = exported ? [fetchServerFile] : []
  const argv = ['node', ...(runner?.options ?? []), ...program.options, ...listener, asArgument(program.file), ...program.args]
  return { value: argv, evidence: exported ?? program.evidence }
}

function chosenNotices({ file, lost }: NodeProgram): Notice[] {
  const other = lost[0]
  if (!other || other.byName) return []
  return [
    {
      code: 'entrypoint_chosen',
      message: `${file} is started; ${other.file} can be started too.`,
      file: other.file,
      fix: { entrypoint: other.file },
    },
  ]
}
