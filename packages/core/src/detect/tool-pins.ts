import { shown } from '../failure/error.ts'
import type { Evidence } from './detection.ts'
import { lineOf, tomlLine } from './places.ts'
import { readToml, valueAt } from './toml.ts'
import type { Tree } from './tree.ts'

/** What asdf's `.tool-versions` and mise's files ask for a tool. */
export function toolPins(tree: Tree, tool: Tool): { text: string; evidence: Evidence }[] {
  return [...asdf(tree, tool), ...mise(tree, tool, 'mise.toml'), ...mise(tree, tool, '.mise.toml')]
}

export type Tool = 'python' | 'node' | 'go' | 'deno' | 'bun'

const asdfLines: Readonly<Record<Tool, RegExp>> = {
  python: /^python[ \t]+(\S+)/m,
  node: /^(?:nodejs|node)[ \t]+(\S+)/m,
  go: /^(?:golang|go)[ \t]+(\S+)/m,
  deno: /^deno[ \t]+(\S+)/m,
  bun: /^bun[ \t]+(\S+)/m,
}

function asdf(tree: Tree, tool: Tool): { text: string; evidence: Evidence }[] {
  const text = tree.text('.tool-versions') ?? ''
  const found = asdfLines[tool].exec(text)
  if (!found) return []
  return [pinAt(found[1]!, '.tool-versions', lineOf(text, found[0]))]
}

function mise(tree: Tree, tool: string, file: string): { text: string; evidence: Evidence }[] {
  const said = valueAt(readToml(tree, file), 'tools', tool)
  const first = Array.isArray(said) ? (said[0] as unknown) : said
  const text = typeof first === 'string' ? first : valueAt(first, 'version')
  return typeof text === 'string' ? [pinAt(text, file, tomlLine(tree.manifest(file), 'tools', tool))] : []
}

function pinAt(text: string, file: string, line: number | undefined): { text: string; evidence: Evidence } {
  return { text, evidence: { rule: 'tool-pin', file, ...(line === undefined ? {} : { line }), says: `${file} says ${shown(text)}` } }
}
