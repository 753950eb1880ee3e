import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { shown } from '@kiln/core'
import { bytes } from '../terminal/units.ts'
import type { Check } from './check.ts'

const name = 'data directory'
const little = 2e9

/** Kinds of file systems that other machines write to as well: SQLite's locks do not hold there. From linux/magic.h. */
const remote: Readonly<Record<number, string>> = { 0x6969: 'NFS', 0xff534d42: 'CIFS', 0xfe534d42: 'SMB', 0x517b: 'SMB', 0x01021997: '9P' }

/** Looks without writing: the directory is made by the first build. */
export function checkDataDir(dataDir: string): readonly Check[] {
  const there = nearest(dataDir)
  const shownDir = shown(dataDir)
  try {
    if (!statSync(there).isDirectory())
      return [
        { name, status: 'fail', message: `${shown(there)} is not a directory`, fix: 'choose another one with --data-dir or KILN_DATA_DIR' },
      ]
    accessSync(there, constants.W_OK | constants.X_OK)
  } catch (error) {
    return [
      {
        name,
        status: 'fail',
        message: `${shownDir} cannot be written (${(error as NodeJS.ErrnoException).code})`,
        fix: 'choose another one with --data-dir or KILN_DATA_DIR',
      },
    ]
  }
  return [{ name, status: 'ok', message: there === dataDir ? shownDir : `${shownDir} will be made by the first build` }, disk(there)]
}

function disk(path: string): Check {
  const { bavail, bsize, type } = statfsSync(path)
  const free = bavail * bsize
  const kind = remote[type >>> 0]
  if (kind !== undefined)
    return {
      name: 'disk',
      status: 'warn',
      message: `the data directory is on ${kind}`,
      fix: 'put it on a local disk: --data-dir or KILN_DATA_DIR',
    }
  if (free < little) return { name: 'disk', status: 'warn', message: `${bytes(free)} free`, fix: 'free space, or run kiln prune' }
  return { name: 'disk', status: 'ok', message: `${bytes(free)} free, local` }
}

function nearest(path: string): string {
  let at = path
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  return at
}
