import type { Detected } from '../detect/detect.ts'
import type { Evidence, Finding } from '../detect/detection.ts'
import type { Install } from '../detect/install.ts'
import type { Inference } from '../infer/infer.ts'
import type { Config } from './config.ts'
import type { Packages } from './dependencies.ts'
import type { Arg, Plan, PlanEvidence } from './plan.ts'
import type { SystemPackages } from './system-packages.ts'

type Value = PlanEvidence['values'][number]

interface Composed {
  readonly plan: Plan
  readonly config: Config
  readonly packages: Packages
  readonly inference: Inference
  readonly system: SystemPackages
  readonly install?: Install
}

/** Why each value of the plan is what it is, in the order people ask. */
export function evidenceOf({ project, frontend }: Detected, composed: Composed): PlanEvidence {
  const { packages, inference, config, plan, system, install } = composed
  return {
    values: [
      value('language', project.language, String),
      value('runtime.version', project.runtime.version, String),
      ...(project.framework ? [value('framework', project.framework, String)] : []),
      ...(install ? [manager(install, project.otherManagers)] : []),
      ...(project.entrypoint ? [value('entrypoint', project.entrypoint, String)] : []),
      value('start', project.start, commandText),
      value('port', project.port, (port) => (port === null ? 'none' : String(port))),
      ...(project.build ? [single('build', project.build.argv.join(' '), project.build.evidence, 'build')] : []),
      ...(frontend ? [single('frontend', frontend.unit, frontend.evidence, 'frontend')] : []),
      base(plan, config),
      ...system.because.map(({ name, packages: needed }) =>
        single('systemPackages', needed.join(' '), { rule: 'system.package', says: `${name} needs it` }, 'systemPackages.remove'),
      ),
    ],
    dependencies: packages.all,
    unresolved: project.install ? [] : inference.unresolved,
  }
}

function value<T>(field: string, { value: found, evidence, lost, override }: Finding<T>, text: (one: T) => string): Value {
  return { field, value: text(found), evidence, lost: lost.map((one) => ({ value: text(one.value), evidence: one.evidence })), override }
}

function single(field: string, found: string, evidence: Evidence, override: string): Value {
  return { field, value: found, evidence, lost: [], override }
}

function manager(install: Install, lost: Value['lost']): Value {
  return { field: 'packageManager', value: install.manager, evidence: install.evidence, lost, override: 'packageManager' }
}

function base(plan: Plan, config: Config): Value {
  const text = plan.base.kind === 'image' ? plan.base.ref : plan.base.distro
  const evidence = config.base
    ? { rule: 'config.base', says: 'the configuration names it' }
    : { rule: 'base.default', says: `the default distribution of edition ${plan.edition}` }
  return single('base', text, evidence, 'base')
}

/** A command as people read it; a variable shows its default. */
function commandText(argv: readonly Arg[]): string {
  return argv.map((word) => (typeof word === 'string' ? word : `\${${word.env}:-${word.default}}`)).join(' ')
}
