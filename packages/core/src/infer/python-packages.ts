import type { Grade } from '../detect/detection.ts'
import { knownPypi, normalised, type KnownNames } from './known.ts'
import { decodeFronted } from './tables/fronted.ts'
import { pypiImports } from './tables/pypi-imports.ts'

/** The package an import stands for, and how that was found. */
export interface Resolution {
  readonly name: string
  readonly extras: readonly string[]
  readonly specifier: string
  readonly grade: Grade
  /** the part of the dotted name that decided */
  readonly matched: string
}

/**
 * The package that provides a dotted module: the longest prefix in the table or by the rules of the namespaces, then the
 * ranked name that is the import's own, then one that differs by an affix. Only names on the lists are ever given;
 * undefined where none is.
 */
export function resolvePython(module: string): Resolution | undefined {
  if (onlyFor.some(([top, part]) => (module === top || module.startsWith(`${top}.`)) && !part.test(module.slice(top.length + 1))))
    return undefined
  const names = knownPypi()
  const row = fromTable(module)
  const namespaced = namespaceRule(module, names)
  if (row !== undefined && row.matched.length >= (namespaced?.matched.length ?? 0))
    return row.says === '-' ? undefined : parse(row.says, 'A', row.matched)
  return namespaced ?? byName(module.split('.', 1)[0]!, names)
}

/** Modules with a name that programs like for their own: a package only with one of its members. */
const onlyFor: readonly (readonly [top: string, part: RegExp])[] = [
  [
    'agents',
    /^(?:Agent|AgentHooks|Runner|RunHooks|RunConfig|RunContextWrapper|ModelSettings|function_tool|handoff|handoffs|trace|tracing|input_guardrail|output_guardrail|guardrail|GuardrailFunctionOutput|WebSearchTool|FileSearchTool|SQLiteSession|OpenAI\w+|set_\w+|extensions|mcp|voice|realtime|models|memory|items|tool|run)\b/,
  ],
]

function byName(top: string, names: KnownNames): Resolution | undefined {
  if (bareNamespaces.has(top) || commonWords.has(top.toLowerCase())) return undefined
  const own = normalised(top)
  if (names.has(own)) return plain(own, documented.has(top) ? 'A' : 'C', top)
  const near = affixed(own, names) ?? names.squashed('', own)
  return near === undefined ? undefined : plain(near, 'D', top)
}

function fromTable(module: string): { readonly says: string; readonly matched: string } | undefined {
  const table = importTable()
  for (let prefix = module; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))) {
    const says = table.get(prefix)
    if (says !== undefined) return { says, matched: prefix }
  }
  return undefined
}

let imports: ReadonlyMap<string, string> | undefined

function importTable(): ReadonlyMap<string, string> {
  return (imports ??= new Map(decodeFronted(pypiImports).map((row) => row.split(' ') as [string, string])))
}

/** Rows of the documented table that the ranked names give as well, so that the shipped table leaves them out. */
const documented: ReadonlySet<string> = new Set('anthropic boto3 langchain numpy pandas requests stripe'.split(' '))

/** Roots whose packages are named after the modules below them: `azure.storage.blob` is azure-storage-blob. */
const namespaces: readonly (readonly [root: string, prefix: string])[] = [
  ['google.cloud', 'google-cloud-'],
  ['google', 'google-'],
  ['azure', 'azure-'],
  ['opentelemetry', 'opentelemetry-'],
  ['llama_index', 'llama-index-'],
  ['livekit.plugins', 'livekit-plugins-'],
  ['livekit', 'livekit-'],
  ['airflow.providers', 'apache-airflow-providers-'],
  ['zope', 'zope-'],
  ['jaraco', 'jaraco-'],
  ['backports', 'backports-'],
  ['sphinxcontrib', 'sphinxcontrib-'],
  ['ruamel', 'ruamel-'],
  ['repoze', 'repoze-'],
  ['botbuilder', 'botbuilder-'],
  ['databricks', 'databricks-'],
  ['snowflake', 'snowflake-'],
  ['langgraph', 'langgraph-'],
]

/** Several packages share these modules, or an unrelated package sits on the name: alone they stand for nothing. */
const bareNamespaces: ReadonlySet<string> = new Set(
  'google azure opentelemetry llama_index zope jaraco backports sphinxcontrib repoze botbuilder nvidia crypto paste sphinx_ext'.split(' '),
)

/** The longest part of the dotted name that is a known name, versions such as `_v1` left aside. */
function namespaceRule(module: string, names: KnownNames): Resolution | undefined {
  for (const [root, prefix] of namespaces) {
    if (!module.startsWith(`${root}.`)) continue
    const parts = module
      .slice(root.length + 1)
      .split('.')
      .map((part) => part.replace(/_v\d+(?:p\d+)?(?:(?:alpha|beta)\d*)?$/, ''))
    for (let length = parts.length; length > 0; length--) {
      const name = names.squashed(prefix, parts.slice(0, length).join(''))
      if (name !== undefined)
        return plain(
          name,
          'B',
          [
            root,
            ...module
              .slice(root.length + 1)
              .split('.')
              .slice(0, length),
          ].join('.'),
        )
    }
  }
  return undefined
}

/** Words that programs use for their own modules: a missing one is a missing file, not a package. */
const commonWords: ReadonlySet<string> = new Set(
  `api app apps auth backend base bot cache cli client clients common config configs configuration conftest constants core data database db env
  exceptions extensions forms function functions handler handlers helper helpers init lib libs local logger logging main manage manager middleware
  model models module modules network package parser plugin plugins project projects prompt prompts routes router routers run schema schemas script
  scripts secret secrets server servers service services setting settings setup shared sql src state store task tasks template templates test
  testing tests tool toolkit tools type types user users util utilities utility utils version view views web worker workers`.split(/\s+/),
)

const affixes: readonly ((name: string) => string)[] = [
  (name) => `python-${name}`,
  (name) => `py${name}`,
  (name) => `${name}-python`,
  (name) => `py-${name}`,
  (name) => `${name}-py`,
  (name) => `${name}-sdk`,
  (name) => `django-${name}`,
  (name) => `${name}-client`,
]

function affixed(own: string, names: KnownNames): string | undefined {
  return own.length < 3 ? undefined : affixes.map((affix) => affix(own)).find((name) => names.has(name))
}

function plain(name: string, grade: Grade, matched: string): Resolution {
  return { name, extras: [], specifier: '', grade, matched }
}

/** Reads `name[extra,extra]specifier`. */
function parse(says: string, grade: Grade, matched: string): Resolution {
  const [, name, extras, specifier] = /^([a-z0-9-]+)(?:\[([^\]]*)\])?(.*)$/.exec(says)!
  return { name: name!, extras: extras === undefined ? [] : extras.split(','), specifier: specifier!, grade, matched }
}
