import { BuildError, shown } from '../failure/error.ts'
import { directoryOf } from '../infer/files.ts'
import type { Config } from '../plan/config.ts'
import type { Evidence, Notice } from './detection.ts'
import { goModules } from './go/modules.ts'
import { chooseProgram, goFiles, type ChosenProgram, type GoFiles } from './go/programs.ts'
import { cgo, needsSystem, openedPaths, reachedFiles } from './go/reach.ts'
import { goFramework, goPort } from './go/serving.ts'
import { binary, goBuild } from './go/steps.ts'
import { goVersion, goVersionNotices } from './go/version.ts'
import { entryFinding, frameworkFinding, startFinding } from './overridden.ts'
import type { Project } from './project.ts'
import type { Tree } from './tree.ts'

/** The Go project of a unit; undefined when it is none. Throws the codes of `Planned` that name a place. */
export function detectGo(tree: Tree, config: Config): Project | undefined {
  const signal = goSignal(tree, config)
  if (!signal) return undefined
  const modules = goModules(tree)
  const files = goFiles(tree)
  const program = chooseProgram(tree, files, modules, config)
  if (!program) return noProgram(signal)
  if (modules.modules.length === 0) needsModule(files, program)
  const version = goVersion(tree, modules, config.runtime?.version)
  const reached = reachedFiles(files, modules, program.directory)
  const { port, notices } = goPort(files, reached, config)
  const binding = cgo(files, reached)
  const alone = needsSystem(files, reached) === undefined
  const build = goBuild(tree, modules, { program, files, cgo: binding !== undefined, opened: openedPaths(tree, files, reached), alone })
  const framework = goFramework(files, reached)
  return {
    language: { value: 'go', evidence: signal, lost: [], override: 'language' },
    runtime: { name: 'go', version: version.version },
    ...frameworkFinding(config, framework),
    otherManagers: [],
    entrypoint: entryFinding(program.file, program.evidence, program.lost.map(otherMain)),
    start: startFinding(config, { value: [binary], evidence: program.evidence }),
    port,
    build: { argv: build.argv, outputs: [], evidence: buildEvidence(program, binding) },
    steps: build.steps,
    ...(alone ? { base: emptyBase } : {}),
    groups: [],
    env: framework?.value === 'gin' ? { GIN_MODE: 'release' } : {},
    notices: [...goVersionNotices(tree, version), ...build.notices, ...notices, ...chosenNotices(program)],
    strength: config.start !== undefined || !program.weak ? 'strong' : 'weak',
  }
}

function goSignal(tree: Tree, config: Config): Evidence | undefined {
  if (config.language !== undefined && config.language !== 'go') return undefined
  if (config.entrypoint !== undefined && /\.(?!go$)[a-z]+$/.test(config.entrypoint)) return undefined
  const file = ['go.mod', 'go.work'].find((path) => tree.has(path)) ?? tree.files.find((path) => /^[^/]+\.go$/.test(path))
  if (file === undefined) return config.language === 'go' ? { rule: 'config.language', says: 'the configuration says so' } : undefined
  const says = file.endsWith('.go') ? `${file} is Go` : `${file} is there`
  return { rule: file.endsWith('.go') ? 'go.file' : 'go.manifest', file, says }
}

/** One linked program needs no distribution around it. */
const emptyBase = {
  ref: 'scratch',
  evidence: { rule: 'go.base.static', says: 'the program is linked statically and starts no other; base.distro gives it a distribution' },
}

/** A library, or a module of tools beside another language's program. */
function noProgram({ file }: Evidence): never {
  throw new BuildError(
    'nothing_detected',
    `${file === undefined ? '' : `${shown(file)}: `}this is Go, but no package of it has a func main()`,
    {
      data: { candidates: [] },
    },
  )
}

/** Without a module only what comes with Go can be imported. Throws `unsupported_project`. */
function needsModule(files: GoFiles, { directory }: ChosenProgram): void {
  for (const file of files.program) {
    const at = directoryOf(file)
    const foreign = at === directory ? files.read(file).imports.find(({ path }) => /^[^/]*\./.test(path)) : undefined
    if (!foreign) continue
    throw new BuildError('unsupported_project', `${file}:${foreign.line}: imports ${shown(foreign.path)}, but there is no go.mod`, {
      hint: '`go mod init NAME && go mod tidy` writes go.mod and go.sum.',
      data: { file, line: foreign.line },
    })
  }
}

function otherMain({ file, line }: ChosenProgram['lost'][number]): { readonly file: string; readonly evidence: Evidence } {
  return { file, evidence: { rule: 'go.start.main', file, line, says: 'func main()' } }
}

function buildEvidence({ file, line, directory }: ChosenProgram, binding: Evidence | undefined): Evidence {
  if (binding) return { ...binding, says: `${binding.says}, so it is compiled with cgo` }
  return { rule: 'go.build', file, line, says: `compiles ${directory === '.' ? 'the package at the top' : directory} without C` }
}

function chosenNotices({ lost, evidence, file }: ChosenProgram): Notice[] {
  const other = lost[0]
  if (!other || evidence.rule === 'config.entrypoint') return []
  return [
    {
      code: 'entrypoint_chosen',
      message: `${file} is started; ${other.file} can be started too.`,
      file: other.file,
      fix: { entrypoint: other.file },
    },
  ]
}
