import type { Io } from '../io.ts'
import { checksOf } from '../doctor/checks.ts'
import type { Check } from '../doctor/check.ts'
import { stylesFor, type Styles } from '../terminal/style.ts'
import { plainText } from '../terminal/text.ts'
import type { DataOptions } from './one-build.ts'

export interface DoctorOptions extends DataOptions {
  readonly registry?: string
}

/** `kiln doctor`: every check with what to do. Exit code 0 unless something fails. */
export async function doctor(io: Io, options: DoctorOptions): Promise<number> {
  const checks = await checksOf(io, options)
  const ok = checks.every(({ status }) => status !== 'fail')
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, ok, checks }, null, 2)}\n`)
  else
    io.stdout.write(
      checks
        .flatMap((check) => checkLines(check, stylesFor(io, io.stdout)))
        .map((line) => `${line}\n`)
        .join(''),
    )
  return ok ? 0 : 7
}

function checkLines({ name, status, message, fix }: Check, styles: Styles): readonly string[] {
  const word = { ok: styles.green('ok  '), warn: styles.yellow('warn'), fail: styles.red('FAIL') }[status]
  return [
    `${word} ${name.padEnd(14)} ${plainText(message)}`,
    ...(fix === undefined ? [] : [`     ${' '.repeat(14)} ${styles.faint('fix:')} ${plainText(fix)}`]),
  ]
}
