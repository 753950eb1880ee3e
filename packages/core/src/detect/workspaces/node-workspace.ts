import type { Evidence } from '../detection.ts'
import { joined } from '../paths.ts'
import { readLooseJson } from '../../infer/loose-json.ts'
import { readPackageJson, type PackageJson } from '../node/package-json.ts'
import { listAt, valueAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { matchingDirectories, mostMembers } from './member-globs.ts'
import { referencesOf } from './tsconfigs.ts'
import { yamlList } from './yaml-list.ts'
import type { Member, Workspace } from './workspace.ts'

/** The workspace of npm, pnpm, yarn or bun whose root a tree is: `workspaces`, or the `packages` of pnpm-workspace.yaml. */
export function nodeWorkspace(tree: Tree): Workspace | undefined {
  const manifest = readPackageJson(tree)
  const named = manifest && namedMembers(tree, manifest)
  if (!named || named.patterns.length === 0) return undefined
  const directories = tree.files.filter((path) => path.endsWith('/package.json')).map((path) => path.slice(0, -'/package.json'.length))
  const members = matchingDirectories(named.patterns, directories)
    .slice(0, mostMembers)
    .flatMap((directory) => memberAt(tree, directory))
  return members.length === 0 ? undefined : { kind: 'node', root: tree.unit, tree, members, evidence: named.evidence }
}

interface Named {
  readonly patterns: readonly string[]
  readonly evidence: Evidence
}

function namedMembers(tree: Tree, manifest: PackageJson): Named | undefined {
  const tool = tools.find(([file]) => tree.has(file))?.[1]
  const by = tool === undefined ? '' : `, built by ${tool}`
  const pnpm = tree.text('pnpm-workspace.yaml')
  const list = pnpm === undefined ? undefined : yamlList(pnpm, 'packages')
  if (list) {
    const file = tree.inSource('pnpm-workspace.yaml')
    return { patterns: list.values, evidence: { rule: 'workspace.pnpm', file, line: list.line, says: `packages lists the members${by}` } }
  }
  const said = valueAt(manifest.value, 'workspaces')
  const patterns = (Array.isArray(said) ? said : listAt(said, 'packages')).filter((one) => typeof one === 'string')
  const place = { file: tree.inSource('package.json'), line: manifest.line('workspaces') }
  return { patterns, evidence: { rule: 'workspace.package-json', ...place, says: `workspaces lists the members${by}` } }
}

const tools: readonly (readonly [file: string, tool: string])[] = [
  ['turbo.json', 'turbo'],
  ['nx.json', 'nx'],
  ['lerna.json', 'lerna'],
  ['rush.json', 'rush'],
  ['.moon/workspace.yml', 'moon'],
  ['lage.config.js', 'lage'],
]

/** One that cannot be read is none: it may be nobody's business. */
function memberAt(tree: Tree, directory: string): Member[] {
  try {
    const manifest = readPackageJson(tree, `${directory}/package.json`)!
    return [
      {
        directory,
        name: manifest.text('name') ?? '',
        version: manifest.text('version') ?? '',
        dependencies: manifest.dependencies,
        paths: [...localPaths(manifest, directory), ...references(tree, directory)],
        starts: ['start', 'serve'].some((name) => manifest.text('scripts', name) !== undefined),
      },
    ]
  } catch {
    return []
  }
}

function localPaths(manifest: PackageJson, directory: string): string[] {
  return manifest.dependencies.flatMap(({ specifier }) => localPath(specifier, directory) ?? [])
}

/** The directory that a dependency is, where it is one: `file:../x`. */
export function localPath(specifier: string, directory: string): string | undefined {
  const path = /^(?:file:|link:|portal:)?(\.{1,2}\/.*)$/.exec(specifier)?.[1]
  const found = path === undefined ? undefined : joined(directory.split('/'), path)
  return found === '' ? undefined : found
}

/** The projects that a tsconfig refers to: directories, or files in them. */
function references(tree: Tree, directory: string): string[] {
  const text = tree.text(`${directory}/tsconfig.json`)
  if (text === undefined || !text.includes('"references"')) return []
  return referencesOf(readLooseJson(text), directory.split('/'))
}
