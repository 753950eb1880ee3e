import { BuildError } from '../../failure/error.ts'
import type { DeclaredDependency, Evidence } from '../detection.ts'
import type { Install } from '../install.ts'
import type { Tree } from '../tree.ts'
import { lockedRequirements, staleNotices, versionsOf, type LockedPackage } from './locked.ts'
import { freeBeside } from './pip.ts'

interface Locked {
  readonly manager: Install['manager']
  readonly file: string
  readonly rule: string
  /** those that are installed */
  readonly packages: readonly LockedPackage[]
  /** all of the lock, also of other groups */
  readonly all: readonly LockedPackage[]
  readonly dependencies: readonly DeclaredDependency[]
  /** options of an index, as lines of a requirements file */
  readonly options?: readonly string[]
  /** what makes the lock anew */
  readonly command: string
}

/** A lock that pip installs. Throws `invalid_manifest` for one that says too little. */
export function lockedInstall(tree: Tree, { manager, file, rule, packages, all, dependencies, options, command }: Locked): Install {
  const text = lockedRequirements(packages, options)
  if (text === undefined)
    throw new BuildError('invalid_manifest', `${file} has a package without a name or version that pip knows`, { data: { file } })
  const path = freeBeside(tree, 'requirements.txt')
  const local = packages.some((one) => one.path !== undefined)
  const locked = versionsOf(packages)
  const evidence: Evidence = { rule, file, line: 1, says: `${file} fixes the versions` }
  return {
    manager,
    installer: 'pip',
    evidence,
    manifests: [path],
    generated: [{ path, text }],
    dependencies,
    locked,
    ...(local ? { wholeSource: { rule: 'python.manager.local-source', file, says: 'a package of the source itself is installed' } } : {}),
    git: packages.some(({ url }) => url?.startsWith('git+')),
    notices: staleNotices(file, versionsOf(all), dependencies, command),
  }
}
