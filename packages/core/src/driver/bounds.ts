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
const tailSteps = 8

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
      tails.delete(key)
      tails.set(key, lines)
      // the failing step is among the last that spoke
      if (tails.size > tailSteps) tails.delete(tails.keys().next().value!)
      lines.push(text)
      if (lines.length > tailLines) lines.shift()
    }
  }
  return {
    keep(event) {
      if (event.type === 'progress') return event
      const cut = cutEvent(event, limits.line)
      if (cut.type === 'log') remember(cut.step, cut.text)
      const size = sizeOf(cut)
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

function cutEvent(event: Exclude<StepEvent, { type: 'progress' }>, max: number): Exclude<StepEvent, { type: 'progress' }> {
  if (event.type === 'log') return { ...event, text: cutLine(event.text, max) }
  if (event.type === 'step-started') return { ...event, title: cutLine(event.title, max) }
  if (event.type === 'notice') return { ...event, notice: { ...event.notice, message: cutLine(event.notice.message, max) } }
  return event
}

/** bytes that count for the bound of a build */
function sizeOf(event: StepEvent): number {
  if (event.type === 'log') return Buffer.byteLength(event.text) + 1
  if (event.type === 'step-started') return Buffer.byteLength(event.title) + 1
  return 1
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
