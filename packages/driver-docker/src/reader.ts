import type { StepFacts } from '@kiln/core'
import type { Message } from './messages.ts'

/** Turns the messages of a builder into events, and remembers how it ended. */
export interface AnswerReader {
  /** the container that runs now, by what the builder said last; BuildKit's are not the engine's */
  readonly container?: string | undefined
  take(message: Message): void
  /** the outcome; finishes the steps that are open */
  end(): Outcome
}

export type Outcome =
  | {
      readonly kind: 'image'
      readonly id: string
      /** base references and digests, where the builder says them */ readonly bases: Readonly<Record<string, string>>
    }
  | { readonly kind: 'failed'; readonly facts: StepFacts }
  /** the answer ended without a result */
  | { readonly kind: 'nothing' }

/** The image id in `aux` of either builder. */
export function imageIdIn(message: Message): string | undefined {
  const { aux } = message
  const id = typeof aux === 'object' && aux !== null && 'ID' in aux ? aux.ID : undefined
  return typeof id === 'string' && /^sha256:[0-9a-f]{64}$/.test(id) ? id : undefined
}

export function messageOfError(message: Message): string | undefined {
  return message.errorDetail?.message ?? message.error
}
