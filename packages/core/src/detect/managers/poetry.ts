import { validRange } from '@renovatebot/pep440/lib/specifier.js'
import { BuildError, shown } from '../../failure/error.ts'
import type { DeclaredDependency } from '../detection.ts'
import type { Install } from '../install.ts'
import { lineOf } from '../places.ts'
import { poetryGroups, projectGroups } from '../python/project-dependencies.ts'
import { normalName } from '../python/requirement.ts'
import { indexOptions } from '../python/uv-sources.ts'
import { poetryRange } from '../python/version.ts'
import { listAt, readToml, tableAt, textAt, valueAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { staleNotices } from './locked.ts'
import { freeBeside, freePath } from './pip.ts'
import { requirementsOfLock } from './poetry-requirements.ts'

/** poetry from its lock: by pip where the lock says enough, else by poetry. `groups` are those that are installed. */
export function poetry(tree: Tree, pyproject: Table, groups: readonly string[]): Install {
  const lock = readToml(tree, 'poetry.lock')
  const version = lockedBy(tree, lock)
  const packages = listAt(lock, 'package')
  const kinds = packages.map((one) => textAt(one, 'source', 'type'))
  const local = kinds.some((kind) => kind === 'directory' || kind === 'file')
  const text = requirementsOfLock(lock, ['main', ...groups])
  const dependencies = [...projectGroups(tree, pyproject), ...poetryGroups(tree, pyproject)]
  const locked = new Map(packages.map((one) => [normalName(textAt(one, 'name') ?? ''), textAt(one, 'version') ?? '']))
  return {
    manager: 'poetry',
    evidence: { rule: 'python.manager.poetry-lock', file: 'poetry.lock', line: 1, says: 'poetry.lock fixes the versions' },
    ...(text === undefined ? byPoetry(version) : byPip(tree, text)),
    dependencies,
    locked,
    ...(local
      ? { wholeSource: { rule: 'python.manager.local-source', file: 'poetry.lock', says: 'a package of the source itself is installed' } }
      : {}),
    git: kinds.includes('git'),
    notices: staleNotices(
      'poetry.lock',
      locked,
      dependencies.map((one) => (one.evidence.rule === 'python.dependency.poetry' ? { ...one, specifier: '' } : one)),
      'poetry lock',
    ),
  }
}

type How = Pick<Install, 'installer' | 'manifests' | 'generated' | 'toolchain'>

function byPoetry(version: string): How {
  return { manifests: ['pyproject.toml', 'poetry.lock'], generated: [], toolchain: { name: 'poetry', version } }
}

function byPip(tree: Tree, text: string): How {
  const path = freeBeside(tree, 'requirements.txt')
  return { installer: 'pip', manifests: [path], generated: [{ path, text }] }
}

/** poetry without a lock: what `[tool.poetry]` declares, as requirements for pip, whose ranges have no carets. */
export function pipFromPoetry(tree: Tree, pyproject: Table): Install {
  const dependencies = poetryGroups(tree, pyproject)
  const table = byName(tableAt(pyproject, 'tool', 'poetry', 'dependencies'))
  const needed = dependencies.filter(({ group, name }) => group === 'default' && valueAt(table, name, 'optional') !== true)
  const path = freePath(tree)
  const local = needed.find(({ name }) => valueAt(table, name, 'path') !== undefined)
  const text = [...indexOptions(pyproject), ...needed.map((one) => requirementText(table, one))].map((line) => `${line}\n`).join('')
  return {
    manager: 'pip',
    evidence: {
      rule: 'python.manager.poetry-unlocked',
      file: 'pyproject.toml',
      line: lineOf(tree.manifest('pyproject.toml'), '[tool.poetry.dependencies]') ?? 1,
      says: 'poetry lists the packages, without a lock',
    },
    manifests: [path],
    generated: [{ path, text }],
    dependencies,
    ...(local ? { wholeSource: local.evidence } : {}),
    git: text.includes('git+'),
    notices: [
      {
        code: 'no_lock',
        message: 'No lock file: the same source may install other versions later. `poetry lock` makes one.',
        file: 'pyproject.toml',
      },
    ],
  }
}

function requirementText(table: Table, { name, extras, specifier, evidence }: DeclaredDependency): string {
  const named = `${name}${extras ? `[${extras.join(',')}]` : ''}`
  const git = textAt(table, name, 'git')
  const path = textAt(table, name, 'path')
  if (git !== undefined) {
    const at = textAt(table, name, 'rev') ?? textAt(table, name, 'tag') ?? textAt(table, name, 'branch')
    return `${named} @ git+${git}${at === undefined ? '' : `@${at}`}`
  }
  if (path !== undefined) return `./${path.replace(/^\.\//, '')}`
  const range = specifier === '' ? '' : poetryRange(specifier)
  if (range.includes('||') || (range !== '' && !validRange(range))) {
    const { line } = evidence
    throw new BuildError('invalid_manifest', `pyproject.toml:${line ?? 1}: ${shown(specifier)} is no range of versions that pip knows`, {
      data: { file: 'pyproject.toml', line },
    })
  }
  return `${named}${range}`
}

function byName(table: Table): Table {
  return Object.fromEntries(Object.entries(table).map(([name, said]) => [normalName(name), said]))
}

// Lock formats 1.x to 2.0 are of poetry 1; 2.1 is of poetry 2.
function lockedBy(tree: Tree, lock: Table | undefined): string {
  const format = textAt(lock, 'metadata', 'lock-version')
  if (format === undefined) {
    const line = lineOf(tree.manifest('poetry.lock'), '[metadata]') ?? 1
    throw new BuildError('invalid_manifest', `poetry.lock:${line} has no lock-version`, { data: { file: 'poetry.lock', line } })
  }
  const [major = 0, minor = 0] = format.split('.').map(Number)
  return major > 2 || (major === 2 && minor >= 1) ? '2' : '1.8'
}
