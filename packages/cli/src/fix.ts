import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BuildError, patchedConfig, shown, type Config, type Failure } from '@kiln/core'
import type { Io } from './io.ts'
import { notPlanned, planSource, type PlanOptions } from './planning.ts'

/** A patch that was written into a configuration file. */
export interface AppliedFix {
  /** as the command line would name it */
  readonly file: string
  readonly patch: Config
  /** Makes the file as it was before, byte by byte. False where somebody wrote another text since: that one stays. */
  readonly undo: () => boolean
}

/** What `--fix` may not be asked for together with. Throws `invalid_argument` before anything is built. */
export function checkFix(
  io: Io,
  where: string,
  options: { readonly file?: string | undefined; readonly plan?: string | undefined; readonly config?: string | undefined },
): void {
  const other = options.file !== undefined ? '--file' : options.plan !== undefined ? '--plan' : undefined
  if (other !== undefined) throw new BuildError('invalid_argument', `--fix changes kiln.json, which is not read with ${other}.`)
  const directory = where !== '-' && statSync(resolve(io.cwd, where), { throwIfNoEntry: false })?.isDirectory() === true
  if (where !== '-' && (directory || options.config !== undefined)) return
  throw new BuildError('invalid_argument', '--fix writes kiln.json beside the source, so SOURCE has to be a directory.')
}

/**
 * Writes the patch of a failure into kiln.json (or the file of --config), once it is sure that the source can still be planned
 * with it. undefined: the failure has none, or the file says it already.
 */
export async function applyFix(io: Io, where: string, options: PlanOptions, failure: Failure): Promise<AppliedFix | undefined> {
  const patch = failure.data['fix'] as Config | undefined
  if (patch === undefined) return undefined
  const file = options.config ?? join(where, 'kiln.json')
  const path = resolve(io.cwd, file)
  const before = existsSync(path) ? readFileSync(path) : undefined
  const after = patchedConfig(before?.toString('utf8'), patch, shown(file))
  if (before?.equals(Buffer.from(after))) return undefined
  const undo = once((): boolean => putBack(path, before, after))
  writeFileSync(path, after)
  const off = io.onInterrupt(() => {
    undo()
    io.exit(130)
  })
  try {
    const { source, planned } = await planSource(io, where, options)
    await source[Symbol.asyncDispose]()
    if (!planned.ok) throw notPlanned(planned)
  } catch (error) {
    undo()
    throw error
  } finally {
    off()
  }
  return { file, patch, undo }
}

function putBack(path: string, before: Buffer | undefined, after: string): boolean {
  if (!existsSync(path) || !readFileSync(path).equals(Buffer.from(after))) return false
  if (before === undefined) rmSync(path)
  else writeFileSync(path, before)
  return true
}

/** A signal and the end of a build may both ask. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
