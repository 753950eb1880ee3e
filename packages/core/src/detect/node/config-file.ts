import { parseProgram, walk, type Node } from '../../infer/javascript-syntax.ts'
import { lineOf } from '../places.ts'
import type { Tree } from '../tree.ts'

/** A configuration written as a program (`next.config.mjs`): what it says as literals. It is read, never run. */
export interface ConfigFile {
  readonly file: string
  /** the literal of a property of this name, wherever an object has it; the last one counts */
  literal(name: string): string | boolean | number | undefined
  /** a property of this name is there, whatever its value is */
  has(name: string): boolean
  imports(module: string): boolean
  line(text: string): number
}

/** characters; no configuration is longer */
const longest = 2 ** 20

const endings = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.json']

/** The first `stem` with an ending of JavaScript, TypeScript or JSON. */
export function configFile(tree: Tree, ...stems: readonly string[]): ConfigFile | undefined {
  const file = stems.flatMap((stem) => endings.map((end) => stem + end)).find((path) => tree.has(path))
  return file === undefined ? undefined : readConfigFile(tree, file)
}

function readConfigFile(tree: Tree, file: string): ConfigFile {
  const whole = tree.text(file) ?? ''
  const text = whole.length <= longest ? whole : ''
  const literals = new Map<string, string | boolean | number>()
  const names = new Set<string>()
  const modules = new Set<string>()
  const program = parseProgram(file.endsWith('.json') ? `(${text})` : text, file.endsWith('.json') ? 'a.js' : file)
  if (program)
    walk(program, (node) => {
      if (node.type === 'ObjectProperty') property(node, names, literals)
      else if (node.type === 'StringLiteral') modules.add(String(node.value))
    })
  return {
    file,
    literal: (name) => literals.get(name),
    has: (name) => names.has(name),
    imports: (module) => modules.has(module),
    line: (needle) => lineOf(text, needle) ?? 1,
  }
}

function property(node: Node, names: Set<string>, literals: Map<string, string | boolean | number>): void {
  const key = node.key as Node
  const value = node.value as Node
  const name = String(key.name ?? key.value)
  if (node.computed === true) return
  names.add(name)
  if (/^(?:String|Boolean|Numeric)Literal$/.test(value.type)) literals.set(name, value.value as string | boolean | number)
  if (value.type === 'TemplateLiteral' && (value.quasis as Node[]).length === 1)
    literals.set(name, String(((value.quasis as Node[])[0]!.value as { cooked: unknown }).cooked))
}
