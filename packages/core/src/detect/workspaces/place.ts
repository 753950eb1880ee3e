import type { Config } from '../../plan/config.ts'
import type { Project } from '../project.ts'
import { nodePlace, type Placed } from './node-place.ts'
import { uvPlace } from './uv-place.ts'
import { inSource, type Workspace } from './workspace.ts'

/** A project of a unit where it lies in its workspace; undefined where it is no member, or not in the workspace's own language. */
export function placed(workspace: Workspace, unit: string, project: Project, config: Config): Placed | undefined {
  const member = workspace.members.find(({ directory }) => inSource(workspace, directory) === unit)
  const { name } = project.runtime
  if (member && workspace.kind === 'node' && name === 'node') return nodePlace(workspace, member, project, config)
  if (member && workspace.kind === 'uv' && name === 'python' && workspace.tree.has('uv.lock') && config.requirements === undefined)
    return uvPlace(workspace, member, project)
  return undefined
}
