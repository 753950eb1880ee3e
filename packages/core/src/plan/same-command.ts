/** One command, also where a member of a workspace names a file of it from its own directory. */
export function isSameCommand(one: readonly string[], other: readonly string[]): boolean {
  return text(one) === text(other)
}

function text(argv: readonly string[]): string {
  return argv.map((word) => word.replace(/^(?:\.\.\/)+/, '')).join('\0')
}
