import { Refused } from '../refusal.ts'

const [quote, backslash, comma, colon, openBrace, closeBrace, openBracket, closeBracket, u] = [
  0x22, 0x5c, 0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d, 0x75,
]
/** bytes that are looked at before others get their turn */
const slice = 2 ** 20

export interface ScanLimits {
  readonly jsonDepth: number
  readonly jsonValues: number
}

/**
 * Looks through the bytes of a JSON text before it is parsed: JSON.parse takes any depth and a million keys, and blocks meanwhile.
 * Says nothing about its grammar. Throws `payload_too_large` and `invalid_json`.
 */
export async function scanJson(bytes: Buffer, limits: ScanLimits): Promise<void> {
  const state: Scan = { at: 0, depth: 0, values: 0 }
  while (state.at < bytes.length) {
    scanSlice(bytes, state, Math.min(state.at + slice, bytes.length), limits)
    if (state.at < bytes.length) await new Promise(setImmediate)
  }
}

interface Scan {
  at: number
  depth: number
  /** signs between values: each stands for one */
  values: number
}

function scanSlice(bytes: Buffer, state: Scan, end: number, { jsonDepth, jsonValues }: ScanLimits): void {
  while (state.at < end) {
    const byte = bytes[state.at]!
    if (byte === quote) {
      state.at = endOfString(bytes, state.at + 1)
      continue
    }
    if (byte === openBrace || byte === openBracket) {
      state.depth += 1
      if (state.depth > jsonDepth) throw new Refused('invalid_json', `The body has more than ${jsonDepth} levels.`)
    } else if (byte === closeBrace || byte === closeBracket) state.depth -= 1
    else if (byte === comma || byte === colon) {
      state.values += 1
      if (state.values > jsonValues) throw new Refused('payload_too_large', `The body has more than ${jsonValues} keys and values.`)
    }
    state.at += 1
  }
}

/** From behind a quote to behind the one that ends it. */
function endOfString(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length) {
    const byte = bytes[at]!
    if (byte === quote) return at + 1
    at += byte === backslash ? escapeLength(bytes, at) : 1
  }
  return at
}

/** An escaped half of a character pair alone is no text that UTF-8 could hold. */
function escapeLength(bytes: Buffer, at: number): number {
  if (bytes[at + 1] !== u) return 2
  const code = Number.parseInt(bytes.toString('latin1', at + 2, at + 6), 16)
  if (code < 0xd8_00 || code > 0xdf_ff || Number.isNaN(code)) return 6
  const low = bytes[at + 6] === backslash && bytes[at + 7] === u ? Number.parseInt(bytes.toString('latin1', at + 8, at + 12), 16) : 0
  if (code > 0xdb_ff || low < 0xdc_00 || low > 0xdf_ff) throw new Refused('invalid_json', 'The body has half a character pair.')
  return 12
}
