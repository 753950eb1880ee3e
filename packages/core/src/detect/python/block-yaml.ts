import { BuildError, shown } from '../../failure/error.ts'

/** Texts, lists and tables: what is no text in YAML (`1.10`, `true`) stays the text that it is. */
export type Yaml = string | readonly Yaml[] | { readonly [key: string]: Yaml }

interface Line {
  readonly indent: number
  readonly text: string
  /** 1-based */
  readonly line: number
}

/** Deeper ones are none of ours. */
const maxDepth = 20

/**
 * The part of YAML that tools write their locks in: tables and lists by indentation, and texts. Lists in brackets and long texts are
 * not looked into. Throws `invalid_manifest` with the line.
 */
export function readBlockYaml(text: string, file: string): Yaml {
  const lines = text.split(/\r?\n/).flatMap((whole, at): Line[] => {
    const bare = whole.trim()
    if (bare === '' || bare.startsWith('#') || bare === '---') return []
    return [{ indent: whole.length - whole.trimStart().length, text: bare, line: at + 1 }]
  })
  const reader = new Reader(lines, file)
  const [first] = lines
  if (!first) return {}
  const value = reader.block(first.indent, 0)
  reader.end()
  return value
}

class Reader {
  readonly #lines: Line[]
  readonly #file: string
  #at = 0

  constructor(lines: Line[], file: string) {
    this.#lines = lines
    this.#file = file
  }

  block(indent: number, depth: number): Yaml {
    if (depth > maxDepth) throw this.#odd()
    return this.#lines[this.#at]!.text.startsWith('-') ? this.#list(indent, depth) : this.#table(indent, depth)
  }

  end(): void {
    if (this.#at < this.#lines.length) throw this.#odd()
  }

  #list(indent: number, depth: number): Yaml {
    const items: Yaml[] = []
    for (let one = this.#lines[this.#at]; one?.indent === indent && /^-(?:\s|$)/.test(one.text); one = this.#lines[this.#at]) {
      const rest = one.text.slice(1).trimStart()
      if (rest === '') items.push(this.#below(one, depth))
      else if (keyOf(rest) === undefined) items.push(this.#text(rest, indent))
      else {
        // the first line of a table stands behind the dash
        const inner = { ...one, indent: indent + one.text.length - rest.length, text: rest }
        this.#lines[this.#at] = inner
        items.push(this.block(inner.indent, depth + 1))
      }
    }
    return items
  }

  #table(indent: number, depth: number): Yaml {
    const entries: [string, Yaml][] = []
    for (let one = this.#lines[this.#at]; one?.indent === indent; one = this.#lines[this.#at]) {
      const key = keyOf(one.text)
      if (key === undefined) {
        if (entries.length > 0 && one.text.startsWith('-')) break
        throw this.#odd()
      }
      entries.push([key.name, key.rest === '' ? this.#below(one, depth) : this.#text(key.rest, indent)])
    }
    return Object.fromEntries(entries)
  }

  /** What stands on the lines after this one; a list may stand as far left as its key. */
  #below({ indent, text }: Line, depth: number): Yaml {
    this.#at++
    const next = this.#lines[this.#at]
    if (!next) return ''
    const here = next.indent === indent && next.text.startsWith('-') && !text.startsWith('-')
    return next.indent > indent || here ? this.block(next.indent, depth + 1) : ''
  }

  #text(text: string, indent: number): string {
    this.#at++
    while ((this.#lines[this.#at]?.indent ?? -1) > indent) this.#at++
    return unquoted(text)
  }

  #odd(): BuildError {
    const { text, line } = this.#lines[this.#at]!
    return new BuildError('invalid_manifest', `${shown(this.#file)}:${line}: ${shown(text)} is not understood`, {
      data: { file: this.#file, line },
    })
  }
}

/** `name:` or `name: rest`; an address has no space behind its colon. */
function keyOf(text: string): { readonly name: string; readonly rest: string } | undefined {
  if (text.startsWith('"') || text.startsWith("'") || text.startsWith('[') || text.startsWith('{')) return undefined
  const at = text.endsWith(':') && !text.includes(': ') ? text.length - 1 : text.indexOf(': ')
  return at < 1 ? undefined : { name: text.slice(0, at), rest: text.slice(at + 1).trim() }
}

function unquoted(text: string): string {
  const quote = text[0]
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text
}
