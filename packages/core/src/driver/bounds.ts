import type { StepEvent } from './driver.ts'

export interface LogLimits {
  /** bytes of log a build keeps; default 16 MiB */
  readonly build: number
  /** bytes of one line; default 8 KiB */
  readonly line: number
  /** events a build keeps beside its log; default 10,000 */
  readonly events: number
}

export const defaultLogLimits: LogLimits = { build: 16 * 2 ** 20, line: 8 * 2 ** 10, events: 10_000 }

const tailLines = 200

/** Cuts what a build may keep, and says so where it cuts; remembers the last lines of each step for the reason of a failure. */
export interface LogBounds {
  /** the event as it may be kept, the marker in its place, or undefined */
  keep(event: StepEvent): StepEvent | undefined
  readonly tail: (step: string | undefined) => readonly string[]
}

export function createLogBounds(limits: LogLimits): LogBounds {
  const tails = new Map<string, string[]>()
  let [bytes, events, full] = [0, 0, false]
  const remember = (step: string, text: string): void => {
    for (const key of [step, '']) {
      const lines = tails.get(key) ?? []
      if (!tails.has(key) && tails.size < 1000) tails.set(key, lines)
      lines.push(text)
      if (lines.length > tailLines) lines.shift()
    }
  }
  return {
    keep(event) {
      if (event.type === 'progress') return event
      const cut = event.type === 'log' ? { ...event, text: cutLine(event.text, limits.line) } : event
      if (cut.type === 'log') remember(cut.step, cut.text)
      const size = cut.type === 'log' ? Buffer.byteLength(cut.text) + 1 : 0
      if (full && cut.type === 'log') return undefined
      if (bytes + size > limits.build || events > limits.events + limits.build / 64) {
        if (full) return undefined
        full = true
        return marker(cut.step, limits)
      }
      bytes += size
      events += 1
      return cut
    },
    tail: (step) => tails.get(step ?? '') ?? tails.get('') ?? [],
  }
}

function marker(step: string, limits: LogLimits): StepEvent {
  const message = `The log of this build is cut here: it is longer than ${limits.build} bytes.`
  return { step, type: 'notice', notice: { code: 'log_cut', message } }
}

function cutLine(text: string, max: number): string {
  const size = Buffer.byteLength(text)
  if (size <= max) return text
  const kept = Buffer.from(text)
    .subarray(0, max - 64)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
  return `${kept} [cut: ${size - Buffer.byteLength(kept)} bytes of this line]`
}
