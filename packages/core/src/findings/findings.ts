import type { Notice } from '../detect/detection.ts'
import { chooseFiles, readText, type Budget, type Readable } from '../infer/files.ts'
import type { Import } from '../infer/infer.ts'
import { lexJavaScript } from '../infer/javascript-lexer.ts'
import { lexPython } from '../infer/python-lexer.ts'
import { destinationOf, importedDestinations } from './destinations.ts'
import { tellGo } from './go-told.ts'
import { tellJavaScript } from './javascript-told.ts'
import { modelOf } from './models.ts'
import { isPrompt } from './prompts.ts'
import { tellPython } from './python-told.ts'
import { tellSettings } from './settings-told.ts'
import { secretOf } from './secrets.ts'
import type { Told } from './told.ts'

/** What the texts in a source's code say of its use of others: where it goes, which models it asks, what it should not hold. */
export interface Findings {
  /** by host, each where it is first met */
  readonly destinations: readonly Destination[]
  /** every place that names a model */
  readonly models: readonly FoundModel[]
  readonly secrets: readonly FoundSecret[]
  /** the system prompts that are written out, at most 20 */
  readonly prompts: readonly { readonly text: string; readonly file: string; readonly line: number }[]
  /** files that were left out, with the reason, and what was too much */
  readonly notices: readonly Notice[]
}

interface Place {
  readonly file: string
  /** 1-based */
  readonly line: number
}

export interface Destination extends Place {
  readonly host: string
  /** scheme, host and port */
  readonly url: string
  /** it serves models */
  readonly provider: boolean
}

export interface FoundModel extends Place {
  readonly provider: string
  readonly model: string
  readonly role: 'default' | 'embedding' | 'reranking' | 'classify'
  /** the client that is asked, or what the model is assigned to; empty where the code has no name for it */
  readonly variable: string
}

/** Where a secret is written in a file, never the secret. */
export interface FoundSecret extends Place {
  readonly type: 'api_key' | 'access_key' | 'oauth_token' | 'private_key' | 'password' | 'secret'
  /** high: it opens something; medium: likely, or a key for tests; low: perhaps */
  readonly severity: 'high' | 'medium' | 'low'
}

/**
 * Looks through the Python, JavaScript, TypeScript and Go files of a source, and for secrets through its settings too. Pure, bounded and
 * linear in the size of the files; never throws for what is in them.
 */
export function findings(source: Readable): Findings {
  const { files, notices } = chooseFiles(source, '.', (path) => kindOf(path) !== undefined, budget)
  const gathered = new Gathered(notices.map(ofFindings))
  for (const file of files) {
    const { told, imports } = read(readText(source, file), file, gathered)
    const quiet = beside.test(`/${file}`)
    if (!quiet) for (const destination of importedDestinations(imports)) gathered.destination(destination)
    for (const one of told) gathered.take(one, quiet ? undefined : imports)
  }
  return gathered.all()
}

/** Files are chosen as for inference, whose codes speak of imports. */
function ofFindings(notice: Notice): Notice {
  return { ...notice, code: notice.code === 'inference_cut' ? 'findings_cut' : 'file_not_read' }
}

const budget: Budget = { file: 2 ** 20, total: 16 * 2 ** 20, files: 5000 }
/** of each kind, more are data */
const most = 1000
const mostPrompts = 20

class Gathered {
  readonly #destinations = new Map<string, Destination>()
  readonly #models: FoundModel[] = []
  readonly #secrets: FoundSecret[] = []
  readonly #prompts: { text: string; file: string; line: number }[] = []
  readonly #notices: Notice[]

  constructor(notices: readonly Notice[]) {
    this.#notices = [...notices]
  }

  notice(notice: Notice): void {
    if (this.#notices.length < 20) this.#notices.push(notice)
  }

  destination(found: Destination): void {
    if (this.#destinations.size < most && !this.#destinations.has(found.host)) this.#destinations.set(found.host, found)
  }

  /** `imports`: of its file; undefined where only secrets count */
  take(told: Told, imports: readonly Import[] | undefined): void {
    const secret = this.#secrets.length < most ? secretOf(told) : undefined
    if (secret) this.#secrets.push(secret)
    if (imports === undefined) return
    const destination = destinationOf(told)
    if (destination) this.destination(destination)
    const model = this.#models.length < most ? modelOf(told, imports) : undefined
    if (model) this.#models.push(model)
    if (!secret && this.#prompts.length < mostPrompts && isPrompt(told))
      this.#prompts.push({ text: told.text.trim(), file: told.file, line: told.line })
  }

  all(): Findings {
    return {
      destinations: [...this.#destinations.values()],
      models: this.#models,
      secrets: this.#secrets,
      prompts: this.#prompts,
      notices: this.#notices,
    }
  }
}

type Kind = 'python' | 'javascript' | 'go' | 'settings'

function kindOf(path: string): Kind | undefined {
  if (elsewhere.test(`/${path}`)) return undefined
  if (path.endsWith('.py')) return 'python'
  if (path.endsWith('.go')) return 'go'
  if (/\.[cm]?[jt]sx?$/.test(path)) return /\.(?:d|min|bundle)\.[cm]?[jt]sx?$/.test(path) ? undefined : 'javascript'
  return settings.test(`/${path}`) ? 'settings' : undefined
}

/** Copies of other people's files, and what was made of one's own. */
const elsewhere = /\/(?:node_modules|site-packages|__pycache__|\.git|\.venv|venv|virtualenv|dist|build|vendor)\//
/** Files of a project that are no part of its program. */
const beside =
  /\/(?:tests?|__tests__|__mocks__|docs?|examples?|benchmarks?)\/|\/(?:test_[^/]*|[^/]*_test|conftest)\.py$|_test\.go$|\.(?:test|spec|stories)\.[cm]?[jt]sx?$/
const settings = /\/(?:\.env(?:\.[^/]*)?|Dockerfile|[^/]*\.(?:json|ya?ml|toml|ini|cfg|conf|properties|txt|sh|pem|key))$/

function read(text: string, file: string, gathered: Gathered): { readonly told: readonly Told[]; readonly imports: readonly Import[] } {
  const kind = kindOf(file)
  if (kind === 'settings') return { told: tellSettings(text, file), imports: [] }
  if (kind === 'go') return tellGo(text, file)
  if (kind === 'python') return { told: tellPython(text, file), imports: lexPython(text, file) }
  const told = tellJavaScript(text, file)
  if (told === undefined) gathered.notice({ code: 'file_not_read', message: 'no JavaScript or TypeScript that could be read', file })
  return { told: told ?? tellSettings(text, file), imports: lexJavaScript(text, file) }
}
