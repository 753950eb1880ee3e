import type { Failure, Json } from '@kiln/core'
import { exitCodeOf } from './exit-codes.ts'
import type { Io } from './io.ts'
import { failureLines } from './failure-lines.ts'
import { stylesFor } from './terminal/style.ts'

/** What the parser of the command line had against it, and whose help says more. Exit code 2. */
export function reportUsage(io: Io, said: string, json: boolean, command = 'kiln'): number {
  const text = said.trim().replace(/^error: /, '')
  const [message = '', ...more] = text.split('\n')
  const hint = more
    .join(' ')
    .replace(/^\((.*)\)$/, '$1')
    .trim()
  if (json)
    io.stdout.write(
      `${JSON.stringify({ error: { code: 'invalid_argument', message, hint: hint || `See ${command} --help.`, retryable: false, data: {}, candidates: [] } })}\n`,
    )
  else io.stderr.write(`${stylesFor(io, io.stderr).red('kiln:')} ${message}${hint ? `\n${hint}` : `\nSee ${command} --help.`}\n`)
  return 2
}

/** Anything a command threw, as JSON or for people; the answer is the exit code. */
export async function reportFailure(io: Io, error: unknown, json: boolean): Promise<number> {
  const core = await import('@kiln/core').catch(() => undefined)
  if (!core) return broken(io, error, json)
  const { classOf, toFailure } = core
  const failure = toFailure(error)
  if (json) io.stdout.write(`${JSON.stringify({ error: errorJson(failure) })}\n`)
  else
    io.stderr.write(
      failureLines(failure, stylesFor(io, io.stderr))
        .map((line) => `${line}\n`)
        .join(''),
    )
  if (failure.code === 'internal' && io.env['KILN_DEBUG'] && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`)
  return exitCodeOf(failure, classOf)
}

/** Not even the engine's own code can be loaded: an installation with parts missing. */
function broken(io: Io, error: unknown, json: boolean): number {
  const failure = {
    code: 'internal',
    message: `Kiln cannot be loaded: ${String(error)}`,
    hint: 'Install it again.',
    retryable: false,
    data: {},
    candidates: [],
  }
  if (json) io.stdout.write(`${JSON.stringify({ error: failure })}\n`)
  else io.stderr.write(`kiln: ${failure.message} [internal]\n`)
  return 7
}

/** A failure as every command's JSON has it: candidates stand outside, since they are what to choose from. */
export function errorJson(failure: Failure): Json {
  const { candidates = [], ...data } = failure.data
  return { code: failure.code, message: failure.message, hint: failure.hint, retryable: failure.retryable, data, candidates }
}
