import type { Evidence } from '../detection.ts'
import type { Install } from '../install.ts'
import { managerVersion } from '../node/manager-version.ts'
import type { PackageJson } from '../node/package-json.ts'
import type { Tree } from '../tree.ts'
import { lockText, nodeInstall, noLock } from './npm.ts'

/** yarn 1, or one of today (berry), whose packages lie in node_modules in the image. */
export function yarn(tree: Tree, manifest: PackageJson): Install {
  const text = tree.has('yarn.lock') ? lockText(tree, 'yarn.lock') : undefined
  const locked = text?.trim() ? text : undefined
  const own = ['package.json', ...(locked === undefined ? [] : ['yarn.lock']), '.npmrc', '.yarnrc', '.yarnrc.yml']
  const version = yarnVersion(tree, manifest, locked)
  return {
    manager: 'yarn',
    evidence: evidenceOf(manifest, locked, version),
    ...nodeInstall(tree, manifest, [...own, ...yarnFiles(tree)]),
    ...(locked === undefined ? {} : { locked: lockedVersions(locked) }),
    toolchain: { name: 'yarn', version },
    notices: locked === undefined ? [noLock(manifest, 'yarn')] : [],
  }
}

function evidenceOf(manifest: PackageJson, locked: string | undefined, version: string): Evidence {
  const which = version.startsWith('1.') ? 'yarn 1' : `yarn ${version}`
  return locked === undefined
    ? { rule: 'node.manager.field', file: 'package.json', line: manifest.line('packageManager'), says: 'package.json names yarn' }
    : { rule: 'node.manager.yarn-lock', file: 'yarn.lock', line: 1, says: `yarn.lock fixes the versions, for ${which}` }
}

/** Releases, plugins, patches and a cache that is checked in; not what yarn itself makes anew. */
function yarnFiles(tree: Tree): string[] {
  return tree.files.filter((path) => /^\.yarn\/(?:releases|plugins|patches|cache|versions)\//.test(path))
}

/** What is pinned, else by `yarnPath`, else by the format of the lock. */
function yarnVersion(tree: Tree, manifest: PackageJson, lock: string | undefined): string {
  const settings = tree.text('.yarnrc.yml')
  // one short line: a stranger's text must not be searched again and again
  const told = /^yarnPath:([^\n]{1,200})$/m.exec((settings ?? '').replaceAll('\r', ''))?.[1]
  const path = /yarn-(\d+\.\d+\.\d+)[^/]*\.c?js/.exec(told ?? '')?.[1]
  const format = lock === undefined ? undefined : Number(/^__metadata:\n\s+version:\s*["']?(\d+)/m.exec(lock.replaceAll('\r', ''))?.[1])
  const berry = lock === undefined ? settings !== undefined : !Number.isNaN(format)
  if (path !== undefined && !(manifest.text('packageManager') ?? '').startsWith('yarn@')) return path
  if (!berry) return managerVersion(manifest, 'yarn', lock === undefined ? ['1.22.22', '4'] : ['1.22.22'])
  return managerVersion(manifest, 'yarn', format === undefined || format >= 8 ? ['4'] : format >= 5 ? ['3', '4'] : ['2', '3', '4'])
}

/** Of both formats: a line of keys (`"a@^1", a@^2:` or `"a@npm:^1":`), then a line with the version. */
function lockedVersions(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let name: string | undefined
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) name = /^"?((?:@[^/@\s"]+\/)?[^@\s"]+)@/.exec(line)?.[1]
    const version = name === undefined ? undefined : /^ {2}version:? "?([^\s"]+)/.exec(line)?.[1]
    if (version !== undefined && version !== '0.0.0-use.local') found.set(name!, version)
  }
  return found
}
