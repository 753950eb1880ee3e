import { parse as lex } from 'es-module-lexer/js'
import type { Import } from './infer.ts'
import { readExport, readImport } from './javascript-clauses.ts'
import { lexOwn } from './javascript-own.ts'
import { scanProgram, type JavaScriptScan } from './javascript-scan.ts'
import { parseProgram, walkImports } from './javascript-syntax.ts'
import type { Found } from './javascript-words.ts'

export type { JavaScriptScan } from './javascript-scan.ts'

/** An import with what inference asks of it beside. */
export interface Specifier extends Import {
  /** `prefix`: `import()` of a template, of which this is the start; `mock`: named to a test runner; `created`: by what createRequire gave */
  readonly kind: Found['kind']
  readonly typeOnly: boolean
  /** in a `try` that has a handler */
  readonly guarded: boolean
}

/**
 * The imports of one JavaScript or TypeScript file: static, dynamic with a literal, `require`, `require.resolve` and
 * `import x = require`. Type-only and guarded ones are optional. Never throws; a file that nothing can read has none.
 */
export function lexJavaScript(text: string, file = ''): readonly Import[] {
  return lexSpecifiers(text, file)
    .filter(({ kind }) => kind !== 'prefix' && kind !== 'mock')
    .map(({ module, names, level, line, optional }) => ({ module, names, level, file, line, optional }))
}

/**
 * All specifiers of a file. es-module-lexer answers for files of static imports alone (its asm.js build: synchronous, no
 * WebAssembly to wait for); our own lexer reads JSX, `require` and `import()`; Babel is asked where our own finds the text broken.
 */
export function lexSpecifiers(text: string, file = ''): readonly Specifier[] {
  return readProgram(text, file).specifiers
}

/** The specifiers of a file, and whether there are elements of JSX in it. */
export function readProgram(text: string, file: string): { readonly specifiers: readonly Specifier[]; readonly elements: boolean } {
  const plain = isPlain(text, file) ? lexed(text, file) : undefined
  return plain === undefined ? own(text, file) : { specifiers: plain, elements: false }
}

/** What one file does at its top level, for detection; parses, so meant for the few files that may start the program. Never throws. */
export function scanJavaScript(text: string, file = ''): JavaScriptScan {
  const program = text.length <= maxParsed ? parseProgram(text, file) : undefined
  return program === undefined ? { ...nothing, imports: lexJavaScript(text, file) } : scanProgram(program, file)
}

const nothing: JavaScriptScan = {
  imports: [],
  exportsDefault: false,
  calls: [],
  creations: [],
  topLevelAwait: false,
  usesModuleSyntax: 'none',
}

/** Longer files are bundles: Babel does not see them. */
const maxParsed = 1024 * 1024

/** Nothing in it that es-module-lexer does not know, or answers less about. */
function isPlain(text: string, file: string): boolean {
  if (!/\.(?:[cm]?ts|[cm]?js)$/.test(file)) return false
  if (file.includes('.d.') || text.includes('declare module')) return false
  if (!/ts$/.test(file) && (text.includes('</') || text.includes('/>'))) return false
  return !text.includes('require') && !text.includes('import(') && !text.includes('Require') && !/\.(?:[mM]ock|\w{2,9}Actual)\(/.test(text)
}

function lexed(text: string, file: string): readonly Specifier[] | undefined {
  try {
    const [imports] = lex(text)
    const lines = lineCounter(text)
    return imports.flatMap((found): Specifier[] => {
      const { specifier } = found
      if (found.type === 'import-meta' || specifier === null || specifier === undefined) return []
      // The space before a parenthesis hid it.
      if (found.type === 'dynamic') throw new Error('import()')
      const read = text.startsWith('export', found.importStart) ? readExport : readImport
      const typeOnly = read(text, found.importStart + 6)?.typeOnly ?? found.typeOnly
      return [specifierOf(specifier, file, lines(found.importStart), { kind: 'static', typeOnly, guarded: false })]
    })
  } catch {
    return undefined
  }
}

function own(text: string, file: string): ReturnType<typeof readProgram> {
  const { found, sound, elements } = lexOwn(text, { typed: !/\.[cm]?jsx?$/.test(file), jsx: !/\.[cm]?ts$/.test(file) })
  const program = sound || text.length > maxParsed ? undefined : parseProgram(text, file)
  const lines = lineCounter(text)
  const specifiers =
    program === undefined
      ? [...found].sort((a, b) => a.at - b.at).map((one) => specifierOf(one.module, file, lines(one.at), one))
      : walkImports(program, file).map(({ module, line, optional }) =>
          specifierOf(module, file, line, { kind: 'require', typeOnly: optional, guarded: false }),
        )
  return { specifiers, elements }
}

function specifierOf(module: string, file: string, line: number, { kind, typeOnly, guarded }: Omit<Found, 'module' | 'at'>): Specifier {
  return { module, names: [], level: 0, file, line, optional: typeOnly || guarded, kind, typeOnly, guarded }
}

/** Lines of growing offsets; an offset before the last one counts anew from the start. */
function lineCounter(text: string): (offset: number) => number {
  const odd = /\r(?!\n)|[\u2028\u2029]/.test(text)
  let line = 1
  let at = 0
  return (offset) => {
    if (offset < at) [line, at] = [1, 0]
    if (odd) line += text.slice(at, offset).split(/\r\n|[\n\r\u2028\u2029]/).length - 1
    else
      for (let next = text.indexOf('\n', at); next >= 0 && next < offset; next = text.indexOf('\n', next + 1))
        [line, at] = [line + 1, next + 1]
    if (odd) at = offset
    return line
  }
}
