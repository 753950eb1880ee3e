import type { Source } from '../source/source.ts'
import { readConfig, type Config } from './config.ts'

const largest = 2 ** 20

/** The `kiln.json` of a source; empty where it has none. Throws `invalid_config`. */
export function ownConfig(source: Source): Config {
  const entry = source.entry('kiln.json')
  const there = source.aside?.has('kiln.json') || (entry?.kind === 'file' && entry.size <= largest)
  return there ? readConfig(new TextDecoder().decode(source.read('kiln.json')), 'kiln.json') : {}
}
