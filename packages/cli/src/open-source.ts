import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { archive, BuildError, directory, shown, type Opening, type Source } from '@kiln/core'
import type { Io } from './io.ts'

export interface OpenedSource {
  readonly source: Source
  /** an image name made from the name of the source */
  readonly name: string
  readonly kind: 'directory' | 'archive'
}

/** Opens what a command line calls SOURCE: a directory, a tar or tar.gz file, or `-`. The caller disposes of the source. */
export async function openSource(io: Io, where: string, opening: Opening): Promise<OpenedSource> {
  if (where === '-') return fromInput(io, opening)
  const path = resolve(io.cwd, where)
  if (kindOf(path, where) === 'directory')
    return { source: await directory(path, opening), name: imageName(basename(path)), kind: 'directory' }
  checkTar(path, where)
  const source = await archive(createReadStream(path), opening)
  return { source, name: imageName(basename(path).replace(/\.(tar|tgz|tar\.gz)$/i, '')), kind: 'archive' }
}

/** Whether SOURCE is a directory with a Dockerfile of its own. */
export function holdsDockerfile(io: Io, where: string): boolean {
  return where !== '-' && existsSync(resolve(io.cwd, where, 'Dockerfile'))
}

async function fromInput(io: Io, opening: Opening): Promise<OpenedSource> {
  if (io.stdin.isTTY)
    throw new BuildError('invalid_argument', 'SOURCE is -, but standard input is a terminal.', {
      hint: 'Send a tar: git archive HEAD | kiln build -',
    })
  const source = await archive(io.stdin, opening)
  return { source, name: imageName(packageName(source) ?? 'app'), kind: 'archive' }
}

function kindOf(path: string, where: string): 'directory' | 'file' {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return 'directory'
  if (found?.isFile() || found?.isFIFO()) return 'file'
  throw new BuildError('source_not_found', found ? `${shown(where)} is neither a directory nor a file.` : `${shown(where)} is not there.`)
}

/** A file that is no archive was meant as the program to build: its directory is what to name. A FIFO is left to the reader. */
function checkTar(path: string, where: string): void {
  if (!statSync(path).isFile()) return
  const start = new Uint8Array(512)
  const file = openSync(path, 'r')
  try {
    const size = readSync(file, start)
    if (size === 0 || looksPacked(start.subarray(0, size))) return
  } finally {
    closeSync(file)
  }
  throw new BuildError('invalid_archive', `${shown(where)} is neither a directory nor a tar.`, {
    hint: `Name its directory: ${shown(dirname(where))}`,
  })
}

/** A compressed file, or a header block of tar: old ones have no magic, but the sum of their bytes in octal digits. */
function looksPacked(start: Uint8Array): boolean {
  const text = Buffer.from(start).toString('latin1')
  const known = ['\u001F\u008B', '\u0028\u00B5\u002F\u00FD', 'BZh', '\u00FD7zXZ\0', 'PK\u0003\u0004'].some((magic) =>
    text.startsWith(magic),
  )
  if (known || text.slice(257, 262) === 'ustar') return true
  return text.length === 512 && (/^[ 0-7]{4,7}[\0 ]/.test(text.slice(148, 156)) || /^\0*$/.test(text))
}

function packageName(source: Source): string | undefined {
  try {
    if (source.entry('package.json')?.kind !== 'file') return undefined
    const { name } = JSON.parse(new TextDecoder().decode(source.read('package.json'))) as { name?: unknown }
    return typeof name === 'string' ? name.replace(/^@[^/]*\//, '') : undefined
  } catch {
    return undefined
  }
}

/** The nearest name that an image may have. */
function imageName(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return plain || 'app'
}
