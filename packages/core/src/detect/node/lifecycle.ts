import { shown } from '../../failure/error.ts'
import type { Evidence } from '../detection.ts'
import { listAt, textAt, valueAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import type { PackageJson } from './package-json.ts'

/** What the project's own scripts and places mean for an install that sees the manifests alone. */
export interface Lifecycle {
  /** scripts that only set up a checkout (git hooks): left out, since there is none, and their tool may not be installed */
  readonly without: readonly string[]
  /** why the whole source must be there */
  readonly wholeSource?: Evidence
  /** a script that may need packages for development */
  readonly runsScripts: boolean
  /** files and directories that the install reads beside the manager's own */
  readonly manifests: readonly string[]
}

/** The scripts that managers run in the project itself while they install. */
const whileInstalling = ['preinstall', 'install', 'postinstall', 'prepare']

export function lifecycleOf(tree: Tree, manifest: PackageJson): Lifecycle {
  const scripts = whileInstalling.flatMap((name) => {
    const text = manifest.text('scripts', name)
    return text === undefined ? [] : [{ name, kinds: partsOf(text).map(kindOf) }]
  })
  const without = scripts.filter(({ kinds }) => kinds.every((kind) => kind === 'checkout')).map(({ name }) => name)
  const kept = scripts.filter(({ name }) => !without.includes(name))
  const whole = kept.find(({ kinds }) => kinds.some((kind) => kind === 'node' || kind === 'other'))
  const wholeSource = whole ? scriptEvidence(manifest, whole.name) : localPackage(manifest)
  return {
    without,
    ...(wholeSource ? { wholeSource } : {}),
    runsScripts: kept.some(({ kinds }) => kinds.some((kind) => kind !== 'node' && kind !== 'checkout')),
    manifests: [...patches(tree, manifest), ...prismaFiles(tree, manifest)],
  }
}

type Kind = 'checkout' | 'patch' | 'prisma' | 'node' | 'other'

const checkoutTools = new Set('husky simple-git-hooks lefthook is-ci yorkie only-allow pre-commit git echo true exit corepack'.split(' '))

function partsOf(script: string): string[] {
  return script
    .split(/&&|\|\||;/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function kindOf(part: string): Kind {
  const words = part.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word) && word !== 'npx' && word !== '--yes' && word !== '-y')
  const tool = words[0]?.replace(/^(?:\.\/)?node_modules\/\.bin\//, '').replace(/@.*$/, '') ?? ''
  if (checkoutTools.has(tool)) return 'checkout'
  if (tool === 'node') return /(?:^|\/)\.husky\//.test(words[1] ?? '') ? 'checkout' : 'node'
  if (tool === 'patch-package') return 'patch'
  return tool === 'prisma' && words[1] === 'generate' ? 'prisma' : 'other'
}

function scriptEvidence(manifest: PackageJson, script: string): Evidence {
  const says = `the script ${script} runs while installing`
  return { rule: 'node.install.whole-source', file: 'package.json', line: manifest.line('scripts', script), says }
}

function localPackage(manifest: PackageJson): Evidence | undefined {
  const local = manifest.dependencies.find(({ specifier }) => /^(?:file:|link:|portal:|\.{1,2}\/)/.test(specifier))
  if (!local) return undefined
  const says = `${shown(local.name)} is a directory of the source`
  return { rule: 'node.install.whole-source', file: 'package.json', line: local.evidence.line ?? 1, says }
}

/** Where patch-package, pnpm and yarn 1 have their patches; a yarn of today has them in `.yarn/`. */
function patches(tree: Tree, manifest: PackageJson): string[] {
  const named = [
    ...Object.values(valueAt(manifest.value, 'pnpm', 'patchedDependencies') ?? {}),
    ...Object.values(valueAt(manifest.value, 'patchedDependencies') ?? {}),
  ].filter((path): path is string => typeof path === 'string')
  const found = [...tree.files.filter((path) => path.startsWith('patches/')), ...named.map((path) => path.replace(/^\.\//, ''))]
  return [...new Set(found)].filter((path) => tree.has(path)).sort()
}

/** The client of Prisma is made from the schema while its package is installed. */
export function prismaFiles(tree: Tree, manifest: PackageJson): string[] {
  if (!manifest.dependencies.some(({ name }) => name === 'prisma' || name === '@prisma/client')) return []
  const named = textAt(manifest.value, 'prisma', 'schema')?.replace(/^\.\//, '')
  const files = tree.files.filter(
    (path) => /^(?:prisma\/)?(?:schema\/)?[\w.-]+\.prisma$/.test(path) || /^prisma\.config\.[cm]?[jt]s$/.test(path) || path === named,
  )
  return [...new Set(files)]
}

/** Versions of a tool that `engines` allows, as written. */
export function engineOf(manifest: PackageJson, tool: string): string | undefined {
  return manifest.text('engines', tool)
}

/** `devEngines.packageManager`, one or several: the first. */
export function wantedManager(manifest: PackageJson): { readonly name?: string; readonly version?: string } {
  const said = valueAt(manifest.value, 'devEngines', 'packageManager')
  const first = Array.isArray(said) ? listAt(manifest.value, 'devEngines', 'packageManager')[0] : said
  const [name, version] = [textAt(first, 'name'), textAt(first, 'version')]
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) }
}
