import type { Grade } from '../detect/detection.ts'
import { normalised, type KnownNames } from './known.ts'

/** The package an import stands for, and how that was found. */
export interface Resolution {
  readonly name: string
  readonly extras: readonly string[]
  readonly specifier: string
  readonly grade: Grade
  /** the part of the dotted name that decided */
  readonly matched: string
}

/** What the rules give without the table: a namespace's package, the name that is the import's own, one that differs by an affix. */
export function byRules(module: string, names: KnownNames): Resolution | undefined {
  return byNamespace(module, names) ?? byName(module.split('.', 1)[0]!, names)
}

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
  'google azure opentelemetry llama_index zope jaraco backports sphinxcontrib repoze botbuilder nvidia crypto paste sphinx_ext haystack_integrations'.split(
    ' ',
  ),
)

/** The longest part of the dotted name that is a known name, versions such as `_v1` left aside. */
function byNamespace(module: string, names: KnownNames): Resolution | undefined {
  for (const [root, prefix] of namespaces) {
    if (!module.startsWith(`${root}.`)) continue
    const written = module.slice(root.length + 1).split('.', maxParts)
    const parts = written.map(withoutVersions)
    for (let length = parts.length; length > 0; length--) {
      const name = names.squashed(prefix, parts.slice(0, length).join(''))
      if (name !== undefined) return plain(name, 'B', `${root}.${written.slice(0, length).join('.')}`)
    }
  }
  return reversed(module, names)
}

/** No package's name has more. */
const maxParts = 8

/** Google's modules have the version of their API in their names: `secretmanager_v1beta1`. */
export function withoutVersions(module: string): string {
  return module.replaceAll(/_v\d+(?:p\d+)?(?:(?:alpha|beta)\d*)?(?=\.|$)/g, '')
}

/** `haystack_integrations.components.generators.ollama` is ollama-haystack. */
function reversed(module: string, names: KnownNames): Resolution | undefined {
  if (!module.startsWith('haystack_integrations.')) return undefined
  const parts = module.split('.', maxParts)
  for (let at = 2; at < parts.length; at++) {
    const name = `${normalised(parts[at]!)}-haystack`
    if (names.has(name)) return plain(name, 'B', parts.slice(0, at + 1).join('.'))
  }
  return undefined
}

function byName(top: string, names: KnownNames): Resolution | undefined {
  if (bareNamespaces.has(top) || commonWords.has(top.toLowerCase())) return undefined
  const own = normalised(top)
  if (names.has(own)) return plain(own, documented.has(top) ? 'A' : 'C', top)
  const near = affixed(own, names) ?? names.squashed('', own)
  return near === undefined ? undefined : plain(near, 'D', top)
}

/** Rows of the documented table that the ranked names give as well, so that the shipped table leaves them out. */
const documented: ReadonlySet<string> = new Set('anthropic boto3 langchain numpy pandas requests stripe'.split(' '))

/** True for a module whose own name somebody else, or nobody in particular, has on the index. */
export function isTaken(module: string): boolean {
  const top = module.split('.', 1)[0]!
  return taken.has(top) || commonWords.has(top.toLowerCase())
}

const taken: ReadonlySet<string> = new Set(
  'agents attr azure bs4 clip crypto docx dotenv fitz google hydra jwt kafka serial sklearn slack usb'.split(' '),
)

/** Words that programs use for their own modules: a missing one is a missing file, not a package. */
const commonWords: ReadonlySet<string> = new Set(
  `agent api app apps auth backend base bot bots cache chat cli client clients common config configs configuration conftest constants core data database
  db embedding embeddings env evaluation exceptions extensions flows forms function functions graph graphs handler handlers helper helpers index init lib
  libs llm llms loader local logger logging main manage manager memory middleware model models module modules network notifications package parser
  pipeline pipelines plugin plugins processing project projects prompt prompts rag retriever route router routers routes rules run schema schemas script scripts search
  secret secrets server servers service services setting settings setup shared sql src state store task tasks template templates test testing
  tests tool toolkit tools type types user users util utilities utility utils vectorstore version view views web worker workers workflow workflows`.split(
    /\s+/,
  ),
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
