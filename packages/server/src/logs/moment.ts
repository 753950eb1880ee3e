import { isFinal, type BuildEvent } from '@kiln/core'
import type { LogForm } from './logs.ts'

/** Events of one moment, written once: all readers share the bytes. */
export interface Moment {
  /** seq of the last event */
  readonly last: number
  readonly bytes: Uint8Array
  /** the last event is the final state */
  readonly final: boolean
  /** the bytes for one who has had everything up to `after` */
  since(after: number): Uint8Array
}

export interface Gathering {
  add(event: BuildEvent): void
  /** bytes and events waiting */
  readonly size: number
  readonly count: number
  readonly final: boolean
  /** what was added since the last time, undefined when nothing was */
  take(): Moment | undefined
}

export function gather(form: LogForm): Gathering {
  let waiting = empty()
  return {
    add(event) {
      const block = form.write(event)
      waiting.blocks.push(block)
      waiting.seqs.push(event.seq)
      waiting.ends.push((waiting.size += Buffer.byteLength(block)))
      waiting.final = event.type === 'state' && isFinal(event.state)
    },
    get size() {
      return waiting.size
    },
    get count() {
      return waiting.seqs.length
    },
    get final() {
      return waiting.final
    },
    take() {
      if (waiting.seqs.length === 0) return undefined
      const taken = waiting
      waiting = empty()
      return momentOf(taken)
    },
  }
}

interface Waiting {
  readonly blocks: string[]
  readonly seqs: number[]
  /** where each block ends, bytes */
  readonly ends: number[]
  size: number
  final: boolean
}

function empty(): Waiting {
  return { blocks: [], seqs: [], ends: [], size: 0, final: false }
}

function momentOf({ blocks, seqs, ends, final }: Waiting): Moment {
  // a Buffer: of another Uint8Array node:http makes one anew for every reader
  const bytes: Uint8Array = Buffer.from(blocks.join(''))
  return {
    last: seqs.at(-1)!,
    bytes,
    final,
    since(after) {
      if (after < seqs[0]!) return bytes
      const had = seqs.findLastIndex((seq) => seq <= after)
      return bytes.subarray(ends[had])
    },
  }
}
