import { BuildError, shown, StepFailure, type Built, type DockerfileRecipe, type Job, type StepEvent, type StepFacts } from '@kiln/core'
import { formatReference, parseReference, withDefaults } from '@kiln/registry'
import type { IncomingMessage } from 'node:http'
import { createBuildkitReader } from './buildkit.ts'
import { createClassicReader } from './classic.ts'
import { cleanUp } from './clean.ts'
import { saidBy, type Client } from './client.ts'
import { askEngine } from './engine.ts'
import { inspectImage, untagImage, type Image } from './images.ts'
import { baseImages, readInstructions } from './instructions.ts'
import type { StepLimits } from './limits.ts'
import { pullHeader } from './logins.ts'
import { readMessages } from './messages.ts'
import { pushImage } from './push.ts'
import { addedFiles, buildQuery, type BuildHow } from './query.ts'
import type { AnswerReader, Outcome } from './reader.ts'
import { stopByAsking, stopByClosing } from './stop.ts'
import { engineTrouble, lost } from './trouble.ts'
import type { Answer } from './upload.ts'

export interface Io {
  readonly signal: AbortSignal
  emit(event: StepEvent): void
}

export interface BuildOptions {
  readonly limits: StepLimits
  readonly owner: string
}

/** One attempt: the context goes up, the answer comes back as events, the image gets the attempt's reference or is pushed. */
export async function buildImage(client: Client, job: Job, io: Io, options: BuildOptions): Promise<Built> {
  const how = await prepare(client, job, io, options)
  const instructions = readInstructions(how.recipe.text)
  const from = baseImages(instructions, job.args)
  const create = how.buildkit ? createBuildkitReader : createClassicReader
  const reader = create((event) => io.emit(event), instructions)
  try {
    const { id, bases } = imageOf(await carryOut(client, job, io, how, from, reader), how.recipe, client.where)
    const image = await inspectImage(client, id, io.signal)
    if (image === undefined)
      throw new BuildError('driver_failed', `The Docker Engine at ${client.where} built ${id}, but does not have it.`)
    const built = describe(image, how, await digestsOf(client, from, bases, io.signal))
    return job.output.kind === 'push' ? await pushed(client, job, io, built) : built
  } catch (error) {
    if (!io.signal.aborted) throw await doubted(error, client, io)
    const mark = { owner: options.owner, run: job.run, attempt: job.attempt }
    await cleanUp(client, { container: reader.container, ref: how.ref, mark })
    throw io.signal.reason
  }
}

/** A step that was killed may have been so by an engine that shuts down: then the engine is lost, and the step is not to blame. */
async function doubted(error: unknown, client: Client, io: Io): Promise<unknown> {
  if (!(error instanceof StepFailure && error.facts.exitCode === 137)) return error
  return askEngine(client, io.signal).then(
    () => error,
    (trouble: unknown) => lost(trouble instanceof Error ? new Error(trouble.message) : trouble, client.where),
  )
}

/** Everything that can be refused before a byte is sent. */
async function prepare(client: Client, job: Job, io: Io, { limits, owner }: BuildOptions): Promise<BuildHow> {
  const { recipe, output, platforms } = job
  if (recipe.kind !== 'dockerfile') throw new BuildError('needs_unmet', 'A Docker Engine carries out Dockerfiles, not plans.')
  if (output.kind === 'archive') throw new BuildError('needs_unmet', 'This driver does not write archives of images.')
  if (platforms.length > 1)
    throw new BuildError('needs_unmet', `A Docker Engine builds one platform at a time, not ${platforms.join(', ')}.`)
  const engine = await askEngine(client, io.signal)
  const buildkit = recipe.dialect === 'buildkit' || recipe.needs.includes('buildkit')
  if (buildkit && !engine.buildkit)
    throw new BuildError('dockerfile_needs_buildkit', `The Dockerfile needs BuildKit, which the engine at ${client.where} does not have.`)
  if (recipe.needs.includes('secrets')) throw new BuildError('needs_unmet', 'The Docker Engine API has no secrets for builds.')
  if (buildkit && (job.limits.memory !== undefined || job.limits.cpus !== undefined)) warnOfLimits(io)
  return { recipe, engine, limits, owner, buildkit, ref: output.ref }
}

function warnOfLimits(io: Io): void {
  const message = 'BuildKit in the Docker Engine does not limit memory or processors of a build; the limits are not applied.'
  io.emit({ step: '0', type: 'notice', notice: { code: 'limits_not_applied', message } })
}

