import { normalName } from '../python/requirement.ts'
import { listAt, textAt, valueAt, type Table } from '../toml.ts'
import { byText } from '../tree.ts'

/**
 * What a poetry.lock installs, as requirements with hashes for pip: then no poetry has to be installed to install, and any
 * mirror of an index will do. Undefined where the lock does not say enough: formats before 2.1 (they do not name the groups),
 * packages from elsewhere than the default index, files without hashes.
 */
export function requirementsOfLock(lock: Table | undefined, groups: readonly string[]): string | undefined {
  const [major = 0, minor = 0] = (textAt(lock, 'metadata', 'lock-version') ?? '').split('.').map(Number)
  if (major !== 2 || minor < 1) return undefined
  const wanted = listAt(lock, 'package').filter((one) => isWanted(one, groups))
  const lines = wanted.map((one) => requirement(one, groups))
  return lines.every((line) => line !== undefined) ? lines.map((line) => `${line}\n`).join('') : undefined
}

// Optional packages belong to extras, which are not installed unless asked for.
function isWanted(one: unknown, groups: readonly string[]): boolean {
  return valueAt(one, 'optional') !== true && listAt(one, 'groups').some((group) => typeof group === 'string' && groups.includes(group))
}

function requirement(one: unknown, groups: readonly string[]): string | undefined {
  const name = textAt(one, 'name')
  const version = textAt(one, 'version')
  const hashes = listAt(one, 'files').map((file) => textAt(file, 'hash'))
  const plain = name !== undefined && /^[A-Za-z0-9._-]+$/.test(name) && version !== undefined && /^[A-Za-z0-9.!+_-]+$/.test(version)
  if (
    !plain ||
    valueAt(one, 'source') !== undefined ||
    hashes.length === 0 ||
    !hashes.every((hash) => /^sha256:[0-9a-f]{64}$/.test(hash ?? ''))
  )
    return undefined
  const marker = markerOf(valueAt(one, 'markers'), groups)
  if (marker === undefined) return undefined
  const words = [
    `${normalName(name)}==${version}${marker === '' ? '' : ` ; ${marker}`}`,
    ...[...new Set(hashes as string[])].sort(byText).map((hash) => `--hash=${hash}`),
  ]
  return words.join(' \\\n    ')
}

/** Empty for no marker; undefined for one that cannot be written here. */
function markerOf(said: unknown, groups: readonly string[]): string | undefined {
  if (said === undefined) return ''
  if (typeof said === 'string') return /[\n\\]/.test(said) ? undefined : said
  const main = groups.length === 1 ? textAt(said, groups[0]!) : undefined
  return main === undefined || /[\n\\]/.test(main) ? undefined : main
}
