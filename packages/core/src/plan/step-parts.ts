import type { Install } from '../detect/install.ts'
import type { Build } from '../detect/project.ts'
import type { Shared } from '../detect/workspaces/layout.ts'
import type { Step } from './plan.ts'

/** What the steps are made of. */
export interface Making {
  readonly install: Install | undefined
  /** what installs a list that is pip's, where it is not pip */
  readonly installer?: 'uv'
  readonly groups: readonly string[]
  /** `3.11` where the interpreter's own site-packages are known */
  readonly pythonLine?: string
  readonly build?: Build
  /** further commands, after the build, where the whole source is */
  readonly commands: readonly (readonly string[])[]
  readonly systemBuild: readonly string[]
  readonly systemImage: readonly string[]
  /** false when all packages are for development, so that nothing of them reaches the image */
  readonly needsPackages: boolean
  /** packages beside what a lock fixes, as requirements (`uvicorn`) or npm words (`tsx@^4`) */
  readonly beside: readonly string[]
  /** commands once the packages are installed, before the source: browsers, say */
  readonly fetches?: readonly (readonly string[])[]
  /** files that Kiln writes beside the source */
  readonly files: Install['generated']
  /** what the language itself says is done, for want of a package manager of ours */
  readonly steps?: readonly Step[]
  /** the image has the runtime alone: managers of packages are in the build stage only */
  readonly bare?: boolean
  /** a member of a workspace */
  readonly shared?: Shared
}

export const source: Step = { in: 'image', kind: 'copy', from: 'source', paths: ['.'], to: '.' }
export const sourceToBuild: Step = { ...source, in: 'build' }

export function system({ systemBuild, systemImage }: Making, stages: { build: boolean } = { build: false }): Step[] {
  const image = stages.build ? systemImage : [...new Set([...systemBuild, ...systemImage])].sort()
  return [
    ...(stages.build && systemBuild.length > 0 ? [{ in: 'build' as const, kind: 'system' as const, packages: systemBuild }] : []),
    ...(image.length > 0 ? [{ in: 'image' as const, kind: 'system' as const, packages: image }] : []),
  ]
}

export function taking(path: string, to: string): Step {
  return { in: 'image', kind: 'copy', from: 'build', paths: [path], to }
}

export function writes(install: Install | undefined, stage: 'build' | 'image'): Step[] {
  return (install?.generated ?? []).map(({ path, text }) => ({ in: stage, kind: 'write', path, text }))
}

export function run(stage: 'build' | 'image', argv: readonly string[]): Step {
  return { in: stage, kind: 'run', argv, secrets: [] }
}

export function commands(making: Making, stage: 'build' | 'image'): Step[] {
  return making.commands.map((argv) => run(stage, argv))
}

/** What the packages themselves fetch, such as a browser, where the packages are: before the source, which changes more often. */
export function fetches({ fetches: all = [], bare, shared }: Making, stage: 'build' | 'image' = 'image'): Step[] {
  return all.map((argv) => {
    const own = bare ? argv.map((word) => (word === 'node' ? 'bun' : word)) : argv
    const found = shared?.inModules
    return found ? { ...run(stage, own.map(found)), directory: shared.directory } : run(stage, own)
  })
}

/** The same where no package reaches the image: what a variable of the command names comes over by itself. */
export function fetchesApart(making: Making): { readonly build: readonly Step[]; readonly image: readonly Step[] } {
  const places = (making.fetches ?? []).flat().flatMap((word) => /^[A-Z_]+=(\/[\w/.-]+)$/.exec(word)?.[1] ?? [])
  return { build: fetches(making, 'build'), image: [...new Set(places)].map((path) => taking(path, path)) }
}

/** What a Python program makes with tools of its own (Reflex): the tools, the source, the build. Nothing where it needs none. */
export function builtInStage({ build }: Making, sources: readonly Step[]): readonly Step[] {
  if (!build?.apart) return []
  const { before = [], argv, after = [] } = build
  return [...before.map((one) => run('build', one)), ...sources, ...[argv, ...after].map((one) => run('build', one))]
}

/** Of that, what the image takes. Else (Django's static files) it is made there, where the packages and the source are. */
export function builtForImage(making: Making): readonly Step[] {
  return making.build?.apart ? making.build.outputs.map((path) => taking(path, path)) : builtInImage(making)
}

/** All in the image: also where nobody knows which of its directories have the packages. */
export function builtInImage({ build }: Making): readonly Step[] {
  return build ? [...(build.before ?? []), build.argv, ...(build.after ?? [])].map((argv) => run('image', argv)) : []
}
