import type { Detected } from '../detect/detect.ts'
import type { Evidence, Finding } from '../detect/detection.ts'
import type { Install } from '../detect/install.ts'
import type { Inference } from '../infer/infer.ts'
import type { Config } from './config.ts'
import type { Packages } from './dependencies.ts'
import { systemValues } from './evidence-packages.ts'
import { stepEvidence } from './evidence-steps.ts'
import type { Arg, Plan, PlanEvidence } from './plan.ts'
import { isSameCommand } from './same-command.ts'
import type { SystemPackages } from './system-packages.ts'

export type Value = PlanEvidence['values'][number]

/** A plan, and what it was made of. */
export interface Composed {
  readonly plan: Plan
  readonly config: Config
  readonly packages: Packages
  readonly inference: Inference
  readonly system: SystemPackages
  readonly install?: Install
  readonly installer?: Finding<'uv' | 'pip'>
}

/** Why each value of the plan is what it is, in the order people ask. */
export function evidenceOf(detected: Detected, composed: Composed): PlanEvidence {
  const { project } = detected
  const { packages, inference } = composed
  return {
    values: [
      ...placeValues(detected, composed),
      value('language', project.language, String),
      value('runtime.version', project.runtime.version, String),
      ...(project.framework ? [value('framework', project.framework, String)] : []),
      ...managerValues(detected, composed),
      ...(project.entrypoint ? [value('entrypoint', project.entrypoint, String)] : []),
      value('start', project.start, commandText),
      value('port', project.port, (port) => (port === null ? 'none' : String(port))),
      ...buildValues(detected, composed),
      ...(detected.frontend ? [single('frontend', detected.frontend.unit, detected.frontend.evidence, 'frontend')] : []),
      base(composed, project.base?.evidence),
      ...systemValues(composed),
      ...groupValues(composed),
      ...variables(detected, composed),
    ],
    dependencies: packages.all,
    unresolved: project.install ? [] : inference.unresolved,
    steps: stepEvidence(detected, composed),
  }
}

function value<T>(field: string, { value: found, evidence, lost, override }: Finding<T>, text: (one: T) => string): Value {
  return { field, value: text(found), evidence, lost: lost.map((one) => ({ value: text(one.value), evidence: one.evidence })), override }
}

function single(field: string, found: string, evidence: Evidence, override: string): Value {
  return { field, value: found, evidence, lost: [], override }
}

/** The rules, and where in the source the program lies. */
function placeValues(detected: Detected, { plan, config }: Composed): Value[] {
  const { edition, unit, workspace, context } = plan
  const pinned = config.edition !== undefined
  const rules: Evidence = pinned
    ? { rule: 'config.edition', says: 'the configuration names it' }
    : { rule: 'edition.default', says: 'the default rules of this version of Kiln' }
  return [
    single('edition', edition, rules, 'edition'),
    { ...single('unit', unit, unitEvidence(detected, config, unit), 'unit'), lost: detected.otherUnits ?? [] },
    ...(workspace === null ? [] : [single('workspace', workspace, workspaceEvidence(workspace), 'unit')]),
    ...(context === null ? [] : [single('context', context.join(' '), contextEvidence(unit), 'context')]),
  ]
}

function unitEvidence({ notices }: Detected, config: Config, unit: string): Evidence {
  if (config.unit !== undefined) return { rule: 'config.unit', says: 'the configuration names it' }
  if (unit === '.') return { rule: 'unit.top', says: 'the program is at the top of the source' }
  const notice = notices.find(({ code }) => code === 'unit_chosen')
  return { rule: 'unit.only', file: unit, says: notice ? notice.message.replace(/\.$/, '') : 'the only project of the source' }
}

function workspaceEvidence(workspace: string): Evidence {
  return { rule: 'workspace.member', file: workspace, says: 'the unit is a member of this workspace, whose lock it is installed from' }
}

function contextEvidence(unit: string): Evidence {
  return { rule: 'context.closure', file: unit, says: 'the unit and what it needs of others: nothing else enters the build' }
}

