import { readGo, type GoToken } from '../infer/go-lexer.ts'
import type { Import } from '../infer/infer.ts'
import { longestText, mostTexts, type Told } from './told.ts'

/** The texts of a Go file, and what it imports. Takes anything, never throws. */
export function tellGo(text: string, file: string): { readonly told: readonly Told[]; readonly imports: readonly Import[] } {
  const { imports, tokens } = readGo(text)
  return {
    told: toldOf(tokens, new Set(imports.map(({ line }) => line)), file),
    imports: imports.map(({ path, line }) => ({ module: path, names: [], level: 0, file, line, optional: false })),
  }
}

interface Frame {
  readonly callee?: string
  readonly variable?: string
  slot?: string
}

/** deeper brackets are not told apart */
const deepest = 1000

function toldOf(tokens: readonly GoToken[], imported: ReadonlySet<number>, file: string): Told[] {
  const told: Told[] = []
  const frames: Frame[] = []
  let variable: string | undefined
  let line = 0
  for (const [at, token] of tokens.entries()) {
    if (token.line !== line && frames.length === 0) variable = undefined
    line = token.line
    const frame = frames.at(-1)
    if (token.kind === 'sign') {
      if ('([{'.includes(token.text)) open(tokens, at, frames, variable)
      else if (')]}'.includes(token.text)) variable = frames.pop()?.variable
      else if (token.text === ',' && frame) delete frame.slot
      else if (token.text === '=' && !'=!<>+-*/%&|^'.includes(tokens[at - 1]?.text ?? ' ')) variable = assigned(tokens, at) ?? variable
      else if (token.text === ':' && tokens[at + 1]?.text !== '=' && frame) frame.slot = tokens[at - 1]?.text ?? ''
    } else if (token.kind === 'text' && !imported.has(token.line) && tokens[at + 1]?.text !== ':' && told.length < mostTexts) {
      const callee = frames.findLast((one) => one.callee !== undefined)?.callee
      const slot = frame?.slot ?? (frame === undefined || frame.callee === undefined ? variable : undefined)
      told.push({
        text: token.text.slice(0, longestText),
        file,
        line: token.line,
        ...(slot !== undefined && { slot }),
        ...(callee !== undefined && { callee }),
        ...(variable !== undefined && { variable }),
        alone: false,
      })
    }
  }
  return told
}

function open(tokens: readonly GoToken[], at: number, frames: Frame[], variable: string | undefined): void {
  if (frames.length >= deepest) frames.length = 0
  const callee = tokens[at]!.text === '(' ? nameBefore(tokens, at) : undefined
  frames.push({ ...(callee !== undefined && { callee }), ...(variable !== undefined && { variable }) })
}

/** `client.Chat.New` before a bracket; at most 10 parts. */
function nameBefore(tokens: readonly GoToken[], at: number): string | undefined {
  const parts: string[] = []
  for (let place = at - 1; tokens[place]?.kind === 'name' && parts.length < 10; place -= 2) {
    parts.unshift(tokens[place]!.text)
    if (tokens[place - 1]?.text !== '.') break
  }
  // a method that others may call begins with a capital, which elsewhere is a class
  if (parts.length > 1) parts.push(parts.pop()!.replace(/^[A-Z]/, (letter) => letter.toLowerCase()))
  const name = parts.join('.')
  return name === '' || notCalled.has(name) ? undefined : name
}

const notCalled: ReadonlySet<string> = new Set([
  'func',
  'if',
  'for',
  'switch',
  'return',
  'import',
  'var',
  'const',
  'type',
  'go',
  'defer',
  'range',
  'case',
])

/** The first name of `name :=`, `name =`, `const name string =`. */
function assigned(tokens: readonly GoToken[], at: number): string | undefined {
  const before = tokens[at - 1]?.text === ':' ? at - 2 : at - 1
  const typed =
    tokens[before]?.kind === 'name' && tokens[before - 1]?.kind === 'name' && !['var', 'const'].includes(tokens[before - 1]!.text)
  let first = typed ? before - 1 : before
  // `answer, err := …`
  while (tokens[first - 1]?.text === ',' && tokens[first - 2]?.kind === 'name' && before - first < 20) first -= 2
  return tokens[first]?.kind === 'name' ? tokens[first]!.text : undefined
}
