import { requirements as requirementsOf, requirementsText, type Requirements } from '@kiln/core'
import type { Io } from '../io.ts'
import { noticeLine } from '../overview.ts'
import { configOf, type PlanOptions } from '../planning.ts'
import { openSource } from '../open-source.ts'
import { stylesFor } from '../terminal/style.ts'
import { plainText } from '../terminal/text.ts'

/**
 * `kiln requirements`: what a source needs as a requirements file, or as the part of a package.json. Exit code 3 where an import is left
 * for which no package is known: what is printed lacks something then.
 */
export async function requirements(io: Io, where: string, options: PlanOptions): Promise<number> {
  const { source } = await openSource(io, where, options.keep ? { keep: options.keep } : {})
  await using _ = source
  const found = requirementsOf(source, configOf(io, options))
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, ...found }, null, 2)}\n`)
  else {
    io.stdout.write(requirementsText(found))
    io.stderr.write(remarks(io, found).join(''))
  }
  return found.unresolved.length === 0 ? 0 : 3
}

function remarks(io: Io, { unresolved, notices }: Requirements): readonly string[] {
  const styles = stylesFor(io, io.stderr)
  const names = [...new Set(unresolved.map((one) => one.import))].map(plainText).join(', ')
  const lacking =
    names === '' ? [] : [`${styles.red('kiln:')} no known package has these imports, so nothing is written for them: ${names}\n`]
  return [...notices.map((notice) => `${noticeLine(notice, styles)}\n`), ...lacking]
}
