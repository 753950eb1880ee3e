/** A Jupyter notebook as one Python text. */
export interface Notebook {
  /** the code cells; magics are left out */
  readonly text: string
  /** commands of the shell: `!` and `%` lines, and the lines of `%%bash` cells */
  readonly commands: readonly { readonly text: string; readonly line: number }[]
  /** the line in the notebook's file of a line of the text, both 1-based */
  readonly lineOf: (line: number) => number
}

/** Reads a notebook; undefined for one of another language, and for what is none. Source: https://nbformat.readthedocs.io/ */
export function readNotebook(json: string): Notebook | undefined {
  const cells = cellsOf(json)
  if (cells === undefined) return undefined
  const lines: string[] = []
  const places: number[] = []
  const commands: { text: string; line: number }[] = []
  const finder = new Finder(json)
  for (const cell of cells) {
    const placed = cell.map((text) => ({ text, line: finder.next(text) }))
    const magic = /^\s*%%(\w+)/.exec(placed.find(({ text }) => text.trim() !== '')?.text ?? '')?.[1]
    if (magic !== undefined && /^(?:bash|sh|script|cmd)$/.test(magic)) commands.push(...placed.slice(1))
    if (magic !== undefined && !/^(?:time|timeit|capture|prun|memit|mprun|px)$/.test(magic)) continue
    for (const { text, line } of placed) {
      const command = isMagic(text)
      if (command) commands.push({ text: text.replace(/^\s*\w+\s*=\s*(?=[!%])/, ''), line })
      lines.push(command ? text.replace(/\S.*/, 'pass') : text.replace(/\?{1,2}\s*$/, ''))
      places.push(line)
    }
  }
  return { text: lines.join('\n'), commands, lineOf: (line) => places[line - 1] ?? 1 }
}

/** `!ls`, `%pip install x`, `?help`, and `files = !ls`. */
function isMagic(text: string): boolean {
  return /^\s*(?:[!%?]|\w+\s*=\s*[!%])/.test(text)
}

/** The code cells as lines; undefined where it is no notebook of Python. */
function cellsOf(json: string): readonly (readonly string[])[] | undefined {
  const notebook = parsed(json)
  if (!isRecord(notebook) || !Array.isArray(notebook['cells']) || !isPython(notebook['metadata'])) return undefined
  const cells = notebook['cells'] as readonly unknown[]
  return cells.flatMap((cell) => (isRecord(cell) && cell['cell_type'] === 'code' ? [linesOf(cell['source'])] : []))
}

function linesOf(source: unknown): readonly string[] {
  const text = Array.isArray(source) ? source.filter((one) => typeof one === 'string').join('') : typeof source === 'string' ? source : ''
  return text.split(/\r\n|\r|\n/)
}

function isPython(metadata: unknown): boolean {
  if (!isRecord(metadata)) return true
  const { kernelspec, language_info: info } = metadata
  const language = (isRecord(info) ? info['name'] : undefined) ?? (isRecord(kernelspec) ? kernelspec['language'] : undefined)
  return language === undefined || (typeof language === 'string' && /^(?:i?python\d?)$/i.test(language))
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Finds texts in the JSON they were read from, each after the one before. */
class Finder {
  readonly #json: string
  #offset = 0
  #line = 1
  #misses = 0

  constructor(json: string) {
    this.#json = json
  }

  /** The line of the next place that holds the text; of the place before where there is none, as with unusual escapes. */
  next(text: string): number {
    if (text.trim() === '' || this.#misses > maxMisses) return this.#line
    const at = this.#json.indexOf(JSON.stringify(text).slice(1, -1), this.#offset)
    if (at === -1) this.#misses++
    else for (; this.#offset < at; this.#offset++) if (this.#json.charCodeAt(this.#offset) === 10) this.#line++
    return this.#line
  }
}

/** Each costs a pass over the rest of the file. */
const maxMisses = 20
