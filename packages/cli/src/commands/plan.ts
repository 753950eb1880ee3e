import type { Io } from '../io.ts'
import { overviewLines } from '../overview.ts'
import { fallsBack, notPlanned, planSource, type PlanOptions } from '../planning.ts'
import { stylesFor } from '../terminal/style.ts'

/** `kiln plan`: the plan as JSON, or what stands in it for people. */
export async function plan(io: Io, where: string, options: PlanOptions): Promise<number> {
  const { source, planned } = await planSource(io, where, options)
  await using _ = source
  if (!planned.ok) {
    if (!options.json && fallsBack(planned, source)) io.stderr.write('kiln: no plan; kiln build would use the Dockerfile of the source.\n')
    throw notPlanned(planned)
  }
  if (options.json) io.stdout.write(`${JSON.stringify(planned.plan, null, 2)}\n`)
  else
    io.stdout.write(
      overviewLines(planned, stylesFor(io, io.stdout))
        .map((line) => `${line}\n`)
        .join(''),
    )
  return 0
}
