import type { Install } from '../install.ts'
import { projectGroups } from '../python/project-dependencies.ts'
import { normalName, parseRequirement } from '../python/requirement.ts'
import { indexOptions } from '../python/uv-sources.ts'
import { listAt, readToml, tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { lockedInstall } from './locked-install.ts'
import { sha256, type LockedPackage } from './locked.ts'

/** pdm from its lock, by pip: the groups of the lock, or where it does not name them, what the project's packages need. */
export function pdm(tree: Tree, pyproject: Table, groups: readonly string[]): Install {
  const lock = readToml(tree, 'pdm.lock')
  const packages = listAt(lock, 'package')
  const dependencies = [...projectGroups(tree, pyproject), ...devGroups(pyproject)]
  const wanted = packages.some((one) => listAt(one, 'groups').length > 0)
    ? packages.filter((one) => listAt(one, 'groups').some((group) => group === 'default' || groups.includes(String(group))))
    : needed(
        packages,
        dependencies.filter(({ group }) => group === 'default' || groups.includes(group)).map(({ name }) => name),
      )
  return lockedInstall(tree, {
    manager: 'pdm',
    file: 'pdm.lock',
    rule: 'python.manager.pdm-lock',
    packages: wanted.map(lockedPackage),
    all: packages.map(lockedPackage),
    dependencies,
    options: indexOptions(pyproject),
    command: 'pdm lock',
  })
}

function lockedPackage(one: unknown): LockedPackage {
  const git = textAt(one, 'git')
  const at = textAt(one, 'revision') ?? textAt(one, 'ref')
  const url = git === undefined ? textAt(one, 'url') : `git+${git.replace(/^git\+/, '')}${at === undefined ? '' : `@${at}`}`
  const path = textAt(one, 'path')
  const marker = textAt(one, 'marker')
  const version = textAt(one, 'version')
  const extras = listAt(one, 'extras').filter((extra) => typeof extra === 'string')
  return {
    name: textAt(one, 'name') ?? '',
    ...(version === undefined ? {} : { version }),
    ...(extras.length > 0 ? { extras } : {}),
    hashes: sha256(listAt(one, 'files').map((file) => textAt(file, 'hash'))),
    ...(marker === undefined ? {} : { marker }),
    ...(url === undefined ? {} : { url }),
    ...(path === undefined ? {} : { path }),
  }
}

/** What the named packages need, followed through the lock. */
function needed(packages: readonly unknown[], roots: readonly string[]): readonly unknown[] {
  const byName = Map.groupBy(packages, (one) => normalName(textAt(one, 'name') ?? ''))
  const reached = new Set(roots)
  for (const name of reached)
    for (const text of (byName.get(name) ?? []).flatMap((one) => listAt(one, 'dependencies'))) {
      const requirement = typeof text === 'string' ? parseRequirement(text) : undefined
      if (requirement) reached.add(requirement.name)
    }
  return packages.filter((one) => reached.has(normalName(textAt(one, 'name') ?? '')))
}

/** Groups of pdm's own, beside `[dependency-groups]`. */
function devGroups(pyproject: Table): Install['dependencies'] {
  const table = tableAt(pyproject, 'tool', 'pdm', 'dev-dependencies')
  return Object.keys(table).flatMap((group) =>
    listAt(table, group).flatMap((text) => {
      const requirement = typeof text === 'string' ? parseRequirement(text) : undefined
      if (!requirement) return []
      const { name, specifier } = requirement
      const says = `${group} of [tool.pdm.dev-dependencies]`
      return [
        {
          origin: 'declared' as const,
          ecosystem: 'pypi' as const,
          name,
          specifier,
          group,
          evidence: { rule: 'python.dependency.pdm', file: 'pyproject.toml', says },
        },
      ]
    }),
  )
}
