import type { Config } from '../plan/config.ts'
import { detectGo } from './go.ts'
import { detectNode } from './node.ts'
import type { Project } from './project.ts'
import { detectPython } from './python.ts'
import type { Tree } from './tree.ts'

/** Every language Kiln plans: one line each. A detector gives undefined when the unit has none of its language. */
export const languages: readonly ((tree: Tree, config: Config) => Project | undefined)[] = [detectPython, detectNode, detectGo]
