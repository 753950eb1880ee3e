import { BuildError } from '../failure/error.ts'
import type { Source } from '../source/source.ts'
import { readConfig, type Config } from './config.ts'

const largest = 2 ** 20

/** The `kiln.json` of a source; empty where it has none. Throws `invalid_config`, also for one of more than 1 MiB. */
export function ownConfig(source: Source): Config {
  const entry = source.entry('kiln.json')
  const aside = source.aside?.get('kiln.json')
  if (aside === undefined && entry?.kind !== 'file') return {}
  if ((aside?.length ?? (entry?.kind === 'file' ? entry.size : 0)) > largest)
    throw new BuildError('invalid_config', 'kiln.json is larger than 1 MiB', { data: { file: 'kiln.json' } })
  return readConfig(new TextDecoder().decode(source.read('kiln.json')), 'kiln.json')
}
