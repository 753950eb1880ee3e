import type { Config } from '../plan/config.ts'
import type { Arg } from '../plan/plan.ts'
import type { Evidence, Finding } from './detection.ts'

/** What a rule found. */
export interface Found<T> {
  readonly value: T
  readonly evidence: Evidence
}

/** The command that was found, unless the configuration gives one: without it there must be one. */
export function startFinding({ start }: Config, found: Found<readonly Arg[]> | undefined): Finding<readonly Arg[]> {
  return overridden({ override: 'start', says: 'the configuration gives the command' }, start, found)
}

/** The port that was found, unless the configuration gives one; `lost`: what was found less surely. */
export function portFinding(
  { port }: Config,
  found: Found<number | null>,
  lost: readonly Found<number | null>[] = [],
): Finding<number | null> {
  return overridden({ override: 'port', says: 'the configuration gives the port' }, port, found, lost)
}

/** As a part of a Project: none where neither a rule nor the configuration names one. */
export function frameworkFinding({ framework }: Config, found: Found<string> | undefined): { framework?: Finding<string> } {
  if (framework === undefined && found === undefined) return {}
  const other = found?.value === framework ? undefined : found
  const how = { override: 'framework', says: 'the configuration names it' }
  return { framework: overridden(how, framework, framework === undefined ? found : other) }
}

/** The file that starts, and those that could have. */
export function entryFinding(
  file: string,
  evidence: Evidence,
  lost: readonly { readonly file: string; readonly evidence: Evidence }[],
): Finding<string> {
  return { value: file, evidence, lost: lost.map((one) => ({ value: one.file, evidence: one.evidence })), override: 'entrypoint' }
}

function overridden<T>(
  { override, says }: { readonly override: string; readonly says: string },
  given: T | undefined,
  found: Found<T> | undefined,
  lost: readonly Found<T>[] = [],
): Finding<T> {
  if (given === undefined) return { ...found!, lost, override }
  return { value: given, evidence: { rule: `config.${override}`, says }, lost: [...(found ? [found] : []), ...lost], override }
}
