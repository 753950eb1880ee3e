import { BuildError, isFinal, type Build, type BuildRecord, type Recipe } from '@kiln/core'
import { failureLines } from '../failure-lines.ts'
import { listenForInterrupts } from '../interrupts.ts'
import type { Io } from '../io.ts'
import { stylesFor } from '../terminal/style.ts'
import { plainText } from '../terminal/text.ts'
import { bytes } from '../terminal/units.ts'
import { stateText, tookText } from './builds-ls.ts'
import { findBuild, withBuilds, type DataOptions } from './one-build.ts'

export interface ShowOptions extends DataOptions {
  readonly wait?: true
  readonly plan?: true
  readonly dockerfile?: true
}

/** `kiln builds show`: the record, or the plan or Dockerfile that was used. */
export async function show(io: Io, reference: string, options: ShowOptions): Promise<number> {
  return withBuilds(io, options, async (kiln) => {
    const build = await findBuild(kiln, reference)
    if (options.plan) return write(io, options, 'plan', JSON.stringify(JSON.parse(await storedText(build, 'plan')), null, 2))
    if (options.dockerfile) return write(io, options, 'dockerfile', dockerfileText(await storedText(build, 'recipe')))
    using interrupts = listenForInterrupts(io)
    const record = options.wait && !isFinal(build.record.state) ? await build.result({ signal: interrupts.signal }) : build.record
    if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, build: record }, null, 2)}\n`)
    else
      io.stdout.write(
        recordLines(record, io, options)
          .map((line) => `${line}\n`)
          .join(''),
      )
    return 0
  })
}

function write(io: Io, options: ShowOptions, kind: 'plan' | 'dockerfile', text: string): number {
  if (!options.json) io.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  else
    io.stdout.write(
      `${JSON.stringify({ version: 1, ...(kind === 'plan' ? { plan: JSON.parse(text) as object } : { dockerfile: text }) }, null, 2)}\n`,
    )
  return 0
}

async function storedText(build: Build, what: 'plan' | 'recipe'): Promise<string> {
  const text = await build.stored(what)
  if (text !== undefined) return text
  throw new BuildError('not_found', `The build has no ${what}: it was built with a Dockerfile, or it was pruned.`)
}

export function dockerfileText(stored: string): string {
  const recipe = JSON.parse(stored) as Recipe
  return recipe.kind === 'dockerfile' ? recipe.text : ''
}

function recordLines(record: BuildRecord, io: Io, from: DataOptions): readonly string[] {
  const styles = stylesFor(io, io.stdout)
  const row = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [`${styles.faint(name.padEnd(9))} ${plainText(value)}`]
  const time = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString())
  const { built, error } = record
  return [
    ...row('build', record.id),
    ...row('name', record.name),
    ...row('state', stateText(record)),
    ...row('image', record.image),
    ...row('tags', record.tags.length > 0 ? record.tags.join(', ') : undefined),
    ...row('digest', built && `${built.digest} (${built.digestKind})`),
    ...row('size', built?.size === undefined ? undefined : bytes(built.size)),
    ...row('builder', built?.builder),
    ...Object.entries(built?.bases ?? {}).flatMap(([name, digest]) => row('base', `${name} ${digest}`)),
    ...row('driver', `${record.driver.name}: ${record.driver.why}`),
    ...row('key', record.key),
    ...row('run', `${record.run}, attempt ${record.attempt}, ${record.reuse === 'none' ? 'its own' : record.reuse}`),
    ...row('accepted', time(record.acceptedAt)),
    ...row('started', time(record.startedAt)),
    ...row('ended', time(record.endedAt)),
    ...row('took', tookText(record, io.now())),
    ...(error ? ['', ...failureLines(error, styles, { id: record.id, from })] : []),
  ]
}
