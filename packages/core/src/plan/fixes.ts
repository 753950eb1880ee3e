import { satisfies } from '@renovatebot/pep440/lib/specifier.js'
import intersects from 'semver/ranges/intersects.js'
import validRange from 'semver/ranges/valid.js'
import type { Failure, Json } from '../failure/error.ts'
import type { Missing } from '../failure/missing.ts'
import { knownNpm } from '../infer/known.ts'
import { resolvePython } from '../infer/python-packages.ts'
import type { Config } from './config.ts'
import { editionOfPlan } from './editions.ts'
import { packagesOfHeader, packagesOfLibrary, packagesOfTool, type Bringing } from './fix-packages.ts'
import type { Plan } from './plan.ts'
import { systemNeeds, type Distro } from './system-packages.ts'

/** Where a step failed. */
export interface FailedAt {
  /** what was built; undefined for a user's own Dockerfile, which no Config changes */
  readonly plan: Plan | undefined
  /** the text of the Dockerfile */
  readonly text: string
}

/** A failure with what is known to help: `data.fix` is a patch of the Config, where there is a plan that follows it. */
export function withFix(failure: Failure, at: FailedAt): Failure {
  const missing = failure.data['missing'] as Missing | undefined
  if (missing === undefined) return failure
  const fix = fixFor(missing, at, failure.data['line'])
  if (fix === undefined) return failure
  const words = said(fix)
  if (at.plan === undefined) return { ...failure, hint: `Before this step: ${words}.` }
  return {
    ...failure,
    hint: `Known to help: ${words}. The patch of kiln.json that says so is the fix.`,
    data: { ...failure.data, fix: fix as Json },
  }
}

/** The patch that brings what is missing; undefined where none is known. Never a name that is not known to be the right one. */
export function fixFor(missing: Missing, at: FailedAt, line?: unknown): Config | undefined {
  const distro = distroOf(at)
  switch (missing.kind) {
    case 'header':
      return compiling(own(packagesOfHeader, missing.name), distro)
    case 'tool':
      return toolFix(missing.name, at, distro, line)
    case 'library': {
      const name = own(packagesOfLibrary, missing.name)?.[distro]
      return name === undefined ? undefined : { systemPackages: { add: [name] } }
    }
    case 'module':
      return moduleFix(missing, at.plan)
    case 'runtime':
      return runtimeFix(missing, at.plan)
    case 'system-package':
      return renamed(missing.name, distro)
  }
}

function compiling(bringing: Bringing | undefined, distro: Distro): Config | undefined {
  if (bringing === undefined) return undefined
  const image = bringing.image[distro]
  return { ...(image.length > 0 && { systemPackages: { add: image } }), buildPackages: { add: bringing.build } }
}

/** A program that a command of the image's own stage calls has to be in the image. */
function toolFix(name: string, at: FailedAt, distro: Distro, line: unknown): Config | undefined {
  const bringing = own(packagesOfTool, name)
  const compiles = bringing?.build.includes('gcc') === true
  if (bringing === undefined || compiles || !inImage(at.text, line)) return compiling(bringing, distro)
  return { systemPackages: { add: bringing.build } }
}

/** In the last stage, and no installation of packages, which moves to a stage of its own with what it is built with. */
function inImage(text: string, line: unknown): boolean {
  const lines = text.split('\n')
  const last = lines.findLastIndex((one) => /^FROM /i.test(one))
  if (typeof line !== 'number' || line <= last) return false
  return !/\b(?:pip|uv|poetry|npm|pnpm|yarn|bun)\b/.test(lines[line - 1] ?? '')
}

function moduleFix({ ecosystem, name }: Extract<Missing, { kind: 'module' }>, plan: Plan | undefined): Config | undefined {
  const has = new Set(plan?.dependencies.map((one) => one.name))
  if (ecosystem === 'npm') return knownNpm().has(name) && !has.has(name) ? { dependencies: { add: [name] } } : undefined
  const found = resolvePython(name)
  if (found === undefined || has.has(found.name)) return undefined
  const extras = found.extras.length > 0 ? `[${found.extras.join(',')}]` : ''
  return { dependencies: { add: [`${found.name}${extras}${found.specifier}`] } }
}

/** The release line that fits and is nearest to the present one: the less changes, the less breaks. */
function runtimeFix({ runtime, range }: Extract<Missing, { kind: 'runtime' }>, plan: Plan | undefined): Config | undefined {
  if (plan?.runtime.name !== runtime) return undefined
  const lines = editionOfPlan(plan)[runtime]
  const now = number(plan.runtime.version)
  const nearestOf = (all: readonly string[]): string | undefined =>
    all
      .filter((line) => allows(runtime, line, range) && number(line) !== now)
      .toSorted((a, b) => Math.abs(number(a) - now) - Math.abs(number(b) - now))[0]
  const nearest = nearestOf(lines.supported) ?? nearestOf(lines.others)
  return nearest === undefined ? undefined : { runtime: { version: nearest } }
}

/** `3.9` before `3.10`, `22` before `24` */
function number(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 4 ? major * 1000 : major * 1000 + minor
}

const lastPatch = 40

function allows(runtime: 'python' | 'node', line: string, range: string): boolean {
  try {
    if (runtime === 'node') return validRange(range) !== null && intersects(`^${line}.0.0`, range)
    return Array.from({ length: lastPatch }, (_, patch) => patch).some((patch) => satisfies(`${line}.${patch}`, range))
  } catch {
    return false
  }
}

/** A name of the other distribution, as far as the table knows; else only taken away. */
function renamed(name: string, distro: Distro): Config {
  const other: Distro = distro === 'bookworm' ? 'trixie' : 'bookworm'
  const pairs = systemNeeds.flatMap(({ image }) => image[other].map((from, at) => [from, image[distro][at]] as const))
  const here = pairs.find(([from, to]) => from === name && to !== undefined && to !== name)?.[1]
  return { systemPackages: { ...(here !== undefined && { add: [here] }), remove: [name] }, buildPackages: { remove: [name] } }
}

function distroOf({ plan, text }: FailedAt): Distro {
  if (plan?.base.kind === 'runtime') return plan.base.distro === 'trixie' ? 'trixie' : 'bookworm'
  return /^FROM \S*trixie/im.test(text) ? 'trixie' : 'bookworm'
}

function said({ systemPackages, buildPackages, dependencies, runtime }: Config): string {
  const packages = [...new Set([...(buildPackages?.add ?? []), ...(systemPackages?.add ?? [])])].sort()
  const removed = systemPackages?.remove ?? []
  return [
    ...(packages.length > 0 ? [`install ${packages.join(', ')}`] : []),
    ...(removed.length > 0 ? [`do not install ${removed.join(', ')}`] : []),
    ...(dependencies?.add ? [`depend on ${dependencies.add.join(', ')}`] : []),
    ...(runtime?.version === undefined ? [] : [`use version ${runtime.version} of the runtime`]),
  ].join('; ')
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
