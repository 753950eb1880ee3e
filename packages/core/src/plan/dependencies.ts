import type { DeclaredDependency, Dependency, Ecosystem, Evidence, InferredDependency, Notice } from '../detect/detection.ts'
import type { Install } from '../detect/install.ts'
import type { Project, Server } from '../detect/project.ts'
import { normalName, parseRequirement } from '../detect/python/requirement.ts'
import { BuildError, shown } from '../failure/error.ts'
import type { Inference } from '../infer/infer.ts'
import type { Config } from './config.ts'

/** All packages of a plan, and which of them the manager's own files do not bring. */
export interface Packages {
  readonly all: readonly Dependency[]
  /** not in the manifests: a server, tools, what the Config adds */
  readonly added: readonly Dependency[]
  /** names that the Config takes away */
  readonly removed: ReadonlySet<string>
  readonly notices: readonly Notice[]
}

/** Joins what is declared or inferred with the server that is missing and with the wishes of the Config. */
export function packagesOf(project: Project, inference: Inference, config: Config): Packages {
  const ecosystem: Ecosystem = project.runtime.name === 'python' ? 'pypi' : 'npm'
  const removed = new Set((config.dependencies?.remove ?? []).map((name) => (ecosystem === 'pypi' ? normalName(name) : name)))
  // `tools` stand beside the program: nothing installs them
  const inferred = inference.dependencies.filter(({ group }) => group !== 'tools')
  const found = (project.install?.dependencies ?? inferred).filter(({ name }) => !removed.has(name))
  const wished = (config.dependencies?.add ?? []).map((text) => wish(text, ecosystem))
  const missing = [...wished, ...servers(project, [...found, ...wished])]
  const added = missing.filter(
    (one) => !found.some((other) => other.name === one.name && project.install === undefined && other.specifier === one.specifier),
  )
  // an inferred package that the Config names anew has the Config's version
  const kept = found.filter((one) => !(one.origin === 'inferred' && wished.some(({ name }) => name === one.name)))
  return { all: [...kept, ...added], added, removed, notices: added.filter(({ origin }) => origin === 'inferred').map(addedNotice) }
}

/** `fastapi[standard]>=0.1` as pip reads it; `zod@^4` as npm does. Throws `invalid_config`. */
function wish(text: string, ecosystem: Ecosystem): DeclaredDependency {
  const evidence: Evidence = { rule: 'config.dependencies', says: 'the configuration adds it' }
  const common = { origin: 'declared', ecosystem, group: 'default', evidence } as const
  if (ecosystem === 'npm') {
    const npm = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(?:@([^\s@]+))?$/i.exec(text)
    if (npm) return { ...common, name: npm[1]!, specifier: npm[2] ?? '' }
  } else {
    const requirement = parseRequirement(text)
    if (requirement) {
      const { name, extras, specifier, url, marker } = requirement
      const version = url === undefined ? specifier : `@ ${url}`
      return {
        ...common,
        name,
        ...(extras.length > 0 ? { extras } : {}),
        specifier: marker === undefined ? version : `${version} ; ${marker}`,
      }
    }
  }
  throw new BuildError(
    'invalid_config',
    `"dependencies.add": ${shown(text)} is no package that ${ecosystem === 'npm' ? 'npm' : 'pip'} knows how to read`,
    {
      data: { field: 'dependencies.add' },
    },
  )
}

function servers(project: Project, found: readonly Dependency[]): InferredDependency[] {
  const { server, install } = project
  if (!server || brings(server, found, install)) return []
  const { name, specifier, evidence } = server
  return [
    {
      origin: 'inferred',
      ecosystem: project.runtime.name === 'python' ? 'pypi' : 'npm',
      name,
      specifier,
      group: 'default',
      grade: 'A',
      imports: [],
      evidence,
    },
  ]
}

function brings({ name, broughtBy = [] }: Server, found: readonly Dependency[], install: Install | undefined): boolean {
  if (install?.locked) return install.locked.has(name)
  const along = (one: Dependency): boolean =>
    broughtBy.some((by) => by.name === one.name && (!by.extras || by.extras.some((extra) => one.extras?.includes(extra))))
  return found.some((one) => one.group === 'default' && (one.name === name || along(one)))
}

function addedNotice({ name, evidence }: Dependency): Notice {
  const { file, line } = evidence
  return {
    code: 'server_added',
    message: `${name} is installed too: ${evidence.says}. Add it to your dependencies to fix its version.`,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }
}

/** A package as a line of a requirements file. */
export function requirementLine({ name, extras, specifier }: Dependency): string {
  const bracket = extras && extras.length > 0 ? `[${extras.join(',')}]` : ''
  return `${name}${bracket}${specifier.startsWith('@') ? ' ' : ''}${specifier}`
}

/** A package as a word of npm's command line. */
export function npmWord({ name, specifier }: Dependency): string {
  return specifier === '' ? name : `${name}@${specifier}`
}