function managerValues({ project, tree }: Detected, { plan, install, installer }: Composed): Value[] {
  if (!install) return []
  const { manager, evidence } = install
  const tools = plan.toolchains.map(({ name, version }) => {
    const pinned = Object.entries(tree.edition.tools).some(([tool, line]) => tool === name && line === version)
    const says = pinned ? `the line of edition ${plan.edition}` : 'what the source pins, or what reads its lock'
    const place = pinned || evidence.file === undefined ? {} : { file: evidence.file }
    return single(
      `toolchains.${name}`,
      version,
      { rule: pinned ? 'toolchain.edition' : 'toolchain.source', ...place, says },
      name === installer?.value ? installer.override : 'packageManager',
    )
  })
  return [
    { field: 'packageManager', value: manager, evidence, lost: project.otherManagers, override: 'packageManager' },
    ...(installer ? [value('installer', installer, String)] : []),
    ...tools,
  ]
}

function buildValues({ project: { build } }: Detected, { config }: Composed): Value[] {
  if (!build) return []
  const found = { value: build.argv.join(' '), evidence: build.evidence }
  if (!config.build?.remove?.some((argv) => isSameCommand(argv, build.argv)))
    return [{ field: 'build', ...found, lost: [], override: 'build' }]
  const own: Evidence = { rule: 'config.build', says: 'the configuration removes it' }
  return [{ field: 'build', value: `without ${found.value}`, evidence: own, lost: [found], override: 'build.remove' }]
}

function base({ plan, config }: Composed, own: Evidence | undefined): Value {
  const text = plan.base.kind === 'image' ? plan.base.ref : plan.base.distro
  const standard: Evidence = { rule: 'base.default', says: `the default distribution of edition ${plan.edition}` }
  if (!config.base) return single('base', text, plan.base.kind === 'image' && own ? own : standard, 'base')
  return single('base', text, { rule: 'config.base', says: 'the configuration names it' }, 'base')
}

function groupValues({ config }: Composed): Value[] {
  const evidence: Evidence = { rule: 'config.groups', says: 'the configuration adds it' }
  return (config.groups?.add ?? []).map((group) => single('groups', group, evidence, 'groups.add'))
}

/** The variables of the image. */
function variables({ project }: Detected, { plan, config, system }: Composed): Value[] {
  const found: Readonly<Record<string, string>> = {
    ...system.env,
    ...project.env,
    ...(project.port.value === null ? {} : { PORT: String(project.port.value) }),
  }
  const why = (name: string): Evidence => {
    if (name === 'PORT') return { rule: 'env.port', says: 'for programs that read their port from it' }
    if (Object.hasOwn(system.env, name)) return { rule: 'env.package', says: 'a package that is installed needs it' }
    const { file, line } = project.start.evidence
    const place = { ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
    return { rule: 'env.program', ...place, says: 'the program that was detected runs with it' }
  }
  const own: Evidence = { rule: 'config.env', says: 'the configuration says so' }
  const set = Object.entries(plan.env).map(([name, text]): Value => {
    const given = config.env?.add?.[name] !== undefined
    const lost = given && Object.hasOwn(found, name) ? [{ value: found[name]!, evidence: why(name) }] : []
    return { field: `env.${name}`, value: text, evidence: given ? own : why(name), lost, override: 'env' }
  })
  const unset = Object.keys(found).filter((name) => !Object.hasOwn(plan.env, name))
  return [
    ...set,
    ...unset.map((name) => ({
      field: `env.${name}`,
      value: 'not set',
      evidence: own,
      lost: [{ value: found[name]!, evidence: why(name) }],
      override: 'env.remove',
    })),
  ]
}

/** A command as people read it; a variable shows its default. */
function commandText(argv: readonly Arg[]): string {
  return argv.map((word) => (typeof word === 'string' ? word : `\${${word.env}:-${word.default}}`)).join(' ')
}
