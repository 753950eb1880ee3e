import { BuildError, classOf, isFinal, shown, type Build, type BuildRecord, type Engine, type Failure, type Notice } from '@kiln/core'
import { engineOptions, openWanted, requestOf } from '../build-request.ts'
import { openEngine, tenant } from '../data-dir.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { applyFix, checkFix, type AppliedFix } from '../fix.ts'
import { failureLines } from '../failure-lines.ts'
import { listenForInterrupts, type Interrupts } from '../interrupts.ts'
import type { Io } from '../io.ts'
import { missLines } from '../miss.ts'
import type { PlanOptions } from '../planning.ts'
import { createProgress, type Progress } from '../progress/progress.ts'
import { createSteps } from '../progress/steps.ts'
import { errorJson } from '../report.ts'
import { progressMode, progressModes, type ProgressMode } from '../terminal/mode.ts'
import { stylesFor } from '../terminal/style.ts'
import { seconds } from '../terminal/units.ts'

export interface BuildOptions extends PlanOptions {
  readonly name?: string
  readonly tag?: readonly string[]
  readonly file?: string
  readonly target?: string
  readonly plan?: string
  readonly buildArg?: readonly string[]
  readonly secret?: readonly string[]
  readonly label?: readonly string[]
  readonly platform?: readonly string[]
  readonly driver?: string
  readonly push?: true
  readonly registry?: string
  readonly repository?: string
  readonly cache: boolean
  readonly pull?: true
  readonly maxAge?: string
  readonly timeout?: string
  readonly progress?: string
  readonly tenant?: string
  readonly dataDir?: string
  readonly fix?: true
}

type Mode = Exclude<ProgressMode, 'auto'>

/** ms a cancelled build may take to stop: a driver has 20 s to clean up */
const patience = 25_000

/** `kiln build`: the image reference on standard output, all else on standard error. */
export async function build(io: Io, where: string, options: BuildOptions): Promise<number> {
  const mode = modeOf(io, options)
  if (options.fix) checkFix(io, where, options)
  const end = await once(io, where, options, mode)
  return options.fix && end.record.error ? again(io, where, options, end, end.record.error) : tellEnd(io, end)
}

/** Once more with what is known to help against the failure; what did not help, or was not seen to, is taken back. */
async function again(io: Io, where: string, options: BuildOptions, first: End, failure: Failure): Promise<number> {
  const applied = await applyFix(io, where, options, failure).catch((error: unknown) => {
    tellFailure(io, first)
    throw error
  })
  if (applied === undefined) return tellEnd(io, first)
  tellFailure(io, first)
  tellFix(io, first, `fix: wrote ${applied.file}: ${JSON.stringify(applied.patch)}; building again`)
  const end = await once(io, where, options, first.mode, applied.undo).catch((error: unknown) => {
    tellFix(io, first, takenBack(applied, 'the second build came to no end'))
    throw error
  })
  const kept = hasHelped(end.record, failure)
  const said = kept
    ? `fix: ${applied.file} keeps it`
    : takenBack(applied, end.record.state === 'failed' ? 'it did not help' : 'the second build came to no end')
  const fix = { file: applied.file, patch: applied.patch, kept, failed: { build: first.record.id, error: errorJson(failure) } }
  const code = tellEnd(io, { ...end, fix })
  tellFix(io, end, said)
  return code
}

/** It worked, or it came further: another step fails, or the same one for another reason. */
function hasHelped({ state, error }: BuildRecord, before: Failure): boolean {
  return state === 'succeeded' || (error?.code === 'step_failed' && error.message !== before.message)
}

function takenBack({ file, undo }: AppliedFix, why: string): string {
  return undo() ? `fix: ${why}, so ${file} is as it was before` : `fix: ${why}, but ${file} was changed meanwhile, and stays as it is now`
}

function tellFailure(io: Io, end: End): void {
  if (end.mode !== 'json') io.stderr.write(linesText(endLines(io, end)))
}

function tellFix(io: Io, { mode }: End, text: string): void {
  if (mode !== 'json') io.stderr.write(`${text}\n`)
}

function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** `leaving` is called where a second signal ends the process at once. */
async function once(io: Io, where: string, options: BuildOptions, mode: Mode, leaving: () => void = () => {}): Promise<End> {
  const progress = createProgress(io, mode)
  using interrupts = listenForInterrupts(io, () => {
    progress.ended()
    leaving()
  })
  try {
    const wanted = await openWanted(io, where, options, interrupts.signal)
    await using _source = wanted.source
    const request = requestOf(io, wanted, options)
    await using engine = await openEngine(io, options.dataDir, engineOptions(io, options))
    if (options.driver !== undefined) await checkDriver(engine, options.driver, interrupts.signal)
    await using handle = await engine.for(options.tenant ?? tenant).build(request, { signal: interrupts.signal })
    const notices = wanted.notices.length > 0 ? wanted.notices : handle.notices
    progress.accepted(handle, notices, mode === 'quiet' ? [] : await missLines(handle))
    const { record, tail } = await follow(handle, progress, interrupts, options)
    progress.ended()
    return { record, tail, notices, handle, mode, json: options.json === true, from: options }
  } finally {
    progress.ended()
  }
}

