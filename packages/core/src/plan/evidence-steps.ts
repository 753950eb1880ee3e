import type { Detected } from '../detect/detect.ts'
import type { Evidence } from '../detect/detection.ts'
import type { Composed } from './evidence.ts'
import type { Step } from './plan.ts'
import { isSameCommand } from './same-command.ts'
import { systemNeeds } from './system-packages.ts'

/** Why each step of the plan is there: as many as there are steps, in their order. */
export function stepEvidence(detected: Detected, composed: Composed): readonly Evidence[] {
  return composed.plan.steps.map((step) => {
    if (step.in === 'frontend' && detected.frontend) return detected.frontend.evidence
    return evidenceOfStep(step, detected, composed)
  })
}

function evidenceOfStep(step: Step, detected: Detected, composed: Composed): Evidence {
  switch (step.kind) {
    case 'system':
      return ofSystem(step, composed)
    case 'write':
      return ofFile(step.path, detected, composed)
    case 'python':
    case 'node':
      return ofInstall(step, composed)
    case 'copy':
      return ofCopy(step, detected)
    case 'run':
      return ofCommand(step.argv, detected, composed)
  }
}

function ofSystem(step: Extract<Step, { kind: 'system' }>, { system, config }: Composed): Evidence {
  const names = system.because.map(({ name }) => name)
  if (step.in === 'build') {
    const compiled = names.filter((name) => systemNeeds.some((need) => need.build.length > 0 && need.names.includes(name)))
    const whose = [...compiled, ...(config.buildPackages?.add ? ['the configuration'] : [])]
    const says = whose.length > 0 ? `what ${whose.join(', ')} needs to be built` : 'what fetching the packages needs'
    return { rule: 'step.build-packages', says: `${says}; it stays out of the image` }
  }
  const whose = [...names, ...(config.systemPackages?.add ? ['the configuration'] : [])]
  return { rule: 'step.system-packages', says: `what ${whose.join(', ') || 'the program'} needs to run` }
}

function ofFile(path: string, { project }: Detected, { install, packages }: Composed): Evidence {
  if (path === 'requirements.more.txt') return beside(packages.added.map(({ name }) => name))
  if (project.generated?.some((file) => file.path === path)) return { ...project.start.evidence, rule: 'step.generated' }
  return install?.evidence ?? { rule: 'step.generated', says: 'Kiln writes it beside the source' }
}

function ofInstall({ manifests }: Extract<Step, { kind: 'python' | 'node' }>, { install, packages }: Composed): Evidence {
  if (manifests[0] === 'requirements.more.txt') return beside(packages.added.map(({ name }) => name))
  return install?.evidence ?? { rule: 'step.install', says: 'the program needs packages' }
}

function beside(names: readonly string[]): Evidence {
  return { rule: 'step.beside', says: `${names.join(', ') || 'what is added'}: not in the lock` }
}

function ofCopy({ from, in: stage }: Extract<Step, { kind: 'copy' }>, { project, frontend }: Detected): Evidence {
  if (from === 'frontend' && frontend) return frontend.evidence
  if (from === 'build') return { rule: 'step.from-build', says: 'what the build stage made; nothing else of it reaches the image' }
  if (project.install?.wholeSource) return project.install.wholeSource
  const says = stage === 'build' ? 'the build needs the source' : 'the source comes after its packages: an edit leaves their layer as it is'
  return { rule: 'step.source', says }
}

function ofCommand(argv: readonly string[], { project }: Detected, { config, packages, system }: Composed): Evidence {
  const same = (one: readonly string[]): boolean => isSameCommand(one, argv)
  const { build } = project
  if (config.build?.add?.some(same)) return { rule: 'config.build', says: 'the configuration adds it' }
  if (build && [build.argv, ...(build.before ?? []), ...(build.after ?? [])].some(same)) return build.evidence
  if (system.run.some(same)) return { rule: 'step.package', says: 'a package that is installed needs it' }
  if (argv.includes('prune')) return { rule: 'step.prune', says: 'packages that only the build needs are taken away' }
  if (packages.added.length > 0 && /^(?:npm install|pnpm add|yarn add|bun add)/.test(argv.join(' ')))
    return beside(packages.added.map(({ name }) => name))
  return build?.evidence ?? { rule: 'step.run', says: 'the build of the program needs it' }
}
