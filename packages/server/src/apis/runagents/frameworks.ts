import type { BuildError, Config, Json } from '@kiln/core'

/** What a file imports that is written with a framework, by the name that people give it. */
const modules: Readonly<Record<string, readonly string[]>> = {
  langchain: ['langchain', 'langchain_core', 'langchain_openai', 'langchain_anthropic', 'langchain_community', '@langchain'],
  langgraph: ['langgraph', '@langchain/langgraph'],
  openai: ['openai', '@ai-sdk/openai'],
  'openai-agents': ['agents', '@openai/agents'],
  anthropic: ['anthropic', '@anthropic-ai/sdk'],
  crewai: ['crewai'],
  autogen: ['autogen', 'autogen_agentchat', 'autogen_core'],
  llamaindex: ['llama_index', 'llamaindex'],
  'pydantic-ai': ['pydantic_ai'],
  smolagents: ['smolagents'],
  haystack: ['haystack'],
  dspy: ['dspy'],
  'google-adk': ['google.adk'],
  'ai-sdk': ['ai', '@ai-sdk'],
  mastra: ['@mastra'],
  fastapi: ['fastapi'],
  flask: ['flask'],
  django: ['django'],
  starlette: ['starlette'],
  streamlit: ['streamlit'],
  gradio: ['gradio'],
  express: ['express'],
  fastify: ['fastify'],
  hono: ['hono'],
}

/** The modules of a framework, whose name may be written `LangChain` or `llama_index`; undefined for one that is not known. */
export function modulesOf(framework: string): readonly string[] | undefined {
  const name = framework.toLowerCase().replaceAll(/[\s_.]+/g, '-')
  const found = Object.keys(modules).find((known) => known === name || known.replaceAll('-', '') === name.replaceAll('-', ''))
  return found === undefined ? undefined : modules[found]
}

/** The candidate of a `several_candidates` whose file alone imports one of the modules. */
export function candidateWith(names: readonly string[], error: BuildError, files: ReadonlyMap<string, string>): Config | undefined {
  const { candidates } = error.data
  const all = Array.isArray(candidates) ? (candidates as unknown as readonly Candidate[]) : []
  const fitting = all.filter(({ config, evidence }) => {
    const file = typeof config['entrypoint'] === 'string' ? config['entrypoint'] : evidence?.file
    const text = file === undefined ? undefined : (files.get(file) ?? files.get(`./${file}`))
    return text !== undefined && names.some((name) => imports(text, name))
  })
  return fitting.length === 1 ? fitting[0]!.config : undefined
}

interface Candidate {
  readonly config: { readonly [key: string]: Json }
  readonly evidence?: { readonly file?: string }
}

/** A line that imports the module or a part of it. */
function imports(text: string, name: string): boolean {
  return text.split('\n').some((line) => {
    if (!line.includes(name) || line.length > 1000) return false
    const [, python] = /^\s{0,100}(?:from|import)\s+([\w.]+)/.exec(line) ?? []
    if (python === name || python?.startsWith(`${name}.`)) return true
    const [, script] = /(?:\bfrom|\bimport|\brequire\()\s{0,10}["']([^"']+)["']/.exec(line) ?? []
    return script === name || script?.startsWith(`${name}/`) === true
  })
}
