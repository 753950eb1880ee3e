import type { Source } from '@kiln/core'

/** What the texts of a source say about what it needs around it. */
export interface Words {
  /** a value that stands for nothing, for every variable it reads and has no default for, and every key that its texts name */
  readonly env: Readonly<Record<string, string>>
  /** words of its manifests and imports that name hardware or a model on this machine */
  readonly hardware: readonly string[]
}

const read =
  /(?:os\.environ(?:\.get\(|\[)|os\.getenv\()\s*["']([A-Za-z_][A-Za-z0-9_]*)["']|process\.env\.([A-Z][A-Z0-9_]*)|process\.env\[["']([A-Z][A-Z0-9_]*)["']\]/g
/** what stands after a variable that has a default: an empty one is none */
const defaults = { python: /^\s*,(?!\s*(?:None|""|'')\s*\))/, javascript: /^\s*(?:\?\?|\|\|)(?!\s*(?:""|''))/ }
const hardware =
  /(?:^|[\s"'])(torch|vllm|bitsandbytes|cuda|cupy|ollama|tensorflow|jax|llama-cpp-python|llama_cpp|lmstudio|mlx|diffusers|transformers|openai-whisper|whisper|kokoro|sentence-transformers|sentence_transformers)(?:$|[\s"'[=<>~.;,])/gm
/** read by the libraries themselves */
const key = /\b[A-Z][A-Z0-9_]*_(?:API|MASTER|SECRET)_KEY\b/g
const described = /(?:^|\/)(?:readme\.md|\.?env\.(?:example|sample|template)|(?:docker-)?compose[^/]*\.ya?ml)$/i
const texts = /(?:\.(?:py|[cm]?[jt]sx?)|requirements[^/]*\.txt|pyproject\.toml|package\.json)$/
const never = new Set(['PORT', 'HOST', 'NODE_ENV', 'PATH', 'HOME', 'VERCEL', 'CI', 'PYTHONPATH', 'VERCEL_ENV', 'NEXT_RUNTIME'])

/** `notes`: what people wrote about it beside it */
export function wordsOf(source: Source, notes: string): Words {
  const env: Record<string, string> = {}
  const nameKeys = (text: string): void => {
    for (const [one] of text.matchAll(key)) env[one] = valueFor(one)
  }
  nameKeys(notes)
  const found = new Set<string>()
  for (const entry of source.entries) {
    if (entry.kind !== 'file' || entry.size > 2 ** 20 || !(texts.test(entry.path) || described.test(entry.path))) continue
    const text = new TextDecoder().decode(source.read(entry.path))
    nameKeys(text)
    if (!texts.test(entry.path)) continue
    for (const match of text.matchAll(read)) {
      const name = match.slice(1).find((one) => one !== undefined)!
      const after = text.slice(match.index + match[0].length, match.index + match[0].length + 100)
      const byDefault = defaults[match[0].startsWith('os.') ? 'python' : 'javascript']
      if (!never.has(name) && !byDefault.test(after)) env[name] = valueFor(name)
    }
    for (const [, word] of text.matchAll(hardware)) found.add(word!)
  }
  return { env, hardware: [...found] }
}

function valueFor(name: string): string {
  return /URL|URI|ENDPOINT|ORIGIN/.test(name)
    ? 'https://service.invalid'
    : /PORT|TIMEOUT|SIZE|LIMIT|COUNT|SECONDS/.test(name)
      ? '1000'
      : 'stands-for-nothing'
}

/** Why an application is not one to start here, or undefined. */
export function needsMore({ hardware: words }: Words): string | undefined {
  return words.length > 0 ? `needs a GPU or a model on this machine: ${words.slice(0, 4).join(', ')}` : undefined
}
