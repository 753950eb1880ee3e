import { longestText, mostTexts, type Told } from './told.ts'

/** The values in a file of settings, line by line: `NAME=value`, `name: value`, `"name": "value"`. Other lines are texts as a whole. */
export function tellSettings(text: string, file: string): readonly Told[] {
  const told: Told[] = []
  let [line, at] = [0, 0]
  while (at < text.length && told.length < mostTexts) {
    const end = text.indexOf('\n', at)
    const whole = text.slice(at, Math.min(end < 0 ? text.length : end, at + longestText))
    at = end < 0 ? text.length : end + 1
    line += 1
    const [, slot, value] =
      /^\s{0,200}(?:export |ENV |ARG |- )?["']?([A-Za-z_][\w.-]{0,100})["']?\s{0,20}[:=]\s{0,20}(\S[^]*)$/.exec(whole) ?? []
    if (slot !== undefined) told.push({ text: bare(value!), file, line, slot, alone: false })
    else if (whole.trim() !== '') told.push({ text: whole.trim(), file, line, alone: true })
  }
  return told
}

function bare(value: string): string {
  return value
    .trim()
    .replace(/,$/, '')
    .replace(/^(["'])(.*)\1$/s, '$2')
}
