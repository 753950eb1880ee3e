import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BuildError, type Build, type Recipe } from '@kiln/core'
import type { Io } from '../io.ts'
import { eventLine } from '../progress/json.ts'
import { plainLines } from '../progress/plain.ts'
import { noStyles } from '../terminal/style.ts'
import { tarOf } from '../tar.ts'
import { findBuild, withBuilds, type DataOptions } from './one-build.ts'

export interface ExportOptions extends DataOptions {
  readonly output?: string
}

/** `kiln builds export`: everything that is kept of a build but its source, as a tar. */
export async function exportBuild(io: Io, reference: string, options: ExportOptions): Promise<number> {
  if (options.output === undefined && options.json)
    throw new BuildError('invalid_argument', '--json needs --output.', { hint: 'The tar itself goes to standard output otherwise.' })
  if (options.output === undefined && io.stdout.isTTY)
    throw new BuildError('invalid_argument', 'A tar does not belong on a terminal.', {
      hint: 'Add -o FILE, or send it to another program.',
    })
  return withBuilds(io, options, async (kiln) => {
    const build = await findBuild(kiln, reference)
    const files = await partsOf(build)
    const tar = tarOf(files, build.record.acceptedAt / 1000)
    if (options.output === undefined) io.stdout.write(tar)
    else writeFileSync(resolve(io.cwd, options.output), tar)
    if (options.json)
      io.stdout.write(`${JSON.stringify({ version: 1, id: build.record.id, file: options.output, files: Object.keys(files) }, null, 2)}\n`)
    else if (options.output !== undefined) io.stderr.write(`wrote ${options.output}: ${Object.keys(files).join(', ')}\n`)
    return 0
  })
}

async function partsOf(build: Build): Promise<Readonly<Record<string, string>>> {
  const [plan, recipe] = await Promise.all([build.stored('plan'), build.stored('recipe')])
  const made = recipe === undefined ? undefined : (JSON.parse(recipe) as Recipe)
  const plain = plainLines(noStyles, false)
  let [events, log] = ['', '']
  for await (const event of build.events({ follow: false })) {
    events += eventLine(event)
    log += plain(event)
      .map((line) => `${line}\n`)
      .join('')
  }
  return {
    'record.json': `${JSON.stringify({ version: 1, build: build.record }, null, 2)}\n`,
    ...(plan !== undefined && { 'plan.json': `${JSON.stringify(JSON.parse(plan), null, 2)}\n` }),
    ...(recipe !== undefined && { 'recipe.json': `${recipe}\n` }),
    ...(made?.kind === 'dockerfile' && { Dockerfile: made.text }),
    'events.jsonl': events,
    'log.txt': log,
  }
}
