import { BuildError, shown } from '../failure/error.ts'

// Every text of a plan enters a Dockerfile through one of these functions. Source of the rules: the shell lexer of
// https://github.com/moby/buildkit frontend/dockerfile/shell, which the classic builder shares.

/** A value for ENV, ARG and LABEL, read back as it is: no variable, no escape has a meaning in it. */
export function value(text: string, what: string): string {
  if (/^[A-Za-z0-9._/:@%+,-]+$/.test(text)) return text
  return `"${printable(text, what).replace(/[\\"$]/g, '\\$&')}"`
}

/** One path of a COPY as a word of its JSON form or, where nothing in it needs care, of its plain form. */
export function sourcePath(path: string): string {
  return expanded(path.replace(/[*?[]/g, '[$&]'))
}

/** A word in which variables are expanded, and nothing else is special. */
export function expanded(word: string): string {
  if (word.includes('\\')) throw new BuildError('invalid_plan', `the path "${shown(word)}" has a backslash`)
  return printable(word, 'a path').replace(/["'$]/g, '\\$&')
}

/** A JSON array: an argv that no shell reads. */
export function json(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(printable(word, 'a command'))).join(', ')}]`
}

/** True when a shell would read the word as it stands. A tilde means a home at the start, and after `=` and `:`. */
export function isPlain(word: string): boolean {
  return /^(?:[A-Za-z0-9._/=:@%+,-]|(?<=[A-Za-z0-9])~)+$/.test(word)
}

/** A comment is free text, but one line. */
export function comment(text: string): string {
  return `# ${printable(text, 'a comment')}`
}

/** Refuses what a Dockerfile cannot hold (a line end, NUL) and what nobody could see in it. */
export function printable(text: string, what: string): string {
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text))
    throw new BuildError('invalid_plan', `${what} has a control character: "${shown(text)}"`, {
      hint: 'A Dockerfile cannot hold line ends and other control characters in a value; write a file, or set it when the image is started.',
    })
  return text
}
