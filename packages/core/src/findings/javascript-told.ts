import { dotted, parseProgram, walk, type Node } from '../infer/javascript-syntax.ts'
import { longestText, mostTexts, type Told } from './told.ts'

/** The texts of a JavaScript or TypeScript file; undefined for one with an error in it. Never throws. */
export function tellJavaScript(text: string, file: string): readonly Told[] | undefined {
  const program = parseProgram(text, file, false)
  if (program === undefined) return undefined
  const told: Told[] = []
  const around = new Map<Node, Around>()
  walk(program, (node) => {
    const place = around.get(node) ?? nothing
    around.delete(node)
    const value = textOf(node)
    if (value === undefined) hand(node, place.use ?? {}, around)
    else if (!place.skip && told.length < mostTexts) told.push(toldOf(value, place, file, node))
  })
  return told
}

type Use = Omit<Told, 'text' | 'file' | 'line' | 'alone'>
interface Around {
  readonly use?: Use
  /** a name of the program's own */
  readonly skip?: boolean
  readonly alone?: boolean
}

const nothing: Around = {}
const skipped: Around = { skip: true }

function toldOf(text: string, { use = {}, alone = false }: Around, file: string, node: Node): Told {
  return { text: text.slice(0, longestText), file, line: node.loc?.start.line ?? 1, ...use, alone }
}

function textOf(node: Node): string | undefined {
  if (node.type === 'StringLiteral') return String(node.value)
  if (node.type !== 'TemplateLiteral') return undefined
  return (node.quasis as Node[]).map(({ value }) => (value as { cooked?: string | null }).cooked ?? '').join('${}')
}

/** Tells the nodes inside what this one makes of them. */
function hand(node: Node, use: Use, around: Map<Node, Around>): void {
  const give = (child: unknown, more: Around): void => {
    if (typeof child === 'object' && child !== null && 'type' in child) around.set(child as Node, more)
  }
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
      return give(node.source, skipped)
    case 'TSLiteralType':
      return give(node.literal, skipped)
    case 'ExpressionStatement':
      return give(node.expression, { alone: true })
    case 'VariableDeclarator':
      return give(node.init, assigned((node.id as Node).name))
    case 'ClassProperty':
      return give(node.value, assigned((node.key as Node).name))
    case 'AssignmentExpression':
      return give(
        node.right,
        assigned(
          dotted(node.left as Node)
            .split('.')
            .at(-1),
        ),
      )
    case 'CallExpression':
    case 'NewExpression':
      return call(node, use, give)
    case 'ObjectExpression':
      return members(node.properties as Node[], use, give)
    case 'ArrayExpression':
      for (const element of node.elements as unknown[]) give(element, { use })
      return
    default:
      if (through.has(node.type))
        for (const field of ['argument', 'expression', 'left', 'right', 'consequent', 'alternate']) give(node[field], { use })
  }
}

type Give = (child: unknown, more: Around) => void

/** What only wraps a value. */
const through: ReadonlySet<string> = new Set([
  'AwaitExpression',
  'LogicalExpression',
  'ConditionalExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
])

function assigned(name: unknown): Around {
  return typeof name === 'string' ? { use: { variable: name, slot: name } } : nothing
}

function call(node: Node, { variable }: Use, give: Give): void {
  const callee = dotted(node.callee as Node)
  const of = variable === undefined ? {} : { variable }
  if (callee === 'require' || callee === 'require.resolve') return give((node.arguments as Node[])[0], skipped)
  give(node.callee, { use: of })
  for (const argument of node.arguments as Node[]) give(argument, { use: { ...of, callee } })
}

function members(properties: readonly Node[], { variable, callee }: Use, give: Give): void {
  const own = properties.filter(({ type }) => type === 'ObjectProperty')
  const named = own.map((one) => ({ one, name: one.computed === true ? undefined : nameOf(one.key as Node) }))
  const role = named.find(({ name }) => name === 'role')?.one.value as Node | undefined
  const beside: Use = {
    ...(variable !== undefined && { variable }),
    ...(callee !== undefined && { callee }),
    ...(role?.type === 'StringLiteral' && { role: String(role.value) }),
  }
  for (const { one, name } of named) {
    give(one.key, skipped)
    give(one.value, { use: { ...beside, ...(name !== undefined && { slot: name }) } })
  }
}

function nameOf(key: Node): string | undefined {
  const name = key.name ?? key.value
  return typeof name === 'string' ? name : undefined
}
