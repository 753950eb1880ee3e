import { parse as parseVersion } from '@renovatebot/pep440'
import { satisfies, validRange } from '@renovatebot/pep440/lib/specifier.js'
import { shown } from '../../failure/error.ts'
import type { DeclaredDependency, Notice } from '../detection.ts'
import { byText } from '../tree.ts'
import { normalName } from '../python/requirement.ts'

/** One package of a lock, whichever manager wrote it. */
export interface LockedPackage {
  readonly name: string
  readonly version?: string
  readonly extras?: readonly string[]
  /** `sha256:…` of each of its files */
  readonly hashes: readonly string[]
  readonly marker?: string
  /** instead of an index: `git+https://…@revision`, or the address of a file */
  readonly url?: string
  /** instead of an index: a directory or file of the source */
  readonly path?: string
}

/**
 * A lock as requirements for pip, which asks an index for no more than the files, so that no manager has to be installed and every
 * mirror will do. With hashes where every package has them: pip then takes nothing else. Undefined for what cannot be written.
 */
export function lockedRequirements(packages: readonly LockedPackage[], options: readonly string[] = []): string | undefined {
  const hashed = packages.every(({ hashes, url, path }) => hashes.length > 0 && url === undefined && path === undefined)
  const lines = merged(packages)
    .toSorted((a, b) => byText(normalName(a.name), normalName(b.name)))
    .map((one) => line(one, hashed))
  return lines.every((text) => text !== undefined) ? [...options, ...lines].map((text) => `${text}\n`).join('') : undefined
}

/** A package that stands there again with its extras is one. */
function merged(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const groups = Map.groupBy(packages, ({ name, version, marker }) => `${normalName(name)} ${version ?? ''} ${marker ?? ''}`)
  return [...groups.values()].map((same) => {
    const extras = [...new Set(same.flatMap((one) => one.extras ?? []))].sort(byText)
    const hashes = [...new Set(same.flatMap((one) => one.hashes))].sort(byText)
    return { ...same[0]!, hashes, ...(extras.length > 0 ? { extras } : {}) }
  })
}

function line({ name, version, extras = [], hashes, marker, url, path }: LockedPackage, hashed: boolean): string | undefined {
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && extras.every((extra) => /^[A-Za-z0-9._-]+$/.test(extra))
  if (!plain || [marker, url, path].some((text) => text !== undefined && /[\r\n\\]/.test(text))) return undefined
  const named = `${normalName(name)}${extras.length > 0 ? `[${extras.join(',')}]` : ''}`
  const condition = marker === undefined || marker === '' ? '' : ` ; ${marker}`
  if (path !== undefined) return `./${path.replace(/^\.\//, '')}`
  if (url !== undefined) return /\s/.test(url) ? undefined : `${named} @ ${url}${condition}`
  if (version === undefined || !/^[A-Za-z0-9.!+_-]+$/.test(version)) return undefined
  const first = `${named}==${version}${condition}`
  return hashed ? [first, ...hashes.map((hash) => `--hash=${hash}`)].join(' \\\n    ') : first
}

/** Hashes as pip reads them; a package with any other is one without. */
export function sha256(hashes: readonly (string | undefined)[]): readonly string[] {
  return hashes.every((hash) => /^sha256:[0-9a-f]{64}$/.test(hash ?? '')) ? (hashes as readonly string[]) : []
}

/** The versions of a lock by name. */
export function versionsOf(packages: readonly { readonly name: string; readonly version?: string }[]): ReadonlyMap<string, string> {
  return new Map(packages.map(({ name, version }) => [normalName(name), version ?? '']))
}

/** A package that the manifest asks for and the lock lacks, or has in a version that does not fit: the lock is older than the manifest. */
export function staleNotices(
  file: string,
  locked: ReadonlyMap<string, string>,
  declared: readonly DeclaredDependency[],
  command: string,
): readonly Notice[] {
  const stale = declared.find(({ name, specifier, group }) => group === 'default' && !fits(locked.get(name), specifier))
  if (!stale) return []
  const has = locked.has(stale.name) ? `has ${shown(locked.get(stale.name) ?? '')}` : 'does not have it'
  const message = `${stale.evidence.file ?? 'the manifest'} asks for ${stale.name}${shown(stale.specifier)}, and ${file} ${has}: it is older. \`${command}\` makes it anew.`
  const { line: at } = stale.evidence
  return [
    {
      code: 'stale_lock',
      message,
      ...(stale.evidence.file === undefined ? {} : { file: stale.evidence.file }),
      ...(at === undefined ? {} : { line: at }),
    },
  ]
}

function fits(version: string | undefined, specifier: string): boolean {
  if (version === undefined) return false
  const known = version !== '' && parseVersion(version) !== null && specifier !== '' && validRange(specifier)
  return !known || satisfies(version, specifier, { prereleases: true })
}
