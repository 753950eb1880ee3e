import { shown } from '../../failure/error.ts'
import type { DeclaredDependency } from '../detection.ts'
import type { Install } from '../install.ts'
import { readJson } from '../placed-json.ts'
import { tomlLine, tomlLines } from '../places.ts'
import { normalName } from '../python/requirement.ts'
import { listAt, readToml, tableAt, textAt, valueAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { lockedInstall } from './locked-install.ts'
import { lockedRequirements, sha256, type LockedPackage } from './locked.ts'
import { freePath } from './pip.ts'

/** pipenv from its lock, by pip. */
export function pipenvLocked(tree: Tree, groups: readonly string[]): Install {
  const lock = readJson(tree.manifest('Pipfile.lock'), 'Pipfile.lock', 'invalid_manifest').value
  const sections = ['default', ...(groups.includes('dev') ? ['develop'] : [])]
  const packages = sections.flatMap((section) => Object.entries(tableAt(lock, section)).map(([name, said]) => locked(name, said)))
  return lockedInstall(tree, {
    manager: 'pipenv',
    file: 'Pipfile.lock',
    rule: 'python.manager.pipfile-lock',
    packages,
    all: packages,
    dependencies: declaredIn(tree),
    options: indexOptions(listAt(lock, '_meta', 'sources')),
    command: 'pipenv lock',
  })
}

/** A Pipfile without a lock: what it declares, as requirements for pip. */
export function pipenvUnlocked(tree: Tree): Install {
  const pipfile = readToml(tree, 'Pipfile')
  const packages = Object.entries(tableAt(pipfile, 'packages'))
  const path = freePath(tree)
  const local = packages.find(([, said]) => pathOf(said) !== undefined)
  const text = [...indexOptions(listAt(pipfile, 'source')), ...packages.map(([name, said]) => requirement(name, said))]
    .map((line) => `${line}\n`)
    .join('')
  return {
    manager: 'pipenv',
    installer: 'pip',
    evidence: {
      rule: 'python.manager.pipfile',
      file: 'Pipfile',
      line: tomlLine(tree.manifest('Pipfile'), 'packages', packages[0]?.[0] ?? '') ?? 1,
      says: 'Pipfile lists the packages, without a lock',
    },
    manifests: [path],
    generated: [{ path, text }],
    dependencies: declaredIn(tree),
    ...(local
      ? { wholeSource: { rule: 'python.manager.local-source', file: 'Pipfile', says: `${shown(local[0])} is a directory of the source` } }
      : {}),
    git: packages.some(([, said]) => textAt(said, 'git') !== undefined),
    notices: [
      {
        code: 'no_lock',
        message: 'No lock file: the same source may install other versions later. `pipenv lock` makes one.',
        file: 'Pipfile',
      },
    ],
  }
}

function declaredIn(tree: Tree): readonly DeclaredDependency[] {
  const pipfile = readToml(tree, 'Pipfile')
  const tables = [
    ['packages', 'default'],
    ['dev-packages', 'dev'],
  ] as const
  return tables.flatMap(([table, group]) => {
    const lines = tomlLines(tree.text('Pipfile') ?? '', table)
    return Object.entries(tableAt(pipfile, table)).map(([name, said]) => {
      const line = lines.get(name)
      const extras = extrasOf(said)
      return {
        origin: 'declared' as const,
        ecosystem: 'pypi' as const,
        name: normalName(name),
        ...(extras.length > 0 ? { extras } : {}),
        specifier: specifierOf(said),
        group,
        evidence: {
          rule: 'python.dependency.pipfile',
          file: 'Pipfile',
          ...(line === undefined ? {} : { line }),
          says: shown(`${name} ${specifierOf(said)}`.trim(), 200),
        },
      }
    })
  })
}

function locked(name: string, said: unknown): LockedPackage {
  const version = textAt(said, 'version')?.replace(/^==/, '')
  const marker = textAt(said, 'markers')
  const url = addressOf(said)
  const path = pathOf(said)
  const extras = extrasOf(said)
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(extras.length > 0 ? { extras } : {}),
    hashes: sha256(listAt(said, 'hashes').map(String)),
    ...(marker === undefined ? {} : { marker }),
    ...(url === undefined ? {} : { url }),
    ...(path === undefined ? {} : { path }),
  }
}

/** A line for pip: `version`, `extras`, `markers`, and `git` with `ref` and `subdirectory`, `file` or `path` in place of an index. */
export function requirement(name: string, said: unknown): string {
  const url = addressOf(said)
  const path = pathOf(said)
  const marker = textAt(said, 'markers')
  const one: LockedPackage = {
    name,
    hashes: [],
    extras: extrasOf(said),
    version: '0',
    ...(marker === undefined ? {} : { marker }),
    ...(url === undefined ? {} : { url }),
    ...(path === undefined ? {} : { path }),
  }
  const line = lockedRequirements([one])?.trim() ?? normalName(name)
  return url === undefined && path === undefined ? line.replace('==0', specifierOf(said)) : line
}

export function specifierOf(said: unknown): string {
  const version = (typeof said === 'string' ? said : (textAt(said, 'version') ?? '*')).trim()
  if (version === '*' || version === '') return ''
  return /^[<>=!~]/.test(version) ? version.replaceAll(/\s+/g, '') : `==${version}`
}

export function extrasOf(said: unknown): readonly string[] {
  return listAt(said, 'extras').filter((extra) => typeof extra === 'string')
}

function addressOf(said: unknown): string | undefined {
  const git = textAt(said, 'git')
  const at = textAt(said, 'ref')
  const below = textAt(said, 'subdirectory')
  const file = textAt(said, 'file')
  if (git !== undefined)
    return `git+${git.replace(/^git\+/, '')}${at === undefined ? '' : `@${at}`}${below === undefined ? '' : `#subdirectory=${below}`}`
  return file !== undefined && /^https?:/.test(file) ? file : undefined
}

export function pathOf(said: unknown): string | undefined {
  const path = textAt(said, 'path') ?? textAt(said, 'file')
  return valueAt(said, 'git') !== undefined || path === undefined || /^https?:/.test(path) ? undefined : path
}

/** The first source is the index; others stand beside it. */
function indexOptions(sources: readonly unknown[]): readonly string[] {
  return sources.flatMap((source, at) => {
    const url = textAt(source, 'url')
    if (url === undefined || /\s/.test(url) || /^https:\/\/pypi\.(?:org|python\.org)\/simple\/?$/.test(url)) return []
    return [at === 0 ? `--index-url ${url}` : `--extra-index-url ${url}`]
  })
}
