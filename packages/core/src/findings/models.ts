import { shown } from '../failure/error.ts'
import type { Import } from '../infer/infer.ts'
import type { FoundModel } from './findings.ts'
import { isOf, providers } from './providers.ts'
import type { Told } from './told.ts'

/** The model that a text names, where it is one: by its name, or by the call that it is given to. */
export function modelOf(told: Told, imports: readonly Import[]): FoundModel | undefined {
  const { text, slot = '', callee = '', file, line } = told
  if (told.alone || !modelName.test(text)) return undefined
  const last = callee.slice(callee.lastIndexOf('.') + 1)
  const named = prefixed(text) ?? byName(text)
  const asked = modelSlot.test(slot) || (slot === '' && providers.some(({ callees }) => callees.test(last)))
  // in a list or a map of other things a word such as `command-line` is no model
  if (named === undefined && !asked) return undefined
  if (!asked && !/model|llm|engine|deployment/i.test(`${slot} ${told.variable ?? ''}`) && !looksExact(text)) return undefined
  const client = clientOf(callee, imports)
  const provider = prefixed(text)?.provider ?? client ?? named?.provider
  if (provider === undefined) return undefined
  return { provider, model: shown(prefixed(text)?.model ?? text), role: roleOf(callee, text), variable: variableOf(told, last), file, line }
}

const modelSlot = /^(?:model|model_?name|model_?id|llm|deployment_?name|azure_deployment|embedding_?model)$/i
/** names have letters, digits and a few signs; most texts end here */
const modelName = /^[A-Za-z0-9][\w.:/@-]{1,120}$/

function byName(text: string): { readonly provider: string } | undefined {
  const provider = providers.find(({ models }) => models.test(text))
  return provider && { provider: provider.name }
}

/** `openai/gpt-4o` and `openai:gpt-4o`, as routers of models write it. */
function prefixed(text: string): { readonly provider: string; readonly model: string } | undefined {
  const [, first, model] = /^([a-z][a-z0-9_-]{1,30})[/:](.+)$/.exec(text) ?? []
  const aliases: Readonly<Record<string, string>> = {
    gemini: 'google',
    vertex_ai: 'google',
    google_genai: 'google',
    azure: 'azure-openai',
    together_ai: 'together',
  }
  const name = first !== undefined && Object.hasOwn(aliases, first) ? aliases[first] : first
  return providers.some((one) => one.name === name) ? { provider: name!, model: model! } : undefined
}

function looksExact(text: string): boolean {
  return /^(?:gpt-|claude-|gemini-|text-embedding-)/.test(text)
}

/** By the name of what is called; else by the only provider whose package the file imports. */
function clientOf(callee: string, imports: readonly Import[]): string | undefined {
  const parts = callee.split('.')
  const called = providers.find(({ callees }) => parts.some((part) => callees.test(part)))
  if (called) return called.name
  const imported = providers.filter(({ packages }) => imports.some(({ module }) => packages.some((name) => isOf(module, name))))
  return imported.length === 1 ? imported[0]!.name : undefined
}

function roleOf(callee: string, text: string): FoundModel['role'] {
  const words = `${callee} ${text}`.toLowerCase()
  if (words.includes('embed')) return 'embedding'
  if (words.includes('rerank')) return 'reranking'
  return words.includes('classif') || words.includes('moderation') ? 'classify' : 'default'
}

/** The client of `client.chat.completions.create(…)`, or what the model is assigned to. */
function variableOf({ callee = '', variable }: Told, last: string): string {
  const [first = '', second = ''] = callee.split('.')
  const root = first === 'self' || first === 'this' ? second : first
  const made = /^[A-Z]/.test(last) || !callee.includes('.')
  return shown(made ? (variable ?? root) : root === '?' ? (variable ?? '') : root)
}
