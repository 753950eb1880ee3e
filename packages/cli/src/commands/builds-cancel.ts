import { isFinal } from '@kiln/core'
import { listenForInterrupts } from '../interrupts.ts'
import type { Io } from '../io.ts'
import { stateText } from './builds-ls.ts'
import { findBuild, withBuilds, type CancelOptions } from './one-build.ts'

/** `kiln builds cancel`: asks; the process that runs the build stops it within its next renewal of the lease. */
export async function cancel(io: Io, reference: string, options: CancelOptions): Promise<number> {
  return withBuilds(io, options, async (kiln) => {
    const build = await findBuild(kiln, reference)
    using interrupts = listenForInterrupts(io)
    const over = isFinal(build.record.state)
    const asked = await build.cancel()
    const record = options.wait && !isFinal(asked.state) ? await build.result({ signal: interrupts.signal }) : asked
    if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, build: record }, null, 2)}\n`)
    else io.stdout.write(`${record.id} ${stateText(record)}\n`)
    if (over) io.stderr.write(`kiln: nothing to cancel: the build had already ended (${stateText(record)}).\n`)
    return 0
  })
}
