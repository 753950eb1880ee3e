import type { Screen } from '../io.ts'

export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet'
export const progressModes: readonly ProgressMode[] = ['auto', 'tty', 'plain', 'json', 'quiet']

type Env = Readonly<Record<string, string | undefined>>

/** How to show progress: the flag, else KILN_PROGRESS, else by the stream it is drawn on and who reads it. */
export function progressMode(flag: string | undefined, env: Env, drawnOn: Screen): Exclude<ProgressMode, 'auto'> {
  const wanted = progressModes.find((mode) => mode === (flag ?? env['KILN_PROGRESS'])) ?? 'auto'
  if (wanted !== 'auto') return wanted === 'tty' && env['TERM'] === 'dumb' ? 'plain' : wanted
  return drawnOn.isTTY && env['TERM'] !== 'dumb' && !isCi(env) && !isAgent(env) ? 'tty' : 'plain'
}

/** Whether to colour what is written to a stream: NO_COLOR, then FORCE_COLOR, then a person at a terminal. */
export function wantsColour(env: Env, stream: Screen): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  return stream.isTTY && env['TERM'] !== 'dumb' && !isAgent(env)
}

const ciVariables = [
  'CI',
  'CONTINUOUS_INTEGRATION',
  'BUILD_NUMBER',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'BUILDKITE',
  'TF_BUILD',
  'TEAMCITY_VERSION',
  'JENKINS_URL',
  'CODEBUILD_BUILD_ID',
]

function isCi(env: Env): boolean {
  if (env['CI'] === 'false' || env['CI'] === '0') return false
  return ciVariables.some((name) => env[name])
}

const agentVariables = [
  'AI_AGENT',
  'CLAUDECODE',
  'CLAUDE_CODE',
  'CODEX_SANDBOX',
  'CODEX_THREAD_ID',
  'CURSOR_AGENT',
  'GEMINI_CLI',
  'COPILOT_AGENT',
  'OPENCODE',
]

/** A program that reads instead of a person: redrawn lines would only be in its way. */
function isAgent(env: Env): boolean {
  return agentVariables.some((name) => env[name])
}
