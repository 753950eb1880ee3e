import { styleText } from 'node:util'
import type { Io, Screen } from '../io.ts'
import { wantsColour } from './mode.ts'

type Style = (text: string) => string

export interface Styles {
  readonly bold: Style
  readonly faint: Style
  readonly red: Style
  readonly green: Style
  readonly yellow: Style
  readonly cyan: Style
}

const none: Style = (text) => text
const style =
  (format: Parameters<typeof styleText>[0]): Style =>
  (text) =>
    styleText(format, text, { validateStream: false })

const coloured: Styles = {
  bold: style('bold'),
  faint: style('dim'),
  red: style('red'),
  green: style('green'),
  yellow: style('yellow'),
  cyan: style('cyan'),
}
export const noStyles: Styles = { bold: none, faint: none, red: none, green: none, yellow: none, cyan: none }

/** Colours for a stream, or none. */
export function stylesFor(io: Pick<Io, 'env'>, stream: Screen): Styles {
  return wantsColour(io.env, stream) ? coloured : noStyles
}
