import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BuildError, parseConfig, shown, type Config, type Plan } from '@kiln/core'
import type { Io } from '../io.ts'
import { notPlanned, planSource, type PlanOptions } from '../planning.ts'

export interface InitOptions extends PlanOptions {
  readonly force?: true
}

const schema = 'https://unpkg.com/@kiln/core/schema/config.schema.json'

/** `kiln init`: writes what was detected as wishes, so that it stays when the rules change. */
export async function init(io: Io, directory: string, options: InitOptions): Promise<number> {
  const file = join(resolve(io.cwd, directory), 'kiln.json')
  if (existsSync(file) && !options.force)
    throw new BuildError('invalid_argument', `${shown(join(directory, 'kiln.json'))} is there already.`, {
      hint: 'Use --force to overwrite it.',
    })
  const { source, planned, config } = await planSource(io, directory, options)
  await using _ = source
  if (!planned.ok) throw notPlanned(planned)
  const made = parseConfig({ ...config, ...detected(planned.plan), $schema: schema })
  const ordered = { $schema: schema, ...made }
  writeFileSync(file, `${JSON.stringify(ordered, null, 2)}\n`)
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, file, config: ordered }, null, 2)}\n`)
  else io.stderr.write(`wrote ${join(directory, 'kiln.json')}; kiln explain ${directory} shows why these values\n`)
  return 0
}

/** The values of a plan that a person may want to hold on to; the rest stays with the manifests. */
function detected(plan: Plan): Config {
  return {
    ...(plan.unit !== '.' && { unit: plan.unit }),
    language: plan.language as NonNullable<Config['language']>,
    runtime: { version: plan.runtime.version },
    ...(plan.framework !== null && { framework: plan.framework }),
    ...(plan.packageManager !== null && { packageManager: plan.packageManager as NonNullable<Config['packageManager']> }),
    ...(plan.entrypoint !== null && { entrypoint: plan.entrypoint }),
    ...(plan.port !== null && { port: plan.port }),
  }
}
