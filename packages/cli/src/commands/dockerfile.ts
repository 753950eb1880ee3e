import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { BuildError, render, shown, type Dialect } from '@kiln/core'
import type { Io } from '../io.ts'
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
  const files = options.output === undefined ? undefined : write(io, options.output, made, options.force === true)
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, ...made, ...(files && { files }) }, null, 2)}\n`)
  else if (files) io.stderr.write(files.map((file) => `wrote ${file}\n`).join(''))
  else io.stdout.write(made.text)
  if (!options.json) io.stderr.write(remarks(made, files !== undefined))
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

function write(io: Io, directory: string, made: Shown, force: boolean): readonly string[] {
  const home = resolve(io.cwd, directory)
  const files = Object.entries({ ...generatedOf(made), Dockerfile: made.text }).map(([path, text]) => ({
    path,
    text,
    at: join(home, path),
  }))
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

/** The generated ignore file belongs to Kiln's own packing: beside a Dockerfile that a person keeps it would only replace theirs. */
function generatedOf(made: Shown): Record<string, string> {
  return Object.fromEntries(Object.entries(made.added).filter(([path]) => path !== '.dockerignore'))
}
