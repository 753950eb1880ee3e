import type { Install } from '../install.ts'
import { projectGroups } from '../python/project-dependencies.ts'
import { listAt, readToml, tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { lockedInstall } from './locked-install.ts'
import { sha256, type LockedPackage } from './locked.ts'

/** The lock of PEP 751, by pip. Source: https://packaging.python.org/specifications/pylock-toml/ */
export function pylock(tree: Tree, pyproject: Table): Install {
  const packages = listAt(readToml(tree, 'pylock.toml'), 'packages').flatMap((one) => locked(one))
  return lockedInstall(tree, {
    manager: 'pip',
    file: 'pylock.toml',
    rule: 'python.manager.pylock',
    packages,
    all: packages,
    dependencies: projectGroups(tree, pyproject),
    options: [...new Set(listAt(readToml(tree, 'pylock.toml'), 'packages').flatMap((one) => otherIndex(textAt(one, 'index'))))],
    command: 'uv export --format pylock.toml -o pylock.toml',
  })
}

function otherIndex(index: string | undefined): string[] {
  return index === undefined || index === 'https://pypi.org/simple' || index === 'https://pypi.org/simple/' || /\s/.test(index)
    ? []
    : [`--extra-index-url ${index}`]
}

/** Packages of groups that are not installed by default have a marker that says so; the project itself is a directory of the source. */
function locked(one: unknown): LockedPackage[] {
  const marker = textAt(one, 'marker')
  const directory = textAt(one, 'directory', 'path')
  if (directory === '.' || directory === '' || (marker !== undefined && /\b(?:extras|dependency_groups)\b/.test(marker))) return []
  const version = textAt(one, 'version')
  const files = [...listAt(one, 'wheels'), tableAt(one, 'sdist')].filter((file) => Object.keys(file as Table).length > 0)
  const url = vcs(tableAt(one, 'vcs')) ?? textAt(one, 'archive', 'url')
  return [
    {
      name: textAt(one, 'name') ?? '',
      ...(version === undefined ? {} : { version }),
      hashes: sha256(files.map((file) => prefixed(textAt(file, 'hashes', 'sha256')))),
      ...(marker === undefined ? {} : { marker }),
      ...(url === undefined ? {} : { url }),
      ...(directory === undefined ? {} : { path: directory }),
    },
  ]
}

function prefixed(hash: string | undefined): string | undefined {
  return hash === undefined ? undefined : `sha256:${hash}`
}

function vcs(table: Table): string | undefined {
  const url = textAt(table, 'url')
  const at = textAt(table, 'commit-id') ?? textAt(table, 'requested-revision')
  const below = textAt(table, 'subdirectory')
  if (url === undefined || textAt(table, 'type') !== 'git') return undefined
  return `git+${url}${at === undefined ? '' : `@${at}`}${below === undefined ? '' : `#subdirectory=${below}`}`
}
