import { BuildError } from '@kiln/core'
import type { Io } from './io.ts'

/** Ctrl-C: the first one asks, the second one leaves at once. */
export interface Interrupts extends Disposable {
  /** aborted by the first one, with the error `cancelled` */
  readonly signal: AbortSignal
  readonly asked: Promise<void>
}

export function listenForInterrupts(io: Io, leaving: () => void = () => {}): Interrupts {
  const control = new AbortController()
  const asked = Promise.withResolvers<void>()
  const off = io.onInterrupt(() => {
    if (control.signal.aborted) {
      leaving()
      io.exit(130)
    }
    control.abort(new BuildError('cancelled', 'Stopped by a signal.'))
    asked.resolve()
  })
  return { signal: control.signal, asked: asked.promise, [Symbol.dispose]: off }
}
