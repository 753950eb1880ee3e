import { parse as lex } from 'es-module-lexer/js'
import type { Import } from './infer.ts'
import { scanProgram, type JavaScriptScan } from './javascript-scan.ts'
import { parseProgram, walkImports } from './javascript-syntax.ts'

export type { JavaScriptScan } from './javascript-scan.ts'

/** Longer files with `require` or JSX are bundles: read by the lexer alone. */
const maxParsed = 1024 * 1024

/**
 * The imports of one JavaScript or TypeScript file: static, dynamic with a literal, `require`, `require.resolve` and
 * `import x = require`. Type-only ones are optional. Never throws; a file that nothing can read has none.
 * es-module-lexer answers what it can (its asm.js build: synchronous, no WebAssembly to wait for); JSX and `require`, which it
 * does not know, are parsed.
 */
export function lexJavaScript(text: string, file = ''): readonly Import[] {
  if (text.length <= maxParsed && (isJsx(file) || mentionsRequire(text))) return parsed(text, file) ?? lexed(text, file) ?? []
  return lexed(text, file) ?? (text.length <= maxParsed ? (parsed(text, file) ?? []) : [])
}

/** What one file does at its top level, for detection; parses, so meant for the few files that may start the program. Never throws. */
export function scanJavaScript(text: string, file = ''): JavaScriptScan {
  const program = text.length <= maxParsed ? parseProgram(text, file) : undefined
  return program === undefined ? { ...nothing, imports: lexed(text, file) ?? [] } : scanProgram(program, file)
}

const nothing: JavaScriptScan = {
  imports: [],
  exportsDefault: false,
  calls: [],
  creations: [],
  topLevelAwait: false,
  usesModuleSyntax: 'none',
}

function isJsx(file: string): boolean {
  return /\.[jt]sx$/.test(file)
}

function mentionsRequire(text: string): boolean {
  return text.includes('require') || text.includes('createRequire')
}

function parsed(text: string, file: string): readonly Import[] | undefined {
  const program = parseProgram(text, file)
  return program === undefined ? undefined : walkImports(program, file)
}

function lexed(text: string, file: string): readonly Import[] | undefined {
  try {
    const [imports] = lex(text)
    const lines = lineCounter(text)
    return imports.flatMap((found) => {
      const { specifier } = found
      if (found.type === 'import-meta' || specifier === null || specifier === undefined) return []
      if (found.type === 'dynamic' && found.glob) return []
      const optional =
        found.type === 'dynamic' ? found.probablyTypeOnly : found.typeOnly || namesTypesOnly(text.slice(found.importStart, found.start))
      return [{ module: specifier, names: [], level: 0, file, line: lines(found.importStart), optional }]
    })
  } catch {
    return undefined
  }
}

/** `import { type A, type B } from`: in TypeScript's default mode nothing of it is left at run time. */
function namesTypesOnly(head: string): boolean {
  const list = /^(?:import|export)\s*\{([^}]*)\}\s*from\s*.?$/.exec(head)?.[1]
  const names = list?.split(',').filter((name) => name.trim() !== '') ?? []
  return names.length > 0 && names.every((name) => /^\s*type\s+(?!as\b)\S/.test(name))
}

/** Lines of growing offsets; an offset before the last one counts anew from the start. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let at = 0
  return (offset) => {
    if (offset < at) [line, at] = [1, 0]
    for (let next = text.indexOf('\n', at); next >= 0 && next < offset; next = text.indexOf('\n', at)) {
      line++
      at = next + 1
    }
    return line
  }
}
