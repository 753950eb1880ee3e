/** A path as an argument of a program: a file called as an option is none. */
export function asArgument(path: string): string {
  return path.startsWith('-') ? `./${path}` : path
}
