import type { Dialect } from '../dockerfile/recipe.ts'
import type { ErrorCode } from '../failure/codes.ts'
import { BuildError, shown } from '../failure/error.ts'
import { probeInTime } from './probe-in-time.ts'
import type { Capabilities, Driver, Output, Platform, Probe } from './driver.ts'

/** Drivers with their probes, newest answer kept for some seconds. */
export interface ProbedDrivers {
  readonly drivers: readonly Driver[]
  readonly untrusted: boolean
  probe(driver: Driver, signal?: AbortSignal): Promise<Probe>
}

export interface Wanted {
  /** only this driver */
  readonly name?: string
  readonly output: Output['kind']
  readonly platforms: readonly Platform[]
  readonly needs: readonly { readonly need: string; /** 1-based, of the Dockerfile */ readonly line?: number; readonly text?: string }[]
  /** dialects the recipe can be rendered in; the driver's own order decides */
  readonly recipes: readonly Dialect[]
}

export interface Chosen {
  readonly name: string
  readonly dialect: Dialect
  readonly why: string
}

/** The first driver whose effective capabilities hold all that is wanted. Throws with every driver's reason when none does. */
export async function choose(probed: ProbedDrivers, wanted: Wanted, signal?: AbortSignal): Promise<Chosen> {
  const named = driversNamed(probed, wanted.name)
  const reasons: { driver: string; why: string }[] = []
  const ready: Capabilities[] = []
  let unready: Extract<Probe, { ready: false }> | undefined
  for (const driver of named) {
    const probe = await probeInTime(driver, (within) => probed.probe(driver, within), signal)
    if (!probe.ready) {
      unready ??= probe
      // among others, without the addresses of its own message: these reasons are shown to whoever sent the build
      reasons.push({ driver: driver.name, why: unreadyReason[probe.code] ?? 'it is not ready' })
      continue
    }
    ready.push(probe.can)
    const why = refusal(probe, wanted, probed.untrusted)
    const dialect = probe.can.recipes.find((recipe): recipe is Dialect => recipe !== 'plan' && wanted.recipes.includes(recipe))
    if (why === undefined && dialect) return { name: driver.name, dialect, why: `${driver.name} ${probe.version} can do it` }
    reasons.push({ driver: driver.name, why: why ?? `it does not take ${wanted.recipes.join(' or ')} Dockerfiles` })
  }
  throw none(reasons, unready, wanted, ready)
}

/** Those that a request can mean. Throws `invalid_argument` for a name of none. */
export function driversNamed({ drivers }: Pick<ProbedDrivers, 'drivers'>, name: string | undefined): readonly Driver[] {
  const named = drivers.filter((driver) => name === undefined || driver.name === name)
  if (named.length > 0) return named
  throw new BuildError('invalid_argument', name === undefined ? 'There is no driver.' : `There is no driver "${shown(name)}".`, {
    hint: `Choose one of: ${drivers.map((driver) => driver.name).join(', ') || 'none is configured'}.`,
  })
}

const unreadyReason: Readonly<Partial<Record<ErrorCode, string>>> = {
  driver_unreachable: 'it does not answer',
  driver_unsupported: 'it is of a kind or age that is not supported',
}

const sharedDaemon = 'it shares a daemon between tenants, which untrusted sources may not use'

function refusal(probe: Extract<Probe, { ready: true }>, wanted: Wanted, untrusted: boolean): string | undefined {
  const { can } = probe
  const missing = [...new Set(wanted.needs.map(({ need }) => need))].filter((need) => !can.needs.includes(need))
  if (missing.length > 0) return `it has no ${missing.join(', ')}`
  if (!can.outputs.includes(wanted.output)) return `it cannot ${wanted.output} images`
  if (can.platforms !== 'any' && wanted.platforms.some((platform) => !can.platforms.includes(platform)))
    return `it builds only ${can.platforms.join(', ')}`
  if (wanted.platforms.length > 1) return 'it builds one platform at a time'
  if (untrusted && can.isolation === 'shared-daemon') return sharedDaemon
  return undefined
}

function none(
  reasons: readonly { driver: string; why: string }[],
  unready: Extract<Probe, { ready: false }> | undefined,
  wanted: Wanted,
  ready: readonly Capabilities[],
): BuildError {
  const said = reasons.map(({ driver, why }) => `${driver}: ${why}`).join('; ')
  const data = { reasons: reasons.map((reason) => ({ ...reason })) }
  if (unready && reasons.length === 1) return new BuildError(unready.code, unready.message, { hint: unready.hint, data })
  // which one would have taken the build nobody knows
  if (unready && ready.length === 0) return new BuildError(unready.code, `No driver is ready (${said}).`, { hint: unready.hint, data })
  if (reasons.every(({ why }) => why === sharedDaemon))
    return new BuildError('driver_refused', `No driver isolates tenants (${said}).`, { data })
  const first = ready.length === 0 ? undefined : wanted.needs.find(({ need }) => !ready.some((can) => can.needs.includes(need)))
  if (first) return unmet(first, said, data)
  return new BuildError('needs_unmet', `No driver can carry this build out (${said}).`, { data })
}

/** A need that no driver has, by its line: whoever wrote the Dockerfile can change that one. */
function unmet(
  { need, line, text }: Wanted['needs'][number],
  said: string,
  data: { readonly reasons: { driver: string; why: string }[] },
): BuildError {
  const { name, code } = Object.hasOwn(known, need) ? known[need]! : { name: need, code: 'needs_unmet' as const }
  const subject = line === undefined ? 'This build' : `Line ${line} of the Dockerfile (${text ?? 'it'})`
  return new BuildError(code, `${subject} needs ${name}, which no driver has (${said}).`, { data: { ...data, need, line, text } })
}

const flag = (name: string): { readonly name: string; readonly code: 'dockerfile_needs_buildkit' } => ({
  name: `a BuildKit that knows --${name} ("# syntax=docker/dockerfile:1" as the first line fetches one)`,
  code: 'dockerfile_needs_buildkit',
})

/** Needs in words. Most are about BuildKit and its age. */
const known: Readonly<Record<string, { readonly name: string; readonly code: 'dockerfile_needs_buildkit' | 'needs_unmet' }>> = {
  buildkit: { name: 'BuildKit', code: 'dockerfile_needs_buildkit' },
  heredoc: { name: 'a BuildKit that knows here-documents', code: 'dockerfile_needs_buildkit' },
  link: flag('link'),
  'symbolic-chmod': flag('chmod in letters'),
  checksum: flag('checksum'),
  'keep-git-dir': flag('keep-git-dir'),
  'start-interval': flag('start-interval'),
  unpack: flag('unpack'),
  exclude: flag('exclude'),
  parents: flag('parents'),
  secrets: { name: 'build secrets', code: 'needs_unmet' },
  ssh: { name: 'the SSH keys of the caller', code: 'needs_unmet' },
  network: { name: 'the network of the host', code: 'needs_unmet' },
  security: { name: 'privileged steps', code: 'needs_unmet' },
}
