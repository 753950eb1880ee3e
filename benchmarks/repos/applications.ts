import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A directory of a repository that somebody would build. */
export interface Application {
  readonly repository: string
  /** relative to the repository */
  readonly path: string
  readonly because: 'manifest' | 'program'
}

const manifests = new Set(
  'package.json pyproject.toml requirements.txt Pipfile uv.lock poetry.lock setup.py environment.yml deno.json deno.jsonc go.mod'.split(
    ' ',
  ),
)
const notApplications =
  /^(?:node_modules|\.git|\.github|\.vscode|tests?|__tests__|docs?|scripts?|fixtures|evals?|assets|images?|public|static|build|dist|\.next|venv|\.venv)$/
const program = /\.(?:py|[cm]?[jt]s)$/

/**
 * The application directories of a repository: every one with a manifest, but not those of a package that another one of them has as a
 * member or library (no start, no program, below a manifest); and every topmost one without a manifest above it that holds a program.
 */
export function applicationsOf(home: string, repository: string): readonly Application[] {
  const found: Application[] = []
  const visit = (path: string, covered: boolean): void => {
    const entries = readdirSync(join(home, repository, path), { withFileTypes: true })
    const names = entries.filter((one) => one.isFile()).map(({ name }) => name)
    const declared = names.some((name) => manifests.has(name))
    const starts = names.some((name) => program.test(name) && !/(?:^\.|config\.|setup\.py$|conftest\.py$|__init__\.py$)/.test(name))
    if (declared && !(covered && isLibrary(join(home, repository, path), names))) found.push({ repository, path, because: 'manifest' })
    else if (starts && !covered && !declared) found.push({ repository, path, because: 'program' })
    const below = covered || declared || (starts && path !== '')
    for (const one of entries) {
      if (one.isDirectory() && !notApplications.test(one.name)) visit(path === '' ? one.name : `${path}/${one.name}`, below)
    }
  }
  visit('', false)
  return found.filter(({ path }) => path !== '')
}

/** A package below another manifest that nothing starts: a part of the application above. */
function isLibrary(directory: string, names: readonly string[]): boolean {
  if (!names.includes('package.json')) return !names.some((name) => name.endsWith('.py'))
  try {
    const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { scripts?: Record<string, string> }
    return scripts?.['start'] === undefined && scripts?.['dev'] === undefined
  } catch {
    return false
  }
}

/** The workspace above an application that asks for packages of it: alone, no package manager can install that. */
export function workspaceOf(home: string, { repository, path }: Application): { readonly root: string; readonly unit: string } | undefined {
  const manifest = (directory: string): string => {
    const file = join(home, repository, directory, 'package.json')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  if (!/"workspace:/.test(manifest(path))) return undefined
  const parts = path.split('/')
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const root = parts.slice(0, depth).join('/')
    if (existsSync(join(home, repository, root, 'pnpm-workspace.yaml')) || /"workspaces"\s*:/.test(manifest(root)))
      return { root, unit: parts.slice(depth).join('/') }
  }
  return undefined
}