/** Sends the context and reads the answer to its end. */
async function carryOut(client: Client, job: Job, io: Io, how: BuildHow, from: readonly string[], reader: AnswerReader): Promise<Outcome> {
  const headers = await pullHeader(job, from)
  const buildId = how.buildkit ? crypto.randomUUID() : undefined
  const stop = buildId === undefined ? stopByClosing(io.signal) : stopByAsking(client, buildId, io.signal)
  const body = job.context.tar({ signal: io.signal, added: addedFiles(how.recipe) })
  const query = { ...buildQuery(job, how), buildid: buildId }
  let answer: Answer | undefined
  try {
    answer = await client.open('/build', { query, headers, body, signal: stop.signal })
    if (answer.response.statusCode !== 200) throw await refused(answer.response, how.recipe, client.where)
    for await (const message of readMessages(answer.response)) reader.take(message)
    io.signal.throwIfAborted()
    return reader.end()
  } catch (error) {
    reader.end()
    io.signal.throwIfAborted()
    if (error instanceof StepFailure) throw error
    throw answer?.broken()?.error ?? lost(error, client.where)
  } finally {
    stop.done()
  }
}

function imageOf(outcome: Outcome, recipe: DockerfileRecipe, where: string): Outcome & { kind: 'image' } {
  switch (outcome.kind) {
    case 'image':
      return outcome
    case 'failed':
      throw troubleIn(outcome.facts, recipe, where) ?? new StepFailure(outcome.facts)
    case 'nothing':
      throw lost(new Error('its answer ended without a result'), where)
  }
}

/** A command that ran and failed is quoted in the message with all it says: nothing in that is the builder's own trouble. */
function troubleIn({ message, exitCode }: StepFacts, recipe: DockerfileRecipe, where: string): BuildError | undefined {
  return exitCode === undefined ? (unreadable(message, recipe) ?? engineTrouble(message, where)) : undefined
}

/** An answer before the first step: a Dockerfile that cannot be read, or a parameter that is refused. */
async function refused(response: IncomingMessage, recipe: DockerfileRecipe, where: string): Promise<Error> {
  const said = saidBy(await readAll(response))
  const known = unreadable(said, recipe) ?? engineTrouble(said, where)
  if (known !== undefined) return known
  if (response.statusCode === 400) return new StepFailure({ message: said })
  return new BuildError('driver_failed', `The Docker Engine at ${where} refuses the build: ${said} (HTTP ${response.statusCode}).`)
}

/** The builder's words about a Dockerfile it cannot read: BuildKit tells them late, the classic builder before its first step. */
function unreadable(said: string, recipe: DockerfileRecipe): BuildError | undefined {
  const name = shown(recipe.path ?? 'The generated Dockerfile')
  const [, line, why] = /dockerfile parse error (?:on )?line (\d+): (.*)$/is.exec(said) ?? []
  if (line !== undefined)
    return new BuildError('invalid_dockerfile', `${name}, line ${line}: ${why}`, { data: { file: recipe.path, line: Number(line) } })
  if (!/^(?:dockerfile parse error|the Dockerfile \(.*\) cannot be empty|file with no instructions)/i.test(said)) return undefined
  return new BuildError('invalid_dockerfile', `${name}: ${said}`, { data: { file: recipe.path } })
}

function describe({ id, kind, size }: Image, how: BuildHow, bases: Built['bases']): Built {
  const builder = `Docker Engine ${how.engine.version} (${how.buildkit ? 'BuildKit' : 'classic builder'})`
  return { digest: id, digestKind: kind, ref: how.ref, ...(size === undefined ? {} : { size }), bases, builder }
}

/** The digest a registry knows; the engine's own copy of the reference goes, its layers stay for the next build. */
async function pushed(client: Client, job: Job, io: Io, built: Built): Promise<Built> {
  try {
    const digest = await pushImage(client, job, built.ref, io)
    return { ...built, digest, digestKind: built.digestKind === 'index' ? 'index' : 'manifest' }
  } finally {
    // what is left when this fails too is found by its labels
    if (!io.signal.aborted) await untagImage(client, built.ref, io.signal).catch(() => undefined)
  }
}

/** What the base images stood for: a digest of their registry where the engine knows it, else the image's id. */
async function digestsOf(
  client: Client,
  from: readonly string[],
  said: Built['bases'],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const ref of from) {
    const digest = said[fullName(ref)] ?? (await digestInEngine(client, ref, signal).catch(() => undefined))
    if (digest !== undefined) found[ref] = digest
  }
  return found
}

async function digestInEngine(client: Client, ref: string, signal: AbortSignal): Promise<string | undefined> {
  const image = await inspectImage(client, ref, signal)
  const repository = repositoryOf(ref)
  return image?.digests.find((digest) => repositoryOf(digest) === repository)?.split('@')[1] ?? image?.id
}

function repositoryOf(ref: string): string {
  const { domain, path } = withDefaults(parseReference(ref))
  return formatReference({ domain, path })
}

function fullName(ref: string): string {
  try {
    return formatReference(withDefaults(parseReference(ref)))
  } catch {
    return ref
  }
}

async function readAll(response: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of response) if (text.length < 65_536) text += chunk.toString('utf8')
  return text
}
