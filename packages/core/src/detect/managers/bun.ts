import type { Install } from '../install.ts'
import { managerVersion } from '../node/manager-version.ts'
import type { PackageJson } from '../node/package-json.ts'
import type { Tree } from '../tree.ts'
import { lockText, nodeInstall, noLock } from './npm.ts'

/** Bun as the manager of a program that node runs. */
export function bun(tree: Tree, manifest: PackageJson): Install {
  const lock = ['bun.lock', 'bun.lockb'].find((path) => tree.has(path))
  const locked = lock === 'bun.lock' ? lockedVersions(lockText(tree, lock)) : undefined
  return {
    manager: 'bun',
    evidence:
      lock === undefined
        ? { rule: 'node.manager.field', file: 'package.json', line: manifest.line('packageManager'), says: 'package.json names bun' }
        : { rule: 'node.manager.bun-lock', file: lock, line: 1, says: `${lock} fixes the versions` },
    ...nodeInstall(tree, manifest, ['package.json', ...(lock === undefined ? [] : [lock]), 'bunfig.toml', '.npmrc']),
    ...(locked ? { locked } : {}),
    toolchain: { name: 'bun', version: managerVersion(manifest, 'bun', ['1']) },
    notices: lock === undefined ? [noLock(manifest, 'bun')] : [],
  }
}

// `"name": ["name@1.2.3", …` on a line of its own below `"packages"`.
function lockedVersions(text: string): ReadonlyMap<string, string> {
  const start = text.indexOf('"packages"')
  const body = start === -1 ? '' : text.slice(start)
  const keys = body.matchAll(/^[ \t]+"[^"\n]+": \["((?:@[^/@"\n]+\/)?[^@"\n]+)@([^"\n]+)"/gm)
  return new Map([...keys].map((match) => [match[1]!, match[2]!]))
}
