/**
 * A relative path as it is seen from a directory, given by its parts, as one of the same tree (empty: the top itself); undefined where it
 * leads out of it.
 */
export function joined(directory: readonly string[], relative: string): string | undefined {
  const parts = [...directory]
  for (const part of relative.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return parts.join('/')
}
