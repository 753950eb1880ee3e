import { BuildError } from '@kiln/core'
import { listenForInterrupts } from '../interrupts.ts'
import type { Io } from '../io.ts'
import { eventLine } from '../progress/json.ts'
import { plainLines } from '../progress/plain.ts'
import { wantsColour } from '../terminal/mode.ts'
import { stylesFor } from '../terminal/style.ts'
import { colouredText, plainText } from '../terminal/text.ts'
import { wholeNumber } from '../terminal/units.ts'
import { findBuild, withBuilds, type DataOptions } from './one-build.ts'
import type { BuildEvent } from '@kiln/core'

export interface LogsOptions extends DataOptions {
  readonly follow?: true
  readonly sinceSeq?: string
  readonly raw?: true
}

/** `kiln builds logs`: of any build, also one that another process runs now. */
export async function logs(io: Io, reference: string, options: LogsOptions): Promise<number> {
  const after = options.sinceSeq === undefined ? -1 : wholeNumber(options.sinceSeq, '--since-seq')
  if (options.json && options.raw) throw new BuildError('invalid_argument', '--json and --raw cannot be used together.')
  return withBuilds(io, options, async (kiln) => {
    const build = await findBuild(kiln, reference)
    const write = writer(io, options)
    using interrupts = listenForInterrupts(io)
    for await (const event of build.events({ after, follow: options.follow === true, signal: interrupts.signal })) write(event)
    return 0
  })
}

function writer(io: Io, options: LogsOptions): (event: BuildEvent) => void {
  if (options.json) return (event) => io.stdout.write(eventLine(event))
  const colour = wantsColour(io.env, io.stdout)
  if (options.raw) {
    const text = colour ? colouredText : plainText
    return (event) => void (event.type === 'log' && io.stdout.write(`${text(event.text)}\n`))
  }
  const lines = plainLines(stylesFor(io, io.stdout), colour)
  return (event) => {
    for (const line of lines(event)) io.stdout.write(`${line}\n`)
    if (event.type === 'state' && event.error) io.stdout.write(`${event.state}: ${plainText(event.error.message)}\n`)
  }
}
