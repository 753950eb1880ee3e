import type { Config } from '../plan/config.ts'
import { detectBun } from './bun.ts'
import { detectDeno } from './deno.ts'
import { detectGo } from './go.ts'
import { detectNode } from './node.ts'
import type { Project } from './project.ts'
import { detectPython } from './python.ts'
import { detectStatic } from './static.ts'
import type { Tree } from './tree.ts'

type Detect = (tree: Tree, config: Config) => Project | undefined

/** Every language Kiln plans: one line each. A detector gives undefined when the unit has none of its language. */
export const languages: readonly Detect[] = [detectPython, detectJavaScript, detectGo]

/** What is left where no program is: files for browsers. */
export const pages: Detect = detectStatic

/** Three runtimes for one language: a program is Deno's or Bun's where something says so, else Node's. */
function detectJavaScript(tree: Tree, config: Config): Project | undefined {
  const { language, runtime } = config
  if (language !== undefined && language !== 'javascript' && language !== 'typescript') return undefined
  const other = detectDeno(tree, config) ?? detectBun(tree, config)
  if (other || (runtime?.name !== undefined && runtime.name !== 'node')) return other
  return detectNode(tree, config)
}
