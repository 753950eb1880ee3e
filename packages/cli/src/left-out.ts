import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { denyList, denyMarkers } from '@kiln/core'
import type { Io } from './io.ts'
import type { PlannedSource, PlanOptions } from './planning.ts'
import { plainText } from './terminal/text.ts'

/** What Kiln leaves out of a planned directory by default, and `docker build` would not. */
export interface LeftOut {
  /** paths of the source, at most 100 */
  readonly paths: readonly string[]
  /** a .dockerignore that leaves the same out; absent where the source has its own, or where nothing is left out by default */
  readonly ignoreFile?: string
}

/** `generated`: paths of files that the build needs, whatever their names. */
export function leftOutOf(io: Io, where: string, { source }: PlannedSource, options: PlanOptions, generated: readonly string[]): LeftOut {
  const { rules, file, denied } = source.ignored
  if (rules !== 'planned' || file !== undefined) return { paths: denied }
  const marked = denied.filter((path) => [...denyMarkers].some((name) => existsSync(join(resolve(io.cwd, where), path, name))))
  return { paths: denied, ignoreFile: ignoreFile(marked, [...(options.keep ?? []), ...generated]) }
}

/** The last rule that fits wins, so that what is kept stands last. */
function ignoreFile(marked: readonly string[], kept: readonly string[]): string {
  const parts = [
    '# What `kiln build` leaves out by default; `docker build` needs to be told.',
    ...denyList.flatMap(({ reason, patterns }) => [`# ${reason}`, ...patterns]),
    ...(marked.length === 0 ? [] : ['# virtual environments and caches, by what is in them', ...marked.flatMap(exactly)]),
    '# the recipe itself',
    ...['/Dockerfile', '/.dockerignore'],
    ...(kept.length === 0 ? [] : ['# kept', ...kept.map((pattern) => `!${pattern}`)]),
  ]
  return `${parts.join('\n')}\n`
}

/** A pattern for this path alone; none for a name that no line can hold. */
function exactly(path: string): readonly string[] {
  return /[\r\n]/.test(path) ? [] : [`/${path.replace(/[\\*?[\]]/g, String.raw`\$&`)}`]
}

/** most paths that a warning names */
const named = 8

/** `covered`: an ignore file that was just written leaves them out. */
export function leftOutWarning({ paths }: LeftOut, covered: boolean): string {
  if (covered || paths.length === 0) return ''
  const more = paths.length > named ? ` and ${paths.length - named} more` : ''
  const list = paths.slice(0, named).map(plainText).join(', ')
  return `# kiln build leaves these out of the image, docker build does not unless .dockerignore says so: ${list}${more}\n`
}
