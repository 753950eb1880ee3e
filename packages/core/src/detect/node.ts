import type { Config } from '../plan/config.ts'
import type { Project } from './project.ts'
import type { Tree } from './tree.ts'

export function detectNode(_tree: Tree, _config: Config): Project | undefined {
  return undefined
}
