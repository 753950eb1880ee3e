import { validRange } from '@renovatebot/pep440/lib/specifier.js'
import { BuildError, shown } from '../../failure/error.ts'
import type { DeclaredDependency, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { condaSpec } from '../python/environment-yml.ts'
import { pixiLockFile, readPixiLock, type LockedConda, type PixiLock } from '../python/pixi-lock.ts'
import { readPixi, type PixiItem, type PixiManifest } from '../python/pixi-manifest.ts'
import { projectDependency } from '../python/project-dependencies.ts'
import { normalName } from '../python/requirement.ts'
import { tomlTexts } from '../places.ts'
import { listAt, readToml, tableAt, textAt, valueAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { condaPackage, isOfPython, knownName } from './conda.ts'
import { lockedInstall } from './locked-install.ts'
import { extrasOf, pathOf, requirement, specifierOf } from './pipenv.ts'
import { freePath } from './pip.ts'
import { countsFurther, isItself, nameOnPypi, pinsOf } from './pixi-pins.ts'

/** The manifest of pixi, where it asks for more than Python itself. */
export function pixiManifest(tree: Tree): PixiManifest | undefined {
  const manifest = readPixi(tree)
  const asks =
    manifest && (manifest.conda.some(({ name }) => !isOfPython(name)) || manifest.pypi.length > 0 || ownTexts(tree, manifest).length > 0)
  return asks ? manifest : undefined
}

/**
 * pixi by pip, from PyPI: packages of conda under the names that they have there, its tools as packages of the distribution; the
 * versions of `pixi.lock` where it has some for Linux. Throws `unsupported_project` for what neither has.
 */
export function pixi(tree: Tree, manifest: PixiManifest): Install {
  const read = readPixiLock(tree)
  const lock = read && 'lock' in read ? read.lock : undefined
  const wishes = wishesOf(tree, manifest, lock)
  const install = lock ? locked(tree, lock, wishes) : unlocked(tree, manifest, wishes)
  const unused = read && 'unused' in read ? [unusedNotice(read.unused)] : []
  return { ...install, system: wishes.system, notices: [...install.notices, ...unused, ...byPip(manifest, wishes)] }
}

/** What the manifest asks for. */
interface Wishes {
  readonly conda: readonly DeclaredDependency[]
  readonly pypi: readonly PixiItem[]
  /** of those, what the lock has no version of PyPI for */
  readonly loose: readonly DeclaredDependency[]
  /** requirements of the project itself, as they are written */
  readonly own: readonly string[]
  readonly dependencies: readonly DeclaredDependency[]
  readonly system: readonly string[]
}

function wishesOf(tree: Tree, manifest: PixiManifest, lock: PixiLock | undefined): Wishes {
  const { file } = manifest
  const pins = new Map((lock?.conda ?? []).map((one) => [one.name, one]))
  const pinned = new Set(lock?.conda.map(nameOnPypi))
  const items = manifest.conda.map((item) => condaItem(file, item, pins.get(item.name)))
  const conda = items.flatMap((one) => one.dependency ?? [])
  const own = ownTexts(tree, manifest)
  const named = Object.keys(tableAt(readToml(tree, 'pyproject.toml'), 'project')).length > 0
  const pypi = manifest.pypi.filter(({ said }) => !named || !isItself(said))
  const texts = ownDependencies(tree, own)
  return {
    conda,
    loose: lock ? conda.filter(({ name }) => !pinned.has(name)) : [],
    pypi,
    own,
    dependencies: [...conda, ...pypi.map((item) => pypiItem(file, item)), ...texts],
    system: [...new Set(items.flatMap((one) => one.system ?? []))],
  }
}

function condaItem(file: string, { name, said, line }: PixiItem, pin: LockedConda | undefined): ReturnType<typeof condaPackage> {
  const place = { file, line }
  if (['path', 'git', 'url'].some((key) => valueAt(said, key) !== undefined))
    throw new BuildError('unsupported_project', `${file}:${line}: ${shown(name)} is built from source by conda, which Kiln does not do`, {
      data: place,
    })
  const version = typeof said === 'string' ? said : (textAt(said, 'version') ?? '*')
  const specifier = condaSpec(`${name} ${version}`)?.specifier
  const pypi = pin && nameOnPypi(pin)
  if (pypi !== undefined) {
    const evidence = { rule: 'python.dependency.pixi', ...place, says: shown(`${name} ${version}`, 200) }
    return { dependency: { origin: 'declared', ecosystem: 'pypi', name: pypi, specifier: specifier ?? '', group: 'default', evidence } }
  }
  if (pin && countsFurther(name)) return condaPackage(file, { text: `${name} ${pin.version}.*`, line })
  if (specifier === undefined && knownName(name) !== undefined) throw noRange(file, line, version)
  return condaPackage(file, { text: `${name} ${version}`, line })
}

function noRange(file: string, line: number, said: string): BuildError {
  return new BuildError('invalid_manifest', `${file}:${line}: ${shown(said)} is no range of versions that pip knows`, {
    data: { file, line },
  })
}

function pypiItem(file: string, { name, said, line }: PixiItem): DeclaredDependency {
  const extras = extrasOf(said)
  const specifier = specifierOf(said)
  if (specifier !== '' && !validRange(specifier)) throw noRange(file, line, specifier)
  const evidence = { rule: 'python.dependency.pixi', file, line, says: shown(`${name} ${specifier}`.trim(), 200) }
  return {
    origin: 'declared',
    ecosystem: 'pypi',
    name: normalName(name),
    ...(extras.length > 0 ? { extras } : {}),
    specifier,
    group: 'default',
    evidence,
  }
}

/** The requirements of the project, which pixi takes from `[project]`: it is not installed itself, as with the other managers. */
function ownTexts(tree: Tree, { file, pypi }: PixiManifest): readonly string[] {
  const itself = pypi.find(({ said }) => isItself(said))
  if (file !== 'pyproject.toml' && !itself) return []
  const pyproject = readToml(tree, 'pyproject.toml')
  const extras = extrasOf(itself?.said).flatMap((extra) => listAt(pyproject, 'project', 'optional-dependencies', extra))
  return [...listAt(pyproject, 'project', 'dependencies'), ...extras].filter((text) => typeof text === 'string')
}

function ownDependencies(tree: Tree, texts: readonly string[]): readonly DeclaredDependency[] {
  const file = 'pyproject.toml'
  const lineOf = tomlTexts(tree.text(file) ?? '', 'project')
  return texts.map((text) => projectDependency(file, text, lineOf('dependencies', text), 'default'))
}

function unlocked(tree: Tree, manifest: PixiManifest, { conda, pypi, own, dependencies }: Wishes): Install {
  const { file } = manifest
  const path = freePath(tree)
  const lines = [
    ...options(manifest),
    ...conda.map(({ name, specifier }) => `${name}${specifier}`),
    ...pypi.map(({ name, said }) => requirement(name, forPip(said))),
    ...own,
  ]
  return {
    manager: 'pixi',
    installer: 'pip',
    evidence: {
      rule: 'python.manager.pixi',
      file,
      line: dependencies[0]?.evidence.line ?? 1,
      says: `${file} lists the packages, without a lock`,
    },
    manifests: [path],
    generated: [{ path, text: lines.map((line) => `${line}\n`).join('') }],
    dependencies,
    ...wholeSource(file, pypi),
    git: lines.some((line) => line.includes('git+')),
    notices: [{ code: 'no_lock', message: 'No lock file: the same source may install other versions later. `pixi lock` makes one.', file }],
  }
}

function wholeSource(file: string, pypi: readonly PixiItem[]): Pick<Install, 'wholeSource'> {
  const local = pypi.find(({ said }) => pathOf(said) !== undefined)
  if (!local) return {}
  const says = `${shown(local.name)} is a directory of the source`
  return { wholeSource: { rule: 'python.manager.local-source', file, line: local.line, says } }
}

/** What pixi says in its own words, in those of a Pipfile. */
function forPip(said: unknown): unknown {
  if (typeof said === 'string') return said
  const ref = textAt(said, 'rev') ?? textAt(said, 'tag') ?? textAt(said, 'branch')
  const all: Table = { ...tableAt(said), ref, file: textAt(said, 'url'), markers: textAt(said, 'env-markers') }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function options({ options: tables, pypi }: PixiManifest): readonly string[] {
  const index = tables.map((table) => textAt(table, 'index-url')).findLast((url) => url !== undefined)
  const extra = [...tables.flatMap((table) => listAt(table, 'extra-index-urls')), ...pypi.map(({ said }) => valueAt(said, 'index'))]
  return indexOptions([
    index ?? 'https://pypi.org/simple',
    ...extra.flatMap((one) => (typeof one === 'string' ? [one] : (textAt(one, 'url') ?? []))),
  ])
}

const ofPypi = /^https:\/\/pypi\.org\/simple\/?$/

/** The first is the index, others stand beside it. */
function indexOptions(urls: readonly string[]): readonly string[] {
  const valid = [...new Set(urls)].filter((url) => /^https?:\/\/\S+$/.test(url))
  const main = valid.find((url) => ofPypi.test(url)) ?? valid[0]
  return valid.flatMap((url) => (ofPypi.test(url) ? [] : [`${url === main ? '--index-url' : '--extra-index-url'} ${url}`]))
}

function locked(tree: Tree, lock: PixiLock, { dependencies, loose, pypi }: Wishes): Install {
  const packages = pinsOf(lock, pypi)
  const apart = new Set(loose)
  const install = lockedInstall(tree, {
    manager: 'pixi',
    file: pixiLockFile,
    rule: 'python.manager.pixi-lock',
    packages,
    all: packages,
    dependencies: dependencies.filter((one) => !apart.has(one)),
    options: indexOptions(lock.indexes.length > 0 ? lock.indexes : ['https://pypi.org/simple']),
    command: 'pixi lock',
  })
  const more = loose.map(({ name, specifier }) => `${name}${specifier}\n`).join('')
  return { ...install, dependencies, generated: install.generated.map(({ path, text }) => ({ path, text: text + more })) }
}

function unusedNotice(why: string): Notice {
  return {
    code: 'manifest_not_read',
    message: `${pixiLockFile} is not read: ${shown(why)}. The versions are those that the manifest allows.`,
    file: pixiLockFile,
  }
}

function byPip({ file }: PixiManifest, { conda }: Wishes): Notice[] {
  if (conda.length === 0) return []
  const message = `${file} is installed by pip from PyPI, not by pixi: what comes from conda's channels may differ.`
  return [{ code: 'conda_by_pip', message, file }]
}
