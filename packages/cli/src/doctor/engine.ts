import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toFailure, type Engine, type Probe } from '@kiln/core'
import { tenant } from '../data-dir.ts'
import type { Io } from '../io.ts'
import type { Check } from './check.ts'

/** Opens the store that is there (else one in a temporary directory: it has to work on this machine) and asks every driver. */
export async function checkEngine(io: Io, dataDir: string): Promise<readonly Check[]> {
  const kept = existsSync(join(dataDir, 'kiln.db'))
  const directory = kept ? dataDir : mkdtempSync(join(tmpdir(), 'kiln-doctor-'))
  try {
    await using engine = await io.openKiln({ dataDir: directory, worker: false })
    return [await checkStore(engine, kept), ...(await checkDrivers(engine))]
  } catch (error) {
    const { message, hint } = toFailure(error)
    return [{ name: 'store', status: 'fail', message, fix: hint }]
  } finally {
    if (!kept) rmSync(directory, { recursive: true, force: true })
  }
}

async function checkStore(engine: Engine, kept: boolean): Promise<Check> {
  const [newest] = await engine.for(tenant).list({ limit: 1 })
  return { name: 'store', status: 'ok', message: !kept ? 'SQLite works; no builds yet' : `opens; newest build ${newest?.id ?? 'none'}` }
}

async function checkDrivers(engine: Engine): Promise<readonly Check[]> {
  const probes = await engine.probe({ signal: AbortSignal.timeout(10_000) })
  const checks = probes.map(({ driver, probe }) => driverCheck(driver, probe))
  return checks
}

/** A missing builder is a warning: plan, explain and dockerfile work without one. */
function driverCheck(driver: string, probe: Probe): Check {
  if (!probe.ready) return { name: `driver ${driver}`, status: 'warn', message: probe.message, fix: probe.hint }
  const facts = Object.entries(probe.facts).map(([name, value]) => `${name} ${value}`)
  return {
    name: `driver ${driver}`,
    status: 'ok',
    message: [probe.version, ...facts, `dialects ${probe.can.recipes.join(', ')}`].join('; '),
  }
}
