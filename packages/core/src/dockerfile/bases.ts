import { editionOfPlan } from '../plan/editions.ts'
import type { Plan } from '../plan/plan.ts'
import { BuildError, shown } from '../failure/error.ts'

/** How a runtime on a distribution becomes a base image. One table, so that an embedder can point to its own images. */
export interface RuntimeBases {
  /** by distribution, which the tag names; `{version}` stands for the plan's version, `3.11` or `3.11.4` */
  readonly references: Readonly<Record<string, string>>
  /** for plans of their edition's distribution that install none of its packages: the tag people know, which moves on with time */
  readonly usual?: string
  /** where the build stage happens, when its tools have no place in the image: by distribution */
  readonly builders?: Readonly<Record<string, string>>
  /** the runtime itself, where no image of the table has it: a package of npm that is installed in the build stage, and its program */
  readonly tool?: { readonly npm: string; readonly program: string }
  /** whether the image already has the user 1000, as Node's have (`node`) */
  readonly user: 'create' | 'present'
}
export type BaseTable = Readonly<Record<string, RuntimeBases>>

const debian = { bookworm: 'debian:bookworm-slim', trixie: 'debian:trixie-slim' }
const node = { bookworm: 'node:24-bookworm-slim', trixie: 'node:24-trixie-slim' }

/** The official images. Packages have other names on another distribution, so a plan that needs some pins it in the tag. */
export const officialBases: BaseTable = {
  python: {
    references: {
      bookworm: 'python:{version}-slim-bookworm',
      trixie: 'python:{version}-slim-trixie',
      bullseye: 'python:{version}-slim-bullseye',
    },
    usual: 'python:{version}-slim',
    user: 'create',
  },
  node: {
    references: {
      bookworm: 'node:{version}-bookworm-slim',
      trixie: 'node:{version}-trixie-slim',
      bullseye: 'node:{version}-bullseye-slim',
    },
    usual: 'node:{version}-slim',
    user: 'present',
  },
  // The program is all that the image gets, and Debian what it runs on: certificates come from the builder, zones of time are there.
  go: { references: debian, builders: { bookworm: 'golang:{version}-bookworm', trixie: 'golang:{version}-trixie' }, user: 'create' },
  deno: {
    references: debian,
    builders: node,
    tool: { npm: 'deno', program: '/usr/local/lib/node_modules/deno/deno' },
    user: 'create',
  },
  bun: {
    references: debian,
    builders: node,
    tool: { npm: 'bun', program: '/usr/local/bin/bun' },
    user: 'create',
  },
}

/** A base image, and what can be said of what is in it. `unknown`: a reference of the user, with tools we cannot see; `nothing`: no file at all. */
export interface Base {
  readonly ref: string
  readonly user: RuntimeBases['user'] | 'unknown' | 'nothing'
  readonly tool?: RuntimeBases['tool']
}

/** The base a plan wishes for. Throws `invalid_plan` for a runtime or distribution the table lacks. */
export function baseOf(plan: Plan, table: BaseTable): Base {
  if (plan.base.kind === 'image' && plan.base.ref === emptyImage) return { ref: emptyImage, user: 'nothing' }
  if (plan.base.kind === 'image') return { ref: unambiguous(plan.base.ref), user: 'unknown' }
  const { runtime, base } = plan
  const known = Object.hasOwn(table, runtime.name) ? table[runtime.name] : undefined
  const exact = known && Object.hasOwn(known.references, base.distro) ? known.references[base.distro] : undefined
  const template =
    exact !== undefined && base.distro === editionOfPlan(plan).distro && !needsPackages(plan) ? (known?.usual ?? exact) : exact
  if (!known || template === undefined)
    throw new BuildError('invalid_plan', `there is no base image for ${shown(runtime.name)} on ${shown(base.distro)}`)
  if (!/^\d+(\.\d+){0,2}$/.test(runtime.version))
    throw new BuildError('invalid_plan', `runtime.version: "${shown(runtime.version)}" is no version such as 3.11 or 3.11.4`)
  return { ref: template.replace('{version}', runtime.version), user: known.user, ...(known.tool ? { tool: known.tool } : {}) }
}

/**
 * Where the build stage of a plan happens. A base of the user's own has the runtime in it, and builds too; only what a compiler makes
 * does not need the base of the image.
 */
export function builderOf(plan: Plan, table: BaseTable): Base {
  const known = Object.hasOwn(table, plan.runtime.name) ? table[plan.runtime.name] : undefined
  if (known?.builders === undefined || (plan.base.kind === 'image' && known.tool)) return baseOf(plan, table)
  const distro = plan.base.kind === 'image' ? editionOfPlan(plan).distro : plan.base.distro
  const made = baseOf({ ...plan, base: { kind: 'runtime', distro } }, { [plan.runtime.name]: { ...known, references: known.builders } })
  return { ...made, user: 'present' }
}

/** No image, which every builder has: for a program that needs nothing beside it. */
const emptyImage = 'scratch'

function needsPackages(plan: Plan): boolean {
  return plan.systemPackages.length > 0 || plan.steps.some((step) => step.kind === 'system' && step.packages.length > 0)
}

/** An image called like our own stage would be taken for the stage. */
function unambiguous(ref: string): string {
  return ref === buildStage || ref === frontendStage ? `docker.io/library/${ref}` : ref
}

/** the name of the stage for steps with `in: 'build'` */
export const buildStage = 'build'
/** and for those with `in: 'frontend'` */
export const frontendStage = 'frontend'
