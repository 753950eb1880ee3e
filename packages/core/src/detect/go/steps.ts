import { BuildError, shown } from '../../failure/error.ts'
import { directoryOf } from '../../infer/files.ts'
import type { Step } from '../../plan/plan.ts'
import type { Notice } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { inDirectory, normal, valuesOf, type GoManifest, type GoModules } from './modules.ts'
import type { ChosenProgram, GoFiles } from './programs.ts'

/** Where the program lies in the image: a name that neither hides a command of the system nor is hidden by one. */
export const binary = '/usr/local/bin/app'

export interface GoBuild {
  readonly argv: readonly string[]
  readonly steps: readonly Step[]
  readonly notices: readonly Notice[]
}

interface Wanted {
  readonly program: ChosenProgram
  readonly files: GoFiles
  readonly cgo: boolean
  readonly opened: readonly string[]
  /** the image has nothing but the program, so that it brings its zones of time */
  readonly alone: boolean
}

/** Modules from their manifests alone, then the source and the compiler; the image gets the program and what it opens. */
export function goBuild(tree: Tree, modules: GoModules, wanted: Wanted): GoBuild {
  const vendored = tree.has('vendor/modules.txt')
  const needs = modules.modules.some((one) => valuesOf(one, 'require').length > 0)
  const sums = [...modules.modules.map(({ directory }) => inDirectory(directory, 'go.sum')), 'go.work.sum'].some((path) => tree.has(path))
  const loose = needs && !sums && !vendored
  const argv = buildCommand(modules, wanted, loose)
  return {
    argv,
    steps: [
      ...(needs && sums && !vendored ? [...manifests(tree, modules), run(['go', 'mod', 'download'])] : []),
      { in: 'build', kind: 'copy', from: 'source', paths: ['.'], to: '.' },
      run(argv),
      { in: 'image', kind: 'copy', from: 'build', paths: [certificates], to: certificates },
      { in: 'image', kind: 'copy', from: 'build', paths: ['/out/app'], to: binary },
      ...wanted.opened.map((path): Step => ({ in: 'image', kind: 'copy', from: 'source', paths: [path], to: path })),
    ],
    notices: loose ? [noSums(modules)] : [],
  }
}

/** Debian's slim image has none, and every call of a model's API needs them. */
const certificates = '/etc/ssl/certs/ca-certificates.crt'

function run(argv: readonly string[]): Step {
  return { in: 'build', kind: 'run', argv, secrets: [], cache: 'go' }
}

function buildCommand({ modules }: GoModules, { program, files, cgo, alone }: Wanted, loose: boolean): string[] {
  const { directory } = program
  const path = directory === '.' ? '.' : `./${directory}`
  // without a module the compiler takes files, and only what comes with Go
  const what =
    modules.length > 0 ? [path] : files.program.filter((file) => directoryOf(file) === directory && files.read(file).package === 'main')
  return [
    'env',
    `CGO_ENABLED=${cgo ? 1 : 0}`,
    'go',
    'build',
    ...(loose ? ['-mod=mod'] : []),
    ...(alone ? ['-tags', 'timetzdata'] : []),
    '-trimpath',
    '-ldflags',
    '-s -w',
    '-o',
    '/out/app',
    ...what,
  ]
}

/** `go.mod` and `go.sum` of all modules, each to its own directory; a replaced module of the source belongs to them. */
function manifests(tree: Tree, { modules, work }: GoModules): Step[] {
  const directories = [...modules.map(({ directory }) => directory), ...modules.flatMap((one) => replaced(tree, one))]
  const top = work ? ['go.work', 'go.work.sum'] : []
  return [...new Set(directories)]
    .flatMap((directory): Step[] => {
      const names = [...(directory === '.' ? top : []), 'go.mod', 'go.sum']
        .map((name) => inDirectory(directory, name))
        .filter((path) => tree.has(path))
      return names.length === 0
        ? []
        : [{ in: 'build', kind: 'copy', from: 'source', paths: names, to: names.length === 1 ? names[0]! : directory }]
    })
    .concat(
      work && !directories.includes('.')
        ? [{ in: 'build', kind: 'copy', from: 'source', paths: top.filter((path) => tree.has(path)), to: '.' }]
        : [],
    )
}

/** `replace example.com/x => ./x`. Throws `unsupported_project` for one outside of what is built. */
function replaced(tree: Tree, manifest: GoManifest): string[] {
  return valuesOf(manifest, 'replace').flatMap(({ words, line }) => {
    const to = words[words.indexOf('=>') + 1] ?? ''
    if (!/^\.{0,2}\//.test(to)) return []
    const directory = normal(manifest.directory === '.' ? to : `${manifest.directory}/${to}`)
    if (directory !== undefined && tree.has(inDirectory(directory, 'go.mod'))) return [directory]
    throw new BuildError('unsupported_project', `${manifest.file}:${line}: ${shown(to)} is outside of what is built`, {
      hint: 'Build from the directory that holds both (unit), and name the program with "entrypoint".',
      data: { file: manifest.file, line },
    })
  })
}

function noSums({ modules }: GoModules): Notice {
  const first = modules.find((one) => valuesOf(one, 'require').length > 0)!
  const message = 'No go.sum: the same source may get other modules later, and none is checked. `go mod tidy` makes one.'
  return { code: 'no_lock', message, file: first.file, line: valuesOf(first, 'require')[0]!.line }
}
