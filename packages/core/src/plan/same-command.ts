/** One command, also where a member of a workspace names a file of its packages from its own directory. */
export function isSameCommand(one: readonly string[], other: readonly string[]): boolean {
  return text(one) === text(other)
}

function text(argv: readonly string[]): string {
  return argv.map((word) => (word.includes('node_modules/') ? word.replace(/^(?:\.\.\/)+/, '') : word)).join('\0')
}
