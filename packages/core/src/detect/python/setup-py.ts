import { shown } from '../../failure/error.ts'
import { isNamePart } from '../../infer/python-imports.ts'
import { Lines } from '../../infer/python-lines.ts'
import { isQuote, skipString } from '../../infer/python-strings.ts'
import type { Notice } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { readLiteral, skipBlank, type PythonLiteral } from './python-literal.ts'
import { parseRequirement, type Requirement } from './requirement.ts'

export interface SetupRequirements {
  readonly requirements: readonly { readonly requirement: Requirement; readonly text: string; readonly line: number }[]
  readonly notices: readonly Notice[]
}

/** What a setup.py gives to `setup()` as literals, with the named extras. It is never run: what only a run could tell is a notice. */
export function setupRequirements(tree: Tree, file: string, extras: readonly string[]): SetupRequirements {
  const text = tree.text(file)
  const calls = text === undefined ? [] : setupCalls(text)
  if (text === undefined || calls.length !== 1) return unread(file, calls.length === 0 ? 1 : lineAt(text!, calls.at(-1)!), 'calls setup()')
  const given = keywordsOf(text, calls[0]!)
  const found = [listed(given.get('install_requires')), ...extras.map((extra) => extraOf(given.get('extras_require'), extra))]
  const wrong = given.has('**') ? { at: given.get('**')!.at } : found.find((one) => 'at' in one)
  if (wrong) return unread(file, lineAt(text, wrong.at), 'says what it needs')
  const requirements = placed(
    text,
    found.flatMap((one) => ('members' in one ? one.members : [])),
  )
  const odd = requirements.find(({ requirement }) => requirement === undefined)
  if (odd) return unread(file, odd.line, 'says what it needs')
  return { requirements: requirements as SetupRequirements['requirements'], notices: [] }
}

function unread(file: string, line: number, what: string): SetupRequirements {
  const message = `${shown(file)} ${what} in a way that only running it would tell; Kiln reads literal lists and runs nothing. What it brings is not known.`
  return { requirements: [], notices: [{ code: 'manifest_not_read', message, file, line }] }
}

/** Offsets of the `(` of calls of `setup`, two at most. */
function setupCalls(text: string): readonly number[] {
  const found: number[] = []
  for (let pos = 0; pos < text.length && found.length < 2;) {
    const code = text.charCodeAt(pos)
    const name = code === 115 && !isNamePart(text.charCodeAt(pos - 1)) ? match(callee, text, pos) : undefined
    if (name !== undefined && !/(?:\bdef[ \t]+|(?<!\bcore)\.[ \t]*)$/.test(text.slice(Math.max(0, pos - 20), pos)))
      found.push(pos + name.length - 1)
    pos = name === undefined ? after(text, pos) : pos + name.length
  }
  return found
}

const callee = /(?:setuptools[ \t]{0,20}\.[ \t]{0,20})?setup[ \t]{0,20}\(/y
const keyword = /[A-Za-z_]\w{0,100}(?=[ \t]{0,20}=(?!=))/y

/** The offset after a string, a comment, or one character. */
function after(text: string, pos: number): number {
  const code = text.charCodeAt(pos)
  if (isQuote(code)) return skipString(text, pos)
  if (code !== 35) return pos + 1
  const end = text.indexOf('\n', pos)
  return end < 0 ? text.length : end
}

interface Given {
  readonly at: number
  /** absent for what is no literal */
  readonly value?: PythonLiteral
}

/** The keywords of the call whose `(` is at `open`; `**` where some are not written out. */
function keywordsOf(text: string, open: number): ReadonlyMap<string, Given> {
  const given = new Map<string, Given>()
  let depth = 0
  let begins = true
  for (let pos = open + 1; pos < text.length && depth >= 0;) {
    pos = begins ? skipBlank(text, pos) : pos
    const name = begins && depth === 0 ? match(keyword, text, pos) : undefined
    if (name !== undefined) {
      const value = wholeArgument(text, text.indexOf('=', pos) + 1)
      given.set(name, { at: pos, ...(value && { value }) })
    } else if (begins && depth === 0 && text.startsWith('**', pos)) given.set('**', { at: pos })
    const sign = text[pos] ?? ''
    depth += '([{'.includes(sign) ? 1 : ')]}'.includes(sign) ? -1 : 0
    begins = sign === ',' && depth === 0
    pos = after(text, pos)
  }
  return given
}

function wholeArgument(text: string, at: number): PythonLiteral | undefined {
  const value = readLiteral(text, at)
  return value && /[,)]/.test(text[skipBlank(text, value.end)] ?? '') ? value : undefined
}

type Members = { readonly members: readonly { readonly text: string; readonly at: number }[] }

/** The texts of a list; where it is no list of texts, where that is. */
function listed(given: Given | undefined): Members | { readonly at: number } {
  if (given === undefined) return { members: [] }
  const { value, at } = given
  if (value?.kind === 'text')
    return { members: value.text.split('\n').flatMap((text) => (text.trim() === '' ? [] : [{ text, at: value.at }])) }
  if (value?.kind !== 'list' || !value.items.every((item) => item.kind === 'text')) return { at }
  return { members: value.items.flatMap((item) => (item.kind === 'text' ? [item] : [])) }
}

function extraOf(given: Given | undefined, extra: string): Members | { readonly at: number } {
  const { value } = given ?? {}
  if (given === undefined) return { members: [] }
  const list = value?.kind === 'dict' ? value.entries.find(([name]) => name === extra)?.[1] : undefined
  return list === undefined ? { at: given.at } : listed({ at: list.at, value: list })
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Each text with its requirement and its line. */
function placed(
  text: string,
  members: Members['members'],
): readonly { readonly text: string; readonly requirement: Requirement | undefined; readonly line: number }[] {
  const lines = new Lines(text)
  const byPlace = new Map(
    members
      .map(({ at }) => at)
      .toSorted((a, b) => a - b)
      .map((at) => [at, lines.at(at)]),
  )
  return members.map((one) => ({ text: one.text, requirement: parseRequirement(one.text), line: byPlace.get(one.at)! }))
}

function lineAt(text: string, at: number): number {
  return new Lines(text).at(at)
}
