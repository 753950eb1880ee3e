import type { Screen } from '../io.ts'
import { widthOf } from './text.ts'

/** The last lines of a terminal, drawn again and again; everything above is ordinary scrollback. */
export interface LiveRegion {
  /** Puts `above` into the scrollback for good, and `lines` in place of those drawn last. No line ends in them, no escapes but colours. */
  draw(lines: readonly string[], above?: readonly string[]): void
}

// oxlint-disable-next-line no-control-regex
const colours = /\u001b\[[0-9;]*m/g

export function liveRegion(screen: Screen): LiveRegion {
  let drawn: readonly string[] = []
  // A terminal made narrower since has wrapped what was drawn: its height is counted at the width of now.
  const erase = (): string => {
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line.replace(colours, '')) / screen.columns)), 0)
    drawn = []
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[0J`
  }
  const ended = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
  return {
    draw(lines, above = []) {
      const kept = lines.slice(0, Math.max(0, screen.rows - 1))
      const text = erase() + ended(above) + ended(kept)
      if (text !== '') screen.write(text)
      drawn = kept
    },
  }
}
