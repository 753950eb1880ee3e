import { knownPypi, normalised } from './known.ts'
import { byRules, withoutVersions, type Resolution } from './python-rules.ts'
import { longestPrefix, pythonTables } from './python-tables.ts'

export type { Resolution } from './python-rules.ts'

/** A package that code needs besides its own. */
export type Companion = Pick<Resolution, 'name' | 'extras' | 'specifier' | 'matched'>

/**
 * The package that provides a dotted module: the longest prefix in the table or by the rules of the namespaces, then the
 * ranked name that is the import's own, then one that differs by an affix. Only names on the lists are ever given;
 * undefined where none is.
 */
export function resolvePython(module: string): Resolution | undefined {
  if (onlyFor.some(([top, part]) => (module === top || module.startsWith(`${top}.`)) && !part.test(module.slice(top.length + 1))))
    return undefined
  const { providers } = pythonTables()
  const row = longestPrefix(providers, module) ?? longestPrefix(providers, withoutVersions(module))
  const ruled = byRules(module, knownPypi())
  if (row === undefined || (ruled !== undefined && ruled.matched.length > row.matched.length)) return ruled
  return row.says === '-' ? undefined : { ...readRequirement(row.says), grade: 'A', matched: row.matched }
}

/**
 * What the code of a dotted module, or of the class that it ends with, needs besides the package it is of: `agno.models.openai` needs openai,
 * `smolagents.LiteLLMModel` litellm, from wherever in smolagents it is imported.
 */
export function companionsOf(module: string): readonly Companion[] {
  const table = pythonTables().companions
  // phidata became agno, with the same parts
  const known = module.replace(/^phi\./, 'agno.').replace(/^agno\.(?:model|llm)\./, 'agno.models.')
  const row = ofClass(table, known) ?? longestPrefix(table, known)
  if (row === undefined) return []
  return row.says.split(' ').flatMap((says) => {
    if (!says.startsWith('[')) return [{ ...readRequirement(says), matched: row.matched }]
    const own = resolvePython(row.matched)?.name
    const extra = says === '[]' ? normalised(row.matched.slice(row.matched.lastIndexOf('.') + 1)) : says.slice(1, -1)
    return own === undefined ? [] : [{ name: own, extras: [extra], specifier: '', matched: row.matched }]
  })
}

/** In these frameworks a class has one name, wherever it is imported from. */
const byClass = /^(langchain|langchain_community|smolagents|haystack|llama_index|crewai|crewai_tools)\.(?:\w+\.)*([A-Z]\w*)$/

function ofClass(table: ReadonlyMap<string, string>, module: string): { readonly says: string; readonly matched: string } | undefined {
  const [, top, name] = byClass.exec(module) ?? []
  if (top === undefined) return undefined
  // the older langchain hands on what langchain_community has
  const matched = `${top === 'langchain' ? 'langchain_community' : top}.${name!}`
  const says = table.get(matched)
  if (says === undefined) return undefined
  return { says: top === 'langchain' ? `langchain-community ${says}` : says, matched }
}

/** Reads `name[extra,extra]specifier` of a table. */
export function readRequirement(says: string): Pick<Resolution, 'name' | 'extras' | 'specifier'> {
  const [, name, extras, specifier] = /^([a-z0-9-]+)(?:\[([^\]]*)\])?(.*)$/.exec(says)!
  return { name: name!, extras: extras === undefined ? [] : extras.split(','), specifier: specifier! }
}

/** Modules with a name that programs like for their own: a package only with one of its members. */
const onlyFor: readonly (readonly [top: string, part: RegExp])[] = [
  [
    'agents',
    /^(?:Agent|AgentHooks|Runner|RunHooks|RunConfig|RunContextWrapper|ModelSettings|function_tool|handoff|handoffs|trace|tracing|input_guardrail|output_guardrail|guardrail|GuardrailFunctionOutput|InputGuardrail\w*|OutputGuardrail\w*|WebSearchTool|FileSearchTool|CodeInterpreterTool|HostedMCPTool|ImageGenerationTool|ComputerTool|AsyncComputer|Computer|SQLiteSession|Session|TResponseInputItem|ItemHelpers|ToolCallItem|MessageOutputItem|RunResult\w*|RunItem|AgentOutputSchema\w*|AgentHookContext|FunctionTool|Tool|Usage|MaxTurnsExceeded|OpenAI\w+|Model\w*|custom_span|gen_trace_id|set_\w+|enable_\w+|extensions|mcp|voice|realtime|models|memory|items|tool|run|tool_context|stream_events|sandbox)\b/,
  ],
]
