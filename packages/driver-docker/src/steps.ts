import type { StepEvent } from '@kiln/core'
import { createLineMaker, type LineMaker } from './lines.ts'

type Emit = (event: StepEvent) => void

/** One step of a build as events: started once, whole lines, finished once. */
export interface Step {
  readonly id: string
  readonly title: string
  readonly line: number | undefined
  readonly done: boolean
  log(stream: 'out' | 'err', text: string): void
  /** bytes of one of several transfers; shown as a sum, and not more often than every hundredth */
  progress(part: string, done: number, total: number | undefined): void
  finish(how: {
    readonly cached: boolean
    readonly exitCode?: number | undefined
    readonly outcome?: 'failed' | 'stopped' | undefined
  }): void
}

const longestTitle = 1000
const mostParts = 1000

export function startStep(emit: Emit, what: { readonly id: string; readonly title: string; readonly line?: number | undefined }): Step {
  const { id: step, line } = what
  const title = what.title.length <= longestTitle ? what.title : `${what.title.slice(0, longestTitle)}…`
  const makers: Record<'out' | 'err', LineMaker> = {
    out: createLineMaker((text) => emit({ step, type: 'log', stream: 'out', text })),
    err: createLineMaker((text) => emit({ step, type: 'log', stream: 'err', text })),
  }
  const parts = new Map<string, { readonly done: number; readonly total: number }>()
  let [finished, shown] = [false, 0]
  emit({ step, type: 'step-started', title, ...(line === undefined ? {} : { line }) })
  return {
    id: step,
    title,
    line,
    get done() {
      return finished
    },
    log: (stream, text) => makers[stream].take(text),
    progress(part, done, total) {
      if (parts.size >= mostParts && !parts.has(part)) return
      parts.set(part, { done, total: total ?? done })
      const sum = { done: 0, total: 0 }
      for (const each of parts.values()) {
        sum.done += each.done
        sum.total += each.total
      }
      if (Math.abs(sum.done - shown) < Math.max(sum.total / 100, 65_536) && sum.done !== sum.total) return
      shown = sum.done
      emit({ step, type: 'progress', done: sum.done, total: sum.total, unit: 'bytes' })
    },
    finish({ cached, exitCode, outcome }) {
      if (finished) return
      finished = true
      makers.out.end()
      makers.err.end()
      emit({ step, type: 'step-finished', cached, ...(exitCode === undefined ? {} : { exitCode }), ...(outcome && { outcome }) })
    },
  }
}