/** Also where an earlier build would answer without any driver. */
async function checkDriver(engine: Engine, given: string, signal: AbortSignal): Promise<void> {
  const names = (await engine.probe({ signal })).map(({ driver }) => driver)
  if (names.includes(given)) return
  const [start = ''] = given.toLowerCase()
  const meant = names.find((name) => name.startsWith(start) && Math.abs(name.length - given.length) < 3)
  throw new BuildError('invalid_argument', `--driver: there is no driver "${shown(given)}"${meant ? `, did you mean ${meant}?` : '.'}`, {
    hint: `Choose one of: ${names.join(', ') || 'none is configured'}.`,
  })
}

function modeOf(io: Io, options: BuildOptions): Mode {
  const given = io.env['KILN_PROGRESS']
  if (options.progress === undefined && given && !progressModes.some((mode) => mode === given))
    throw new BuildError('invalid_argument', `KILN_PROGRESS: "${shown(given)}" is no mode.`, {
      hint: `Use one of: ${progressModes.join(', ')}.`,
    })
  const mode = progressMode(options.progress, io.env, io.stderr)
  // --json promises one document: events one per line only where they were asked for by the flag.
  return options.json && mode === 'json' && options.progress !== 'json' ? 'plain' : mode
}

/** Shows the events to the end. A first interrupt cancels the build and waits for it, but not for ever. */
async function follow(
  handle: Build,
  progress: Progress,
  interrupts: Interrupts,
  { tenant: given }: BuildOptions,
): Promise<{ record: BuildRecord; tail: readonly string[] }> {
  const steps = createSteps()
  const over = new AbortController()
  handle.on('progress', (event) => progress.moved(event))
  const shownToEnd = async (): Promise<BuildRecord> => {
    if (handle.reuse === 'hit') return handle.result() // its log is that of an earlier build
    for await (const event of handle.events({ signal: over.signal })) {
      steps.take(event, event.at)
      progress.event(event)
      if (event.type === 'state' && isFinal(event.state)) break
    }
    return handle.result({ signal: over.signal })
  }
  const stopped = async (): Promise<never> => {
    await interrupts.asked
    progress.say('cancelling (Ctrl-C again leaves at once)')
    await handle.cancel()
    await new Promise((resolve) => setTimeout(resolve, patience).unref())
    throw new BuildError('cancelled', 'The build was told to stop and has not stopped yet.', {
      hint: `Look again with: kiln builds show ${handle.record.id}${given === undefined ? '' : ` --tenant ${given}`}`,
    })
  }
  try {
    const record = await Promise.race([shownToEnd(), stopped()])
    return { record, tail: steps.failedTail() }
  } finally {
    over.abort(new BuildError('closed', 'The command has ended.'))
  }
}

interface End {
  readonly record: BuildRecord
  readonly tail: readonly string[]
  readonly notices: readonly Notice[]
  readonly handle: Build
  readonly mode: Mode
  readonly json: boolean
  /** where the build is kept */
  readonly from: { readonly tenant?: string; readonly dataDir?: string }
  /** what `--fix` did before this build */
  readonly fix?: object
}

/** What is said comes first, so that the image reference is the last line of a terminal, and a failure the last of a log. */
function tellEnd(io: Io, end: End): number {
  const { record, mode } = end
  const code = record.state === 'succeeded' ? 0 : record.error ? exitCodeOf(record.error, classOf) : 7
  if (mode === 'json') io.stdout.write(`${JSON.stringify({ version: 1, type: 'result', ...resultJson(end) })}\n`)
  else io.stderr.write(linesText(endLines(io, end)))
  if (mode !== 'json' && end.json) io.stdout.write(`${JSON.stringify({ version: 1, ...resultJson(end) }, null, 2)}\n`)
  else if (mode !== 'json' && code === 0) io.stdout.write(`${record.image}\n`)
  return code
}

function endLines(io: Io, { record, tail, mode, handle, from }: End): readonly string[] {
  const styles = stylesFor(io, io.stderr)
  if (record.error) return failureLines(record.error, styles, { id: record.id, tail, from })
  return mode === 'quiet'
    ? []
    : [`${styles.green('built')} ${record.name} ${reuseWord(handle, record, io)}  ${styles.faint(record.built?.digest ?? '')}`]
}

function resultJson({ record, notices, handle, fix }: End): object {
  const { error } = record
  return { build: record, reuse: handle.reuse, notices, ...(error && { error: errorJson(error) }), ...(fix && { fix }) }
}

function reuseWord(handle: Build, record: BuildRecord, io: Io): string {
  if (handle.reuse === 'hit') return 'from an earlier build of the same inputs'
  const took = seconds((record.endedAt ?? io.now()) - record.acceptedAt)
  return handle.reuse === 'joined' ? `together with another build in ${took}` : `in ${took}`
}
