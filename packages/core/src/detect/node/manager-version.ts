import satisfies from 'semver/functions/satisfies.js'
import intersects from 'semver/ranges/intersects.js'
import validRange from 'semver/ranges/valid.js'
import { engineOf, wantedManager } from './lifecycle.ts'
import type { PackageJson } from './package-json.ts'

/**
 * The version of a manager: exact where `packageManager` or `devEngines` name one, else the best line of `lines` (those that read
 * the lock, best first) that the ranges of `devEngines` and `engines` allow.
 */
export function managerVersion(manifest: PackageJson, tool: string, lines: readonly string[]): string {
  const field = manifest.text('packageManager') ?? ''
  const pinned = field.startsWith(`${tool}@`) ? /^\d+\.\d+\.\d+[0-9A-Za-z.-]*/.exec(field.slice(tool.length + 1))?.[0] : undefined
  if (pinned !== undefined) return pinned
  const wanted = wantedManager(manifest)
  const ranges = [wanted.name === tool ? wanted.version : undefined, engineOf(manifest, tool)].filter((range) => range !== undefined)
  const exact = ranges.find((range) => /^\d+\.\d+\.\d+$/.test(range))
  if (exact !== undefined) return exact
  const known = ranges.filter((range) => validRange(range) !== null)
  return lines.find((line) => known.every((range) => allows(line, range))) ?? lines[0]!
}

function allows(line: string, range: string): boolean {
  return line.split('.').length === 3 ? satisfies(line, range) : intersects(`^${line}.0.0`, range)
}
