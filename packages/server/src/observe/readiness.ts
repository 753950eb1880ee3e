import type { Engine, ErrorCode } from '@kiln/core'
import type { Disk } from '../limits/disk.ts'

export interface Readiness {
  readonly ready: boolean
  /** anybody can ask: no versions, and no texts, in which addresses may stand */
  readonly drivers: readonly { readonly name: string; readonly ready: boolean; readonly code?: ErrorCode }[]
  /** what is wrong, a word each: `draining`, `no_driver`, `disk_full`, `store_unavailable` */
  readonly why: readonly string[]
}

const forMs = 2000
const withinMs = 5000

/** Asks drivers, store and disk, all at once and bounded; an answer holds for two seconds, however many ask. */
export function createReadiness(engine: Engine, disk: Disk, now: () => number): () => Promise<Readiness> {
  let last: { readonly at: number; readonly answer: Promise<Readiness> } | undefined
  return () => {
    if (!last || now() - last.at >= forMs) last = { at: now(), answer: look(engine, disk) }
    return last.answer
  }
}

async function look(engine: Engine, disk: Disk): Promise<Readiness> {
  const [drivers, stored, full] = await Promise.all([
    bounded(driversOf(engine), []),
    bounded(
      engine.writable().then(() => true),
      false,
    ),
    bounded(disk.full(), true),
  ])
  const why = [
    ...(drivers.some(({ ready }) => ready) ? [] : ['no_driver']),
    ...(stored ? [] : ['store_unavailable']),
    ...(full ? ['disk_full'] : []),
  ]
  return { ready: why.length === 0, drivers, why }
}

async function driversOf(engine: Engine): Promise<Readiness['drivers']> {
  const probes = await engine.probe({ signal: AbortSignal.timeout(withinMs) })
  return probes.map(({ driver, probe }) => (probe.ready ? { name: driver, ready: true } : { name: driver, ready: false, code: probe.code }))
}

async function bounded<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, withinMs, otherwise)
  })
  try {
    return await Promise.race([asked.catch(() => otherwise), late])
  } finally {
    clearTimeout(timer)
  }
}
