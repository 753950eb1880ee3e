import type { Failure, Json } from '@kiln/core'
import type { Styles } from './terminal/style.ts'
import { colouredText, plainText } from './terminal/text.ts'

export interface FailedBuild {
  readonly id: string
  /** the last lines of the failing step, where the failure does not bring them */
  readonly tail?: readonly string[]
  /** where it is kept, as the command line had it */
  readonly from?: { readonly tenant?: string; readonly dataDir?: string }
}

const tailLines = 20

/** A failure for people, the most important last: what, where, the last lines of the step, what to do, the next command. */
export function failureLines(failure: Failure, styles: Styles, build?: FailedBuild): readonly string[] {
  const { data } = failure
  if (failure.code === 'cancelled')
    return [`${styles.yellow('cancelled')}: ${plainText(failure.message)}`, ...fact(styles, 'log', logCommand(build))]
  return [
    `${styles.red(styles.bold(build ? 'failed' : 'kiln'))}: ${plainText(failure.message)} ${styles.faint(`[${failure.code}]`)}`,
    ...fact(styles, 'step', stepOf(data)),
    ...fact(styles, 'where', placeOf(data)),
    ...tail(data, styles, build),
    ...candidates(data['candidates'], styles),
    ...fact(
      styles,
      'fix',
      data['fix'] === undefined ? undefined : `kiln build --fix adds to kiln.json: ${plainText(JSON.stringify(data['fix']))}`,
    ),
    ...fact(styles, 'hint', failure.hint === '' ? undefined : plainText(failure.hint)),
    ...fact(styles, 'log', logCommand(build)),
  ]
}

/** To be typed as it stands: with the options without which the build is not found. */
function logCommand(build: FailedBuild | undefined): string | undefined {
  if (build === undefined) return undefined
  const { tenant, dataDir } = build.from ?? {}
  const words = [build.id, ...(tenant === undefined ? [] : ['--tenant', tenant]), ...(dataDir === undefined ? [] : ['--data-dir', dataDir])]
  return `kiln builds logs ${words.map(quoted).join(' ')}`
}

function quoted(word: string): string {
  const plain = plainText(word)
  return /^[\w./:@+-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`
}

function fact(styles: Styles, name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`  ${styles.faint(name.padEnd(6))} ${value}`]
}

function stepOf(data: Failure['data']): string | undefined {
  const title = textOf(data['instruction']) ?? textOf(data['title']) ?? textOf(data['step'])
  if (title === undefined) return undefined
  const exit = typeof data['exitCode'] === 'number' ? `, exit code ${data['exitCode']}` : ''
  const line = typeof data['line'] === 'number' ? `, line ${data['line']} of ${plainText(textOf(data['file']) ?? 'the Dockerfile')}` : ''
  return `${plainText(title)}${line}${exit}`
}

function placeOf(data: Failure['data']): string | undefined {
  const file = textOf(data['file'])
  return file === undefined || stepOf(data) !== undefined
    ? undefined
    : `${plainText(file)}${typeof data['line'] === 'number' ? `:${data['line']}` : ''}`
}

function tail(data: Failure['data'], styles: Styles, build: FailedBuild | undefined): readonly string[] {
  const given = Array.isArray(data['logTail']) ? (data['logTail'] as readonly Json[]).filter((line) => typeof line === 'string') : []
  const lines = given.length > 0 ? given : (build?.tail ?? [])
  const text = styles.bold('x') === 'x' ? plainText : colouredText
  return lines.slice(-tailLines).map((line) => `  ${styles.faint('|')} ${text(line)}`)
}

function candidates(given: Json | undefined, styles: Styles): readonly string[] {
  if (!Array.isArray(given) || given.length === 0) return []
  const lines = (given as readonly Json[]).map((one) => {
    const { title, config } = one as { readonly title?: Json; readonly config?: Json }
    return `    ${plainText(JSON.stringify(config ?? one))}${typeof title === 'string' ? styles.faint(`  ${plainText(title)}`) : ''}`
  })
  return [`  ${styles.faint('choose one, in kiln.json or as an option:')}`, ...lines]
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
