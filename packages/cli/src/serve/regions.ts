import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BuildError, shown } from '@kiln/core'
import type { Region, Regions } from '@kiln/server'
import type { Io } from '../io.ts'

/** `{"default": "us-west", "all": [{"code": "us-west", "displayName": "US West", "enabled": true}]}`. Throws `invalid_argument`. */
export function readRegions(io: Io, path: string): Regions {
  const { default: first, all } = parsed(io, path) as { readonly default?: unknown; readonly all?: unknown }
  if (!Array.isArray(all) || all.length === 0) throw wrong(path, '"all" is not a list of regions')
  const regions = all.map((one) => regionOf(path, one))
  const enabled = regions.find(({ code }) => code === first)?.enabled === true
  if (!enabled) throw wrong(path, '"default" does not name an enabled region')
  if (new Set(regions.map(({ code }) => code)).size < regions.length) throw wrong(path, 'a code is there twice')
  return { default: first as string, all: regions }
}

function parsed(io: Io, path: string): object {
  try {
    const value: unknown = JSON.parse(readFileSync(resolve(io.cwd, path), 'utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (cause) {
    throw new BuildError('invalid_argument', `--regions: ${shown(path)} cannot be read as JSON.`, { cause })
  }
  throw wrong(path, 'it is no object')
}

function regionOf(path: string, one: unknown): Region {
  const { code, displayName = code, enabled = true } = (one ?? {}) as Record<string, unknown>
  if (typeof code !== 'string' || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(code)) throw wrong(path, 'a code is not as us-west')
  if (typeof displayName !== 'string' || typeof enabled !== 'boolean') throw wrong(path, `the region ${code} has a wrong field`)
  return { code, displayName, enabled }
}

function wrong(path: string, what: string): BuildError {
  return new BuildError('invalid_argument', `--regions: ${shown(path)}: ${what}.`, {
    hint: 'Write {"default": "us-west", "all": [{"code": "us-west", "displayName": "US West", "enabled": true}]}.',
  })
}
