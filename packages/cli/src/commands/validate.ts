import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { BuildError, shown, validateConfig, type ConfigFault, type Source } from '@kiln/core'
import type { Io } from '../io.ts'
import { openSource } from '../open-source.ts'
import { stylesFor, type Styles } from '../terminal/style.ts'
import { plainText } from '../terminal/text.ts'

export interface ValidateOptions {
  readonly json?: true
  readonly config?: string
}

/** `kiln validate`: everything that is wrong with a kiln.json. Exit code 2 when something is; warnings alone are none. */
export async function validate(io: Io, given: string, options: ValidateOptions): Promise<number> {
  const { where, config } = sourceOf(io, given, options.config)
  const { source } = await openSource(io, where, {})
  await using _ = source
  const file = config ?? 'kiln.json'
  const faults = validateConfig(config === undefined ? ownText(source, where) : readText(io, config), file, source)
  const ok = !faults.some(({ level }) => level === 'error')
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, file, ok, faults }, null, 2)}\n`)
  else io.stdout.write(lines(faults, file, stylesFor(io, io.stdout)).join(''))
  return ok ? 0 : 2
}

/** `kiln validate dir/kiln.json` is about the directory that has it. */
function sourceOf(io: Io, given: string, config: string | undefined): { readonly where: string; readonly config: string | undefined } {
  const path = resolve(io.cwd, given)
  const isFile = given !== '-' && given.endsWith('.json') && statSync(path, { throwIfNoEntry: false })?.isFile() === true
  if (!isFile) return { where: given, config }
  return { where: dirname(given), config: config ?? (basename(given) === 'kiln.json' ? undefined : given) }
}

function ownText(source: Source, where: string): string {
  if (source.aside?.has('kiln.json') || source.entry('kiln.json')?.kind === 'file')
    return new TextDecoder().decode(source.read('kiln.json'))
  throw new BuildError('invalid_config', `There is no ${shown(join(where, 'kiln.json'))}.`, { hint: '`kiln init` writes one.' })
}

function readText(io: Io, path: string): string {
  try {
    return readFileSync(resolve(io.cwd, path), 'utf8')
  } catch (cause) {
    throw new BuildError('invalid_config', `${shown(path)} cannot be read.`, { cause })
  }
}

function lines(faults: readonly ConfigFault[], file: string, styles: Styles): readonly string[] {
  if (faults.length === 0) return [`${plainText(file)}: ok\n`]
  const errors = faults.filter(({ level }) => level === 'error').length
  const count = [counted(errors, 'error'), counted(faults.length - errors, 'warning')].filter((text) => text !== '').join(', ')
  return [...faults.map((fault) => `${faultLine(fault, styles)}\n`), `${count}\n`]
}

function faultLine({ level, message, file, line, column }: ConfigFault, styles: Styles): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return `${plainText(place)}: ${level === 'error' ? styles.red(level) : styles.yellow(level)}: ${plainText(message)}`
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`
}
