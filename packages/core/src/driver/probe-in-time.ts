import type { Driver, Probe } from './driver.ts'

/** ms that a request waits for a driver to say what it can do: its sender waits, too */
const probeMs = 5000

/** A driver that hangs, whether it heeds its signal or not, is as one that is not there. Throws what `probe` does, and the signal's reason. */
export async function probeInTime(
  { name }: Pick<Driver, 'name'>,
  probe: (signal: AbortSignal) => Promise<Probe>,
  signal: AbortSignal | undefined,
): Promise<Probe> {
  const late = new AbortController()
  const within = signal ? AbortSignal.any([signal, late.signal]) : late.signal
  const left = Promise.withResolvers<never>()
  const leave = (): void => left.reject(within.reason)
  const timer = setTimeout(() => late.abort(), probeMs)
  within.addEventListener('abort', leave)
  try {
    within.throwIfAborted()
    const asked = probe(within)
    asked.catch(() => undefined) // once left alone, its late rejection is nobody's
    return await Promise.race([asked, left.promise])
  } catch (error) {
    if (!late.signal.aborted || signal?.aborted) throw error
    return unanswered(name)
  } finally {
    clearTimeout(timer)
    within.removeEventListener('abort', leave)
  }
}

/** What stands for the answer of a driver that has given none. */
export function unanswered(name: string): Probe {
  const hint = 'Look whether the builder still answers others.'
  return { ready: false, code: 'driver_unreachable', message: `${name} has not answered in time.`, hint }
}
