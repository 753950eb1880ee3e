/** A part of a file that is a program, its lines where they were. */
export interface Block {
  readonly text: string
  /** a name that says which dialect it is */
  readonly as: string
}

/** The scripts in a .vue, .svelte, .astro or .mdx file; another file is its own. */
export function scriptBlocks(text: string, file: string): readonly Block[] {
  if (/\.(?:vue|svelte)$/.test(file)) return scripts(text)
  if (file.endsWith('.astro')) return [...frontmatter(text), ...scripts(text)]
  if (file.endsWith('.mdx')) return [{ text: moduleLines(text), as: 'mdx.jsx' }]
  return [{ text, as: file }]
}

/** The style sheets in a .vue, .svelte or .astro file, and in which language they are. */
export function styleBlocks(text: string): readonly Block[] {
  return elements(text, 'style').map(({ head, start, end }) => ({
    text: placed(text, start, end),
    as: `style.${/\blang=["']?(scss|sass|less|styl)/.exec(head)?.[1] ?? 'css'}`,
  }))
}

function scripts(text: string): readonly Block[] {
  return elements(text, 'script').map(({ head, start, end }) => ({
    text: placed(text, start, end),
    as: `script.${/\blang=["']?(tsx|ts|jsx)/.exec(head)?.[1] ?? 'js'}`,
  }))
}

interface Element {
  readonly head: string
  readonly start: number
  readonly end: number
}

function elements(text: string, name: string): readonly Element[] {
  const found: Element[] = []
  for (let open = text.indexOf(`<${name}`); open >= 0 && found.length < 100;) {
    const start = text.indexOf('>', open)
    const end = start < 0 ? -1 : text.indexOf(`</${name}`, start)
    if (end < 0) break
    found.push({ head: text.slice(open, Math.min(start, open + 500)), start: start + 1, end })
    open = text.indexOf(`<${name}`, end)
  }
  return found
}

function frontmatter(text: string): readonly Block[] {
  const open = /^\s*---[^\S\n]*\n/.exec(text)?.[0].length
  const end = open === undefined ? -1 : text.indexOf('\n---', open - 1)
  return end < 0 ? [] : [{ text: placed(text, open!, end), as: 'astro.ts' }]
}

/** The text from `start` to `end`, with as many line ends before it as there were. */
function placed(text: string, start: number, end: number): string {
  return '\n'.repeat(text.slice(0, start).split('\n').length - 1) + text.slice(start, end)
}

/** Markdown's statements of import and export begin a line and go on to an empty one; code in fences is an example. */
function moduleLines(text: string): string {
  let fenced = false
  let inside = false
  return text
    .split('\n')
    .map((line) => {
      if (/^\s{0,3}(?:```|~~~)/.test(line)) fenced = !fenced
      if (line.trim() === '') inside = false
      else if (!fenced && /^(?:import|export)\b/.test(line)) inside = true
      return inside && !fenced ? line : ''
    })
    .join('\n')
}
