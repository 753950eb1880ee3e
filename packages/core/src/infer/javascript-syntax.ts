import { parse } from '@babel/parser'
import type { Import } from './infer.ts'

/** A node of Babel's tree, as loosely as a walk needs it. */
export interface Node {
  readonly type: string
  readonly loc?: { readonly start: { readonly line: number } } | null
  readonly [field: string]: unknown
}

/** Babel's tree of a file; undefined where it gives up: at the first error that is not tolerated, of which each costs 0.1 ms. */
export function parseProgram(text: string, file: string, tolerant = true): Node | undefined {
  const typescript = !/\.[cm]?jsx?$/.test(file)
  const jsx = !/\.[cm]?ts$/.test(file)
  const flow = !typescript && text.includes('@flow')
  try {
    return parse(text, {
      sourceType: 'unambiguous',
      errorRecovery: tolerant,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      allowUndeclaredExports: true,
      createImportExpressions: true,
      plugins: [
        ...(typescript ? (['typescript'] as const) : []),
        ...(jsx ? (['jsx'] as const) : []),
        ...(flow ? (['flow'] as const) : []),
        'decorators-legacy',
      ],
    }).program as unknown as Node
  } catch {
    return undefined
  }
}

/** Every import of a tree, in source order. */
export function walkImports(program: Node, file: string): readonly Import[] {
  const found: Import[] = []
  walk(program, (node, guarded) => {
    const import_ = readImport(node)
    if (import_ !== undefined)
      found.push({
        names: [],
        level: 0,
        file,
        line: node.loc?.start.line ?? 1,
        module: import_.module,
        optional: import_.typeOnly || guarded,
      })
  })
  return found
}

function readImport(node: Node): { readonly module: string; readonly typeOnly: boolean } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return named(node.source, isTypeOnly(node))
    case 'ImportExpression':
      return named(node.source, false)
    case 'TSImportType':
      return named(node.argument ?? node.source, true)
    case 'TSImportEqualsDeclaration':
      return named((node.moduleReference as Node).expression, isTypeOnly(node))
    case 'CallExpression':
      return isRequire(node.callee as Node) ? named((node.arguments as Node[])[0], false) : undefined
    default:
      return undefined
  }
}

function named(source: unknown, typeOnly: boolean): { readonly module: string; readonly typeOnly: boolean } | undefined {
  const node = source as Node | undefined | null
  if (node?.type === 'TSLiteralType') return named(node.literal, typeOnly)
  if (node?.type === 'StringLiteral') return { module: String(node.value), typeOnly }
  const quasis = node?.type === 'TemplateLiteral' ? (node.quasis as Node[]) : []
  if (quasis.length !== 1) return undefined
  return { module: String((quasis[0]!.value as { cooked: unknown }).cooked), typeOnly }
}

/** `import type`, or a list in which every name is a type: nothing of it is left at run time, in TypeScript's default mode. */
function isTypeOnly(node: Node): boolean {
  if (node.importKind === 'type' || node.importKind === 'typeof' || node.exportKind === 'type') return true
  const specifiers = (node.specifiers ?? []) as Node[]
  return specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type')
}

export function isRequire(callee: Node): boolean {
  if (callee.type === 'Identifier') return callee.name === 'require'
  if (callee.type === 'CallExpression') return dotted(callee.callee as Node).endsWith('createRequire')
  return callee.type === 'MemberExpression' && dotted(callee) === 'require.resolve'
}

/** Visits all nodes in source order without recursion; `guarded` inside a `try` that has a handler. */
export function walk(program: Node, visit: (node: Node, guarded: boolean, functions: number) => void): void {
  const open: { readonly node: Node; readonly guarded: boolean; readonly functions: number }[] = [
    { node: program, guarded: false, functions: 0 },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, guarded, functions } = next
    visit(node, guarded, functions)
    const inside = functions + (/^(?:Function|ArrowFunction|Object[A-Z]\w*Method|ObjectMethod|Class\w*Method)/.test(node.type) ? 1 : 0)
    for (const [field, child] of children(node).toReversed())
      open.push({
        node: child,
        guarded: guarded || (node.type === 'TryStatement' && field === 'block' && node.handler !== null),
        functions: inside,
      })
  }
}

function children(node: Node): readonly (readonly [string, Node])[] {
  const found: [string, Node][] = []
  for (const [field, value] of Object.entries(node)) {
    if (field === 'loc' || field === 'extra' || field.endsWith('Comments')) continue
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(one)) found.push([field, one])
  }
  return found
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '?'
}

/** The dotted name of a callee or member; `?` for a part that is none. */
export function dotted(node: Node): string {
  const parts: string[] = []
  let part: Node | undefined = node
  for (; part?.type === 'MemberExpression' && parts.length < 20; part = part.object as Node) {
    const property = part.property as Node
    parts.push(part.computed === true && property.type !== 'StringLiteral' ? '?' : word(property.name ?? property.value))
  }
  if (part?.type === 'MetaProperty') parts.push('meta', 'import')
  else parts.push(part?.type === 'Identifier' ? String(part.name) : part?.type === 'ThisExpression' ? 'this' : '?')
  return parts.toReversed().join('.')
}
