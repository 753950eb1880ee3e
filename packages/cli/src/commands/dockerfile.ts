import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { BuildError, render, shown, type Dialect } from '@kiln/core'
import type { Io } from '../io.ts'
import { leftOutOf, leftOutWarning, type LeftOut } from '../left-out.ts'
import { fallsBack, notPlanned, planSource, type PlannedSource, type PlanOptions } from '../planning.ts'

export interface DockerfileOptions extends PlanOptions {
  readonly dialect: Dialect
  readonly name?: string
  readonly output?: string
  readonly force?: true
}

interface Shown {
  readonly dialect: Dialect
  /** where the source's own one lies; absent for a rendered one */
  readonly path?: string
  readonly text: string
  /** generated files by path */
  readonly added: Readonly<Record<string, string>>
}

/** `kiln dockerfile`: its text on standard output; with --output also the generated files it needs. */
export async function dockerfile(io: Io, where: string, options: DockerfileOptions): Promise<number> {
  const planned = await planSource(io, where, options)
  await using _ = planned.source
  const made = dockerfileOf(planned, options)
  const left: LeftOut = made.path === undefined ? leftOutOf(io, where, planned, options, Object.keys(generatedOf(made))) : { paths: [] }
  const files =
    options.output === undefined ? undefined : write(io, options.output, filesOf(io, made, left, options), options.force === true)
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, ...made, ...(files && { files }) }, null, 2)}\n`)
  else if (files) io.stderr.write(files.map((file) => `wrote ${file}\n`).join(''))
  else io.stdout.write(made.text)
  const covered = files?.some((file) => file.endsWith('.dockerignore')) === true
  if (!options.json) io.stderr.write(remarks(made, files !== undefined) + leftOutWarning(left, covered))
  return 0
}

function dockerfileOf({ planned, source, name }: PlannedSource, options: DockerfileOptions): Shown {
  const { dialect } = options
  if (planned.ok) {
    const { text, added } = render(planned.plan, dialect, { labels: { 'org.opencontainers.image.title': options.name ?? name } })
    return { dialect, text, added }
  }
  if (!fallsBack(planned, source)) throw notPlanned(planned)
  return { dialect, path: 'Dockerfile', text: new TextDecoder().decode(source.read('Dockerfile')), added: {} }
}

/** What --output writes, by path. An ignore file that is there already is somebody's own, also with --force. */
function filesOf(io: Io, made: Shown, { ignoreFile }: LeftOut, { output = '.' }: DockerfileOptions): Readonly<Record<string, string>> {
  const wanted = ignoreFile !== undefined && !existsSync(join(resolve(io.cwd, output), '.dockerignore'))
  return { ...generatedOf(made), ...(wanted && { '.dockerignore': ignoreFile }), Dockerfile: made.text }
}

function write(io: Io, directory: string, wanted: Readonly<Record<string, string>>, force: boolean): readonly string[] {
  const home = resolve(io.cwd, directory)
  const files = Object.entries(wanted).map(([path, text]) => ({ path, text, at: join(home, path) }))
  const there = files.find(({ at }) => !force && existsSync(at))
  if (there)
    throw new BuildError('invalid_argument', `${shown(join(directory, there.path))} is there already.`, {
      hint: 'Use --force to overwrite it, or another --output.',
    })
  for (const { at, text } of files) {
    mkdirSync(dirname(at), { recursive: true })
    writeFileSync(at, text)
  }
  return files.map(({ path }) => join(directory, path))
}

function remarks(made: Shown, written: boolean): string {
  if (made.path !== undefined) return `# no plan: this is the ${made.path} of the source\n`
  const generated = Object.keys(generatedOf(made))
  return written || generated.length === 0 ? '' : `# needs generated files beside it (--output DIR writes them): ${generated.join(', ')}\n`
}

/** The ignore file of a recipe belongs to Kiln's own packing, where the deny list was applied before: a person's needs the whole list. */
function generatedOf(made: Shown): Record<string, string> {
  return Object.fromEntries(Object.entries(made.added).filter(([path]) => path !== '.dockerignore'))
}
