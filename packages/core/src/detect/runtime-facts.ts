import { dotted, parseProgram, walk, type Node } from '../infer/javascript-syntax.ts'
import type { Tree } from './tree.ts'

/** What a JavaScript or TypeScript file says of the runtime it is for: Deno and Bun have names of their own. */
export interface RuntimeFacts {
  /** `Deno.serve`, `Bun.file`, `process.env`: each where it is first met */
  readonly uses: ReadonlyMap<string, number>
  /** calls of `serve` and `listen` */
  readonly serves: readonly Serves[]
  /** `export default { fetch, port }`, `export default app` */
  readonly exported?: Serves
}

export interface Serves {
  readonly callee: string
  readonly line: number
  readonly port?: number
  /** the variable of the environment that the port is read from */
  readonly variable?: string
  readonly host?: string
}

const none: RuntimeFacts = { uses: new Map(), serves: [] }

/** Reads a file once; one without a word that matters is not parsed. */
export function runtimeFacts(tree: Tree): (file: string) => RuntimeFacts {
  const known = new Map<string, RuntimeFacts>()
  return (file) => {
    const found = known.get(file) ?? factsOf(tree.text(file) ?? '', file)
    known.set(file, found)
    return found
  }
}

function factsOf(text: string, file: string): RuntimeFacts {
  const program = /\bDeno\b|\bBun\b|\bprocess\b|\b(?:listen|serve)\s*\(|\bexport\s+default\b/.test(text)
    ? parseProgram(text, file)
    : undefined
  if (!program) return none
  const uses = new Map<string, number>()
  const serves: Serves[] = []
  const constants = new Map<string, Value>()
  let exported: Serves | undefined
  walk(program, (node) => {
    if (node.type === 'VariableDeclarator') declare(node, constants)
    else if (node.type === 'MemberExpression') use(dotted(node), lineOf(node), uses)
    else if (node.type === 'CallExpression') serve(node, constants, serves)
    else if (node.type === 'ExportDefaultDeclaration') exported = exportedOf(node, constants)
  })
  return { uses, serves, ...(exported ? { exported } : {}) }
}

function lineOf(node: Node): number {
  return node.loc?.start.line ?? 1
}

function use(name: string, line: number, uses: Map<string, number>): void {
  const found = /^(?:globalThis\.)?((?:Deno|Bun|process)\.\w+)/.exec(name)?.[1]
  if (found !== undefined && !uses.has(found)) uses.set(found, line)
}

function serve(node: Node, constants: ReadonlyMap<string, Value>, serves: Serves[]): void {
  const callee = dotted(node.callee as Node)
  if (!/(?:^|\.)(?:serve|listen)$/.test(callee) || serves.length >= 100) return
  const given = node.arguments as Node[]
  const options = given.find(({ type }) => type === 'ObjectExpression')
  const first = given[0] === undefined ? {} : valueOf(given[0], constants)
  serves.push({ callee, line: lineOf(node), ...portOf(first), ...(options ? ofOptions(options, constants) : {}) })
}

function exportedOf(node: Node, constants: ReadonlyMap<string, Value>): Serves | undefined {
  let value = node.declaration as Node
  while (value.type === 'TSSatisfiesExpression' || value.type === 'TSAsExpression') value = value.expression as Node
  const common = { callee: 'export default', line: lineOf(node) }
  if (value.type === 'ObjectExpression') {
    const names = (value.properties as Node[]).map(({ key }) => (key as Node | undefined)?.name)
    return names.includes('fetch') ? { ...common, ...ofOptions(value, constants) } : undefined
  }
  return value.type === 'Identifier' || value.type === 'NewExpression' ? common : undefined
}

function ofOptions(options: Node, constants: ReadonlyMap<string, Value>): Partial<Serves> {
  const found: { port?: number; variable?: string; host?: string } = {}
  for (const property of options.properties as Node[]) {
    if (property.type !== 'ObjectProperty' || property.computed === true) continue
    const name = String((property.key as Node).name ?? (property.key as Node).value)
    const value = valueOf(property.value as Node, constants)
    if (name === 'port') Object.assign(found, portOf(value))
    else if (/^host(?:name)?$/.test(name) && typeof value.literal === 'string') found.host = value.literal
  }
  return found
}

function portOf({ literal, variable }: Value): { port?: number; variable?: string } {
  const port = typeof literal === 'string' && /^\d{1,5}$/.test(literal) ? Number(literal) : literal
  const valid = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535
  return { ...(valid ? { port } : {}), ...(variable === undefined ? {} : { variable }) }
}

interface Value {
  readonly literal?: string | number
  readonly variable?: string
}

function declare(node: Node, constants: Map<string, Value>): void {
  const [id, init] = [node.id as Node, node.init as Node | null]
  if (id.type === 'Identifier' && init) constants.set(String(id.name), valueOf(init, constants))
}

/** Literals, constants, a variable of the environment, `a || b`, `a ?? b`, and number conversions around them. */
function valueOf(node: Node, constants: ReadonlyMap<string, Value>, depth = 0): Value {
  if (depth > 20) return {}
  const inner = (one: unknown): Value => valueOf(one as Node, constants, depth + 1)
  switch (node.type) {
    case 'NumericLiteral':
    case 'StringLiteral':
      return { literal: node.value as string | number }
    case 'Identifier':
      return constants.get(String(node.name)) ?? {}
    case 'UnaryExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return inner(node.argument ?? node.expression)
    case 'LogicalExpression':
      return { ...inner(node.right), ...inner(node.left) }
    case 'ConditionalExpression':
      return { ...inner(node.alternate), ...inner(node.consequent) }
    case 'MemberExpression': {
      const variable = /^(?:process|Bun|import\.meta)\.env\.(\w+)$/.exec(dotted(node))?.[1]
      return variable === undefined ? {} : { variable }
    }
    case 'CallExpression': {
      const callee = dotted(node.callee as Node)
      const first = (node.arguments as Node[])[0]
      if (first === undefined) return {}
      if (callee === 'Deno.env.get') return first.type === 'StringLiteral' ? { variable: String(first.value) } : {}
      return /^(?:Number|parseInt|Number\.parseInt)$/.test(callee) ? inner(first) : {}
    }
    default:
      return {}
  }
}
