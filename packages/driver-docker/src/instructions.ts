/** One instruction of a Dockerfile, as far as a driver has to know it. */
export interface Instruction {
  /** 1-based line it begins on */
  readonly line: number
  /** upper case */
  readonly word: string
  /** the rest, continuation lines joined, white space as one blank */
  readonly rest: string
}

/**
 * The instructions of a Dockerfile in order, to find the line of a step and the images it begins from. Knows comments,
 * continuation lines, the escape directive and here-documents; what it cannot read it takes as it is.
 */
export function readInstructions(text: string): readonly Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const escape = escapeOf(lines)
  const found: Instruction[] = []
  for (let at = 0; at < lines.length; at++) {
    if (isBlank(lines[at]!)) continue
    const [first, parts] = [at, [] as string[]]
    for (; at < lines.length; at++) {
      const line = lines[at]!.trim()
      if (parts.length > 0 && isBlank(line)) continue
      const goesOn = line.endsWith(escape)
      parts.push(goesOn ? line.slice(0, -1) : line)
      if (!goesOn) break
    }
    const [word = '', ...rest] = parts.join(' ').trim().split(/\s+/)
    found.push({ line: first + 1, word: word.toUpperCase(), rest: rest.join(' ') })
    at = afterDocuments(lines, at, found.at(-1)!)
  }
  return found
}

/** The images of FROM (without stages and scratch), with ARG values filled in as far as they are known. */
export function baseImages(instructions: readonly Instruction[], args: Readonly<Record<string, string>>): readonly string[] {
  const values = new Map<string, string>()
  const stages = new Set<string>(['scratch'])
  const images = new Set<string>()
  let before = true
  for (const { word, rest } of instructions) {
    if (word === 'ARG' && before) for (const arg of rest.split(' ')) addArgument(values, arg, args)
    if (word !== 'FROM') continue
    before = false
    const [image = '', as, stage] = rest.split(' ').filter((part) => !part.startsWith('--'))
    const full = substitute(unquoted(image), values)
    if (full !== '' && !full.includes('$') && !stages.has(full.toLowerCase())) images.add(full)
    if (as?.toLowerCase() === 'as' && stage) stages.add(stage.toLowerCase())
  }
  return [...images]
}

function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name = '', value = ''] = /^#\s*([a-z]+)\s*=\s*(\S+)/i.exec(line.trim()) ?? []
    if (name === '') return '\\'
    if (name.toLowerCase() === 'escape') return value === '`' ? '`' : '\\'
  }
  return '\\'
}

function isBlank(line: string): boolean {
  const text = line.trim()
  return text === '' || text.startsWith('#')
}

function afterDocuments(lines: readonly string[], at: number, { word, rest }: Instruction): number {
  if (!['RUN', 'COPY', 'ADD'].includes(word)) return at
  let end = at
  for (const [, dash, , name] of rest.matchAll(/(?:^|\s)\d*<<(-?)(["']?)([A-Za-z_][A-Za-z0-9_]*)\2/g)) {
    const close = lines.findIndex((line, n) => n > end && (dash === '-' ? line.replace(/^\t+/, '') : line) === name)
    if (close < 0) return end
    end = close
  }
  return end
}

function addArgument(values: Map<string, string>, arg: string, given: Readonly<Record<string, string>>): void {
  const [, name = '', value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/.exec(arg) ?? []
  const known = Object.hasOwn(given, name) ? given[name] : value === undefined ? undefined : unquoted(value)
  if (name !== '' && known !== undefined) values.set(name, known)
}

function substitute(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::([-+])([^}]*))?\})/g,
    (all, bare?: string, braced?: string, how?: string, other?: string) => {
      const value = values.get(bare ?? braced ?? '')
      if (how === '-') return value || (other ?? '')
      if (how === '+') return value ? (other ?? '') : ''
      return value ?? all
    },
  )
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text
}
