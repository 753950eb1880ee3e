import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BuildError, inlineJson, parseConfig, plan, shown, type Config, type Plan, type Planned, type Source } from '@kiln/core'
import type { Io } from '../io.ts'
import { notPlanned, planSource, type PlanOptions } from '../planning.ts'

export interface InitOptions extends PlanOptions {
  readonly force?: true
}

const schema = 'https://unpkg.com/@kiln/core/schema/config.schema.json'

/** `kiln init`: writes what was detected as wishes, so that it stays when the rules change; comments say where each value is from. */
export async function init(io: Io, directory: string, options: InitOptions): Promise<number> {
  const file = join(resolve(io.cwd, directory), 'kiln.json')
  if (existsSync(file) && !options.force)
    throw new BuildError('invalid_argument', `${shown(join(directory, 'kiln.json'))} is there already.`, {
      hint: 'Use --force to overwrite it.',
    })
  const { source, planned, config, wishes } = await planSource(io, directory, options)
  await using _ = source
  if (!planned.ok) throw notPlanned(planned)
  const found = held(source, config, planned.plan)
  const made = parseConfig({ ...found, ...wishes, ...found, $schema: schema })
  const ordered = { $schema: schema, ...made }
  writeFileSync(file, commented(ordered, planned))
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, file, config: ordered }, null, 2)}\n`)
  else io.stderr.write(`wrote ${join(directory, 'kiln.json')}; kiln explain ${directory} shows why these values\n`)
  return 0
}

/**
 * Of the detected values those that change nothing when they are given: a given entry point, say, is started as it is, and what a script or a
 * task says of it does not count any more.
 */
function held(source: Source, config: Config, made: Plan): Config {
  const expected = JSON.stringify(made)
  const same = (wishes: Config): boolean => {
    const again = plan(source, wishes)
    return again.ok && JSON.stringify(again.plan) === expected
  }
  return Object.entries(detected(made)).reduce<Config>((kept, [name, value]) => {
    const more = { ...kept, [name]: value }
    return same({ ...config, ...more }) ? more : kept
  }, {})
}

/** The values of a plan that a person may want to hold on to; the rest stays with the manifests. */
function detected(made: Plan): Config {
  return {
    edition: made.edition,
    ...(made.unit !== '.' && { unit: made.unit }),
    language: made.language as NonNullable<Config['language']>,
    runtime: { version: made.runtime.version },
    ...(made.framework !== null && { framework: made.framework }),
    ...(made.packageManager !== null && { packageManager: made.packageManager as NonNullable<Config['packageManager']> }),
    ...(made.entrypoint !== null && { entrypoint: made.entrypoint }),
    ...(made.port !== null && { port: made.port }),
  }
}

type Ok = Extract<Planned, { ok: true }>

const always: Readonly<Record<string, string>> = {
  edition:
    'The default rules: versions and distribution that nothing in the source asks for. `kiln plan . --edition next` shows what newer ones change.',
}

/** JSON with a comment above each value: why it was found, and what lost. */
function commented(config: Config & { readonly $schema: string }, { evidence }: Ok): string {
  const members = Object.entries(config).map(([name, value]) => {
    const found = evidence.values.find(({ field }) => field === name || field.startsWith(`${name}.`))
    const why = name in always ? [always[name]!] : found ? [because(found.evidence), ...found.lost.slice(0, 3).map(other)] : []
    return [...why.map((text) => `  // ${oneLine(text)}\n`), `  ${JSON.stringify(name)}: ${inlineJson(value)}`].join('')
  })
  return `{\n${members.join(',\n')}\n}\n`
}

type Found = Ok['evidence']['values'][number]

function because({ says, file, line, rule }: Found['evidence']): string {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
  return `${says}${place} [${rule}]`
}

function other({ value, evidence }: Found['lost'][number]): string {
  return `not ${value}: ${because(evidence)}`
}

/** What comes of the source must not end the comment. */
function oneLine(text: string): string {
  return shown(text, 200)
}
