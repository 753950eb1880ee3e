import type { Frontend } from '../detect/workspaces/frontend.ts'
import type { Layout } from '../detect/workspaces/layout.ts'
import type { Plan, Step } from './plan.ts'
import { commonDirectory, isWithin, within } from '../detect/workspaces/directories.ts'
import { relocated } from './relocated.ts'
import { stepsFor } from './steps.ts'

/** What comes to /app of the front end's stage: its workspace, or as much as its build writes to. */
export function frontendOf({ unit, layout, output, project }: Frontend): NonNullable<Plan['frontend']> {
  const home = isWithin(unit, output) ? unit : commonDirectory(unit, output)
  const workspace = layout.workspace ?? (home === unit ? null : home)
  return { unit, workspace, runtime: { name: project.runtime.name, version: project.runtime.version.value } }
}

/** The steps of the front end before those of the program, and its files where the program looks for them. */
export function withFrontend(steps: readonly Step[], found: Frontend, layout: Layout, unit: string): Step[] {
  const { workspace } = frontendOf(found)
  const output = within(workspace ?? found.unit, found.output)
  const to = within(layout.workspace ?? unit, found.at)
  const taken: Step = { in: 'image', kind: 'copy', from: 'frontend', paths: [output], to }
  // behind the source, which may have a stale one, and before commands that read it
  const last = steps.findLastIndex((step) => step.in === 'image' && step.kind === 'copy' && step.from === 'source')
  const at = last === -1 ? steps.findLastIndex(({ kind }) => kind === 'copy') + 1 : last + 1
  return [...buildSteps(found), ...steps.slice(0, at), taken, ...steps.slice(at)]
}

function buildSteps(found: Frontend): Step[] {
  const { project, layout, unit } = found
  const all = stepsFor({
    install: project.install,
    groups: ['default'],
    ...(project.build ? { build: project.build } : {}),
    commands: [],
    systemBuild: project.install?.git ? ['ca-certificates', 'git'] : [],
    systemImage: [],
    needsPackages: true,
    beside: [],
    files: [],
    ...(layout.shared ? { shared: layout.shared } : {}),
  })
  const own = all.filter((step) => step.in === 'build').map((step): Step => ({ ...step, in: 'frontend' }))
  const { workspace } = frontendOf(found)
  return layout.shared || workspace === null ? own : relocated(own, within(workspace, unit))
}
