import type { Install } from '../detect/install.ts'
import type { Project } from '../detect/project.ts'
import { freeBeside, freePath } from '../detect/managers/pip.ts'
import { readPackageJson } from '../detect/node/package-json.ts'
import { readRequirements } from '../detect/python/requirements-file.ts'
import type { Tree } from '../detect/tree.ts'
import { BuildError } from '../failure/error.ts'
import { scanJavaScript } from '../infer/javascript-lexer.ts'
import { npmWord, requirementLine, type Packages } from './dependencies.ts'

/** How the packages of a plan are installed: the manager's own files, and what comes beside them. */
export interface Installing {
  readonly install: Install | undefined
  /** what a lock does not have, for a step of its own */
  readonly beside: readonly string[]
}

export function installing(tree: Tree, project: Project, packages: Packages): Installing {
  const { install } = project
  if (!install) return { install: inferred(tree, project, packages), beside: [] }
  if (packages.added.length === 0 && packages.removed.size === 0) return { install, beside: [] }
  if (install.manager === 'pip') return { install: rewritten(tree, install, packages), beside: [] }
  if (packages.removed.size > 0 && install.dependencies.some(({ name }) => packages.removed.has(name)))
    throw new BuildError('invalid_config', `"dependencies.remove" cannot change what ${install.evidence.file ?? 'the manifest'} asks for`, {
      hint: `Remove the package with ${install.manager}, so that the manifest says so.`,
      data: { field: 'dependencies.remove' },
    })
  return { install, beside: packages.added.map(project.runtime.name === 'python' ? requirementLine : npmWord) }
}

/** Nothing declares packages, so Kiln writes the manifest. */
function inferred(tree: Tree, project: Project, { all }: Packages): Install | undefined {
  if (all.length === 0) return undefined
  const python = project.runtime.name === 'python'
  const path = python ? freePath(tree) : 'package.json'
  const text = python ? all.map((one) => `${requirementLine(one)}\n`).join('') : packageJson(tree, project, all)
  return {
    manager: python ? 'pip' : project.runtime.name === 'bun' ? 'bun' : 'npm',
    evidence: { rule: 'install.inferred', says: 'nothing declares packages, so they are inferred from the imports' },
    manifests: [path],
    generated: [{ path, text }],
    dependencies: [],
    git: false,
    notices: [],
  }
}

/** The project's own package.json, if it has one, with what it does not declare. */
function packageJson(tree: Tree, project: Project, all: Packages['all']): string {
  const fields = (['dependencies', 'optionalDependencies', 'devDependencies'] as const).flatMap((field) => {
    const group = { dependencies: 'default', optionalDependencies: 'optional', devDependencies: 'dev' }[field]
    const of = all.filter((one) => one.group === group).map(({ name, specifier }) => [name, specifier === '' ? '*' : specifier])
    return of.length > 0 || group === 'default' ? [[field, Object.fromEntries(of)]] : []
  })
  const own = readPackageJson(tree)?.value
  return `${JSON.stringify({ ...(own ?? { private: true, ...moduleType(tree, project) }), ...Object.fromEntries(fields) }, null, 2)}\n`
}

/** node sees by itself that a file is a module; tsx takes it for CommonJS, where nothing can be awaited at the top. */
function moduleType(tree: Tree, { entrypoint, server }: Project): { readonly type?: 'module' } {
  const file = server?.name === 'tsx' ? entrypoint?.value : undefined
  return file !== undefined && scanJavaScript(tree.text(file) ?? '', file).topLevelAwait ? { type: 'module' } : {}
}

// A file of its own that includes the user's, or, where a line has to go, one that takes its place.
function rewritten(tree: Tree, install: Install, { added, removed }: Packages): Install {
  const [first, ...rest] = install.manifests
  const own = install.generated.find(({ path }) => path === first)
  const more = added.map((one) => `${requirementLine(one)}\n`).join('')
  const touched = install.dependencies.some(({ name }) => removed.has(name))
  const list = install.evidence.rule === 'python.manager.requirements' ? install.evidence.file : undefined
  // one that takes the place of a list of the source (mended) may include others, where a line may have to go
  if (own && !(touched && list !== undefined)) {
    const text = closed(withoutLines(own.text, removed)) + more
    return { ...install, generated: [{ path: own.path, text: text.startsWith('\n') ? text.slice(1) : text }] }
  }
  const path = freeBeside(tree, 'requirements.txt')
  if (!touched) return { ...install, manifests: [path, first!, ...rest], generated: [{ path, text: `-r ${first!}\n${more}` }] }
  const read = readRequirements(tree, list ?? first!)
  const kept = install.dependencies.find(({ name, evidence }) => removed.has(name) && evidence.rule !== 'python.dependency.requirements')
  if (kept)
    throw new BuildError('invalid_config', `"dependencies.remove" cannot change what ${kept.evidence.file ?? 'the project'} asks for`, {
      data: { field: 'dependencies.remove' },
    })
  const lines = read.lines.filter(({ requirement }) => !requirement || !removed.has(requirement.name)).map(({ text }) => text)
  return { ...install, manifests: [path], generated: [{ path, text: `${[...read.options, ...lines].map(closed).join('\n')}\n${more}` }] }
}

/** A `\` at the end joins nothing that comes behind: an empty line ends it. */
function closed(text: string): string {
  return /\\\r?\n?$/.test(text) ? `${text}\n` : text
}

function withoutLines(text: string, removed: ReadonlySet<string>): string {
  const lines = text.split('\n').filter(
    (line) =>
      ![...removed].some(
        (name) =>
          line
            .toLowerCase()
            .replaceAll(/[-_.]+/g, '-')
            .match(/^[a-z0-9-]+/)?.[0] === name,
      ),
  )
  const joined = lines.join('\n')
  return joined === '' || joined.endsWith('\n') ? joined : `${joined}\n`
}
