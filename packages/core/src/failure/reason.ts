import type { StepFacts } from '../driver/driver.ts'
import { failure, shown, type Failure, type Json } from './error.ts'
import { instructionOf, commandOf, type Command, type Failed, type ReasonContext } from './reason-step.ts'
import { builderRules, memory } from './reason-builder.ts'
import { stepRules } from './reason-rules.ts'
import { lastWords, plainLines } from './reason-lines.ts'
import type { Match } from './reason-rule.ts'

/**
 * Why a job failed, from its facts and the last log lines of the failing step (200 are enough). Ordered rules, the first one that
 * fits wins. `data` has what is known of: tool, verb, reason, step, instruction, line, exitCode, logTail (20 lines), missing,
 * and of a user's own Dockerfile its path as `file`.
 * Nothing is redacted here.
 */
export function reasonOf(facts: StepFacts, tail: readonly string[], context: ReasonContext): Failure {
  const lines = plainLines(tail)
  const failed = instructionOf(facts, lines, context)
  const match = byBuilder(facts, lines, failed) ?? byStep([...lines, ...ownWords(facts)], failed) ?? byLastWords(facts, lines, failed)
  const message = match.message ?? `${subject(match, failed)} failed: ${match.reason}`
  const hint = match.hint ?? baseHint(match, failed, context)
  const details = hint === undefined ? {} : { hint }
  return failure(match.code, cut(message), {
    ...details,
    ...(match.retryable === undefined ? {} : { retryable: match.retryable }),
    data: { ...dataOf(match, failed, facts, lines), ...ownFile(context) },
  })
}

/** The base of a planned build follows from the version of its runtime, which nobody may have asked for. */
function baseHint({ code }: Match, { instruction = '' }: Failed, { recipe }: ReasonContext): string | undefined {
  const planned = recipe.kind === 'dockerfile' && recipe.path === undefined
  if (code !== 'base_image_missing' || !planned || !/^FROM\s+(?:--\S+\s+)*(?:python|node):/i.test(instruction)) return undefined
  return 'Kiln chose this image by the version of the runtime: set runtime.version in kiln.json (--runtime-version) to one that is published.'
}

/** A rendered Dockerfile has no path: nobody could look into it there. */
function ownFile({ recipe }: ReasonContext): { readonly file?: string } {
  return recipe.kind === 'dockerfile' && recipe.path !== undefined ? { file: shown(recipe.path) } : {}
}

/** the length of a message, in characters */
const longest = 200

/** How the builder itself ended: a base image, a copy, a syntax error, the disk. */
function byBuilder(facts: StepFacts, lines: readonly string[], failed: Failed): Match | undefined {
  if (ranAndFailed.test(facts.message)) return undefined
  const texts = [...plainLines([facts.message]), ...(failed.keyword === 'RUN' ? [] : lines)]
  for (const rule of builderRules) {
    if (rule.only && !rule.only.includes(failed.keyword ?? '')) continue
    for (const text of texts) {
      const match = rule.pattern.exec(text)
      if (match) return rule.found(match, { lines: texts, failed, exitCode: facts.exitCode })
    }
  }
  return undefined
}

/** A message that only repeats the command of a RUN, which may hold any text. */
const ranAndFailed = /returned a non-zero code: \d|executor failed running \[|did not complete successfully: exit code: \d/

/** A program that could not be started at all says nothing; the builder does. */
function ownWords(facts: StepFacts): string[] {
  return ranAndFailed.test(facts.message) ? [] : plainLines([facts.message])
}

/** What the tools of a RUN printed. */
function byStep(lines: readonly string[], failed: Failed): Match | undefined {
  if (failed.keyword !== undefined && failed.keyword !== 'RUN') return undefined
  for (const rule of stepRules) {
    const at = lines.findLastIndex((line) => rule.pattern.test(line))
    if (at === -1) continue
    const found = rule.found(rule.pattern.exec(lines[at]!)!, { lines, at, failed, exitCode: failed.exitCode })
    if (found) return found
  }
  return undefined
}

function byLastWords(facts: StepFacts, lines: readonly string[], failed: Failed): Match {
  if (failed.exitCode === 137) return memory
  if (failed.exitCode !== undefined && failed.keyword === 'RUN') return byErrorLine(lines, failed) ?? withoutWords(failed.exitCode)
  const said = failed.keyword === undefined || failed.keyword === 'RUN' ? lastWords(lines) : undefined
  const code = failed.exitCode === undefined ? undefined : `exit code ${failed.exitCode}`
  return { code: 'step_failed', reason: said ?? code ?? (lastWords(plainLines([facts.message])) || 'the builder gave no reason') }
}

/** What was printed last need not be why: it counts where it calls itself an error, or begins with the name of the tool. */
function byErrorLine(lines: readonly string[], failed: Failed): Match | undefined {
  const tool = commandOf(failed)?.tool
  const said = lastWords(lines.filter((line) => errorLine.test(line) || (tool !== undefined && line.startsWith(`${tool}: `))))
  if (said === undefined) return undefined
  const several = /&&|\|\||;|\|/.test(failed.command ?? '')
  return { code: 'step_failed', reason: said, ...(several && { message: `RUN failed: ${said}` }) }
}

const errorLine = /^(?:error|fatal|E|npm error|npm ERR!)(?:: |\s{2,})\S|^npm (?:error|ERR!) \S/i

function withoutWords(exitCode: number): Match {
  const reason = `exit code ${exitCode}`
  return { code: 'step_failed', reason, message: `RUN failed with ${reason}` }
}

function subject(match: Match, failed: Failed): string {
  const command = commandThat(match, failed)
  if (command) return [command.tool, command.verb].filter((word) => word !== undefined).join(' ')
  return failed.instruction === undefined ? 'the build' : shown(failed.instruction, 60)
}

/** As the instruction has it (`npm ci`), where it runs the tool that the rule names. */
function commandThat(match: Match, failed: Failed): Command | undefined {
  const command = commandOf(failed, match)
  return match.tool === undefined || command?.tool === match.tool
    ? command
    : { tool: match.tool, ...(match.verb ? { verb: match.verb } : {}) }
}

function dataOf(match: Match, failed: Failed, facts: StepFacts, lines: readonly string[]): { readonly [key: string]: Json | undefined } {
  const command = commandThat(match, failed)
  return {
    tool: command?.tool,
    verb: command?.verb,
    reason: match.reason,
    step: facts.title ?? facts.step,
    instruction: failed.instruction,
    line: match.line ?? failed.line,
    exitCode: failed.exitCode,
    logTail: lines.slice(-20),
    missing: match.missing,
  }
}

function cut(message: string): string {
  const safe = shown(message, longest * 2)
  return safe.length <= longest ? safe : `${safe.slice(0, longest - 1)}…`
}
