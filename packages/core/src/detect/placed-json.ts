import { LineCounter, isCollection, isMap, isScalar, parseDocument, type Document } from 'yaml'
import { BuildError, shown } from '../failure/error.ts'
import type { ErrorCode } from '../failure/codes.ts'

/** JSON together with the places of its parts. */
export interface Placed {
  readonly file: string
  readonly value: unknown
  /** The 1-based line of a key (of a value, for a list), or of its nearest parent that is there. */
  line(path: readonly (string | number)[]): number
}

/** Parses JSON. Throws `code` with file and line when it is none. */
export function readJson(text: string, file: string, code: ErrorCode): Placed {
  const bare = text.replace(/^\uFEFF/, '')
  try {
    const value: unknown = JSON.parse(bare)
    return placed(bare, file, value)
  } catch (cause) {
    const line = errorLine(bare, cause)
    throw new BuildError(code, `${shown(file)}:${line} is not valid JSON: ${shown((cause as Error).message, 200)}`, {
      data: { file, line },
      cause,
    })
  }
}

function placed(text: string, file: string, value: unknown): Placed {
  let parsed: { document: Document.Parsed; lines: LineCounter } | undefined
  return {
    file,
    value,
    line(path) {
      parsed ??= withLines(text)
      return parsed.lines.linePos(offsetOf(parsed.document, path)).line || 1
    },
  }
}

// JSON is YAML as far as places go, and a maintained YAML parser keeps them.
function withLines(text: string): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter()
  return { document: parseDocument(text, { lineCounter: lines, schema: 'json', uniqueKeys: false, strict: false }), lines }
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = 0
  for (const part of path) {
    if (!isCollection(node)) break
    const pair = isMap(node) ? node.items.findLast((item) => isScalar(item.key) && String(item.key.value) === String(part)) : undefined
    const next = pair ? pair.value : isMap(node) ? undefined : node.items[Number(part)]
    const place = pair ? pair.key : next
    offset = rangeStart(place) ?? offset
    node = next
  }
  return offset
}

function rangeStart(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? Number(node.range[0]) : undefined
}

// V8 says either a line or a position; at an early end it says neither.
function errorLine(text: string, cause: unknown): number {
  const { message } = cause as Error
  const line = /\(line (\d+) column \d+\)/.exec(message)?.[1]
  if (line !== undefined) return Number(line)
  const position = /at position (\d+)/.exec(message)?.[1]
  return text.slice(0, position === undefined ? text.trimEnd().length : Number(position)).split('\n').length
}
