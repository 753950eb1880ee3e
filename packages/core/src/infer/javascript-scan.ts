import type { Import } from './infer.ts'
import { dotted, isRequire, walk, walkImports, type Node } from './javascript-syntax.ts'

/** What the top level of a JavaScript or TypeScript file does; lines are 1-based. */
export interface JavaScriptScan {
  readonly imports: readonly Import[]
  readonly exportsDefault: boolean
  /** `export default app`: the name */
  readonly defaultName?: string
  /** calls whose arguments say something: `app.listen(3000)`, `serve({ fetch: app.fetch, port: 8787 })` */
  readonly calls: readonly JavaScriptCall[]
  /** `const app = express()`, `new Hono()`, `await Fastify(…)`; `default` for `export default new Hono()` */
  readonly creations: readonly JavaScriptCreation[]
  readonly topLevelAwait: boolean
  readonly usesModuleSyntax: 'esm' | 'commonjs' | 'none'
}

export type JavaScriptLiteral = string | number

export interface JavaScriptCall {
  /** dotted, as written; `?` for a part that is no name */
  readonly callee: string
  readonly line: number
  /** positional arguments, undefined where the text does not say the value; `process.env.X || 1` gives the 1 */
  readonly args: readonly (JavaScriptLiteral | undefined)[]
  /** members of object arguments */
  readonly keywords: Readonly<Record<string, JavaScriptLiteral>>
  /** by keyword, or by position as `0`: the variable of the environment that decides it */
  readonly variables: Readonly<Record<string, string>>
}

export interface JavaScriptCreation {
  readonly name: string
  readonly callee: string
  readonly new: boolean
  readonly line: number
}

/** All that detection asks of a tree. */
export function scanProgram(program: Node, file: string): JavaScriptScan {
  const constants = new Map<string, Value>()
  const calls: JavaScriptCall[] = []
  const creations: JavaScriptCreation[] = []
  let exported: Node | undefined
  let topLevelAwait = false
  let commonjs = false
  walk(program, (node, _, functions) => {
    if (node.type === 'VariableDeclarator') declare(node, functions, constants, creations)
    else if (node.type === 'ExportDefaultDeclaration') exported = node
    else if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true)) topLevelAwait ||= functions === 0
    else if (node.type === 'CallExpression' && calls.length < maxFinds) readCall(node, constants, calls)
    if (node.type === 'CallExpression' && isRequire(node.callee as Node)) commonjs = true
    if (node.type === 'AssignmentExpression' && /^(?:module\.exports|exports)\b/.test(dotted(node.left as Node))) commonjs = true
  })
  const declaration = exported?.declaration as Node | undefined
  if (declaration !== undefined) create('default', declaration, creations)
  const module = (program.body as Node[]).some(isModuleSyntax) || topLevelAwait
  return {
    imports: walkImports(program, file),
    exportsDefault: exported !== undefined,
    ...(declaration?.type === 'Identifier' ? { defaultName: String(declaration.name) } : {}),
    calls,
    creations,
    topLevelAwait,
    usesModuleSyntax: module ? 'esm' : commonjs ? 'commonjs' : 'none',
  }
}

const maxFinds = 10_000

function isModuleSyntax(node: Node): boolean {
  return /^(?:ImportDeclaration|Export\w*Declaration|TSExportAssignment)$/.test(node.type)
}

function declare(node: Node, functions: number, constants: Map<string, Value>, creations: JavaScriptCreation[]): void {
  const id = node.id as Node
  const init = node.init as Node | null
  if (id.type !== 'Identifier' || init === null || init === undefined) return
  const value = readValue(init, constants)
  if (value.literal !== undefined || value.variable !== undefined) constants.set(String(id.name), value)
  else if (functions === 0 && creations.length < maxFinds) create(String(id.name), init, creations)
}

/** Finds the call or `new` at the bottom of a chain such as `await new Hono().basePath('/x')`. */
function create(name: string, value: Node, creations: JavaScriptCreation[]): void {
  let node: Node | undefined = value
  for (let depth = 0; node !== undefined && depth < 1000; depth++) {
    if (node.type === 'AwaitExpression') node = node.argument as Node
    else if (node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression') node = node.expression as Node
    else if (node.type === 'MemberExpression') node = node.object as Node
    else if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const callee = node.callee as Node
      const inner = callee.type === 'MemberExpression' ? (callee.object as Node) : callee
      if (inner.type !== 'CallExpression' && inner.type !== 'NewExpression' && inner.type !== 'AwaitExpression') {
        creations.push({ name, callee: dotted(callee), new: node.type === 'NewExpression', line: node.loc?.start.line ?? 1 })
        return
      }
      node = inner
    } else return
  }
}

function readCall(node: Node, constants: ReadonlyMap<string, Value>, calls: JavaScriptCall[]): void {
  const args: (JavaScriptLiteral | undefined)[] = []
  const keywords = Object.create(null) as Record<string, JavaScriptLiteral>
  const variables = Object.create(null) as Record<string, string>
  for (const [index, argument] of (node.arguments as Node[]).entries()) {
    const value = readValue(argument, constants)
    args.push(value.literal)
    if (value.variable !== undefined) variables[index] = value.variable
    for (const property of argument.type === 'ObjectExpression' ? (argument.properties as Node[]) : [])
      assign(property, constants, keywords, variables)
  }
  const says = args.some((arg) => arg !== undefined) || Object.keys(keywords).length + Object.keys(variables).length > 0
  if (says) calls.push({ callee: dotted(node.callee as Node), line: node.loc?.start.line ?? 1, args, keywords, variables })
}

function assign(
  property: Node,
  constants: ReadonlyMap<string, Value>,
  keywords: Record<string, JavaScriptLiteral>,
  variables: Record<string, string>,
): void {
  if (property.type !== 'ObjectProperty' || property.computed === true) return
  const key = property.key as Node
  const name = String(key.name ?? key.value)
  const value = readValue(property.value as Node, constants)
  if (value.literal !== undefined) keywords[name] = value.literal
  if (value.variable !== undefined) variables[name] = value.variable
}

interface Value {
  readonly literal?: JavaScriptLiteral
  readonly variable?: string
}

/** Literals, constants, `process.env.X`, `a || b`, `a ?? b`, and number conversions around them. */
function readValue(node: Node, constants: ReadonlyMap<string, Value>, depth = 0): Value {
  if (depth > 20) return {}
  const inner = (one: unknown): Value => readValue(one as Node, constants, depth + 1)
  switch (node.type) {
    case 'NumericLiteral':
    case 'StringLiteral':
      return { literal: node.value as JavaScriptLiteral }
    case 'Identifier':
      return constants.get(String(node.name)) ?? {}
    case 'UnaryExpression':
      return node.operator === '+' ? toNumber(inner(node.argument)) : {}
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return inner(node.expression)
    case 'LogicalExpression':
      return node.operator === '&&' ? {} : { ...inner(node.right), ...inner(node.left) }
    case 'CallExpression': {
      const first = (node.arguments as Node[])[0]
      return first !== undefined && /^(?:Number|parseInt|Number\.parseInt)$/.test(dotted(node.callee as Node)) ? toNumber(inner(first)) : {}
    }
    case 'MemberExpression': {
      const variable = /^(?:process|Bun|import\.meta)\.env\.(\w+)$/.exec(dotted(node))
      return variable === null ? {} : { variable: variable[1]! }
    }
    default:
      return {}
  }
}

function toNumber(value: Value): Value {
  return typeof value.literal === 'string' && /^\d{1,9}$/.test(value.literal) ? { ...value, literal: Number(value.literal) } : value
}
