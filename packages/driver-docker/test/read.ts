import type { StepEvent } from '@kiln/core'
import { readFileSync } from 'node:fs'
import { readMessages } from '../src/messages.ts'
import type { AnswerReader, Outcome } from '../src/reader.ts'

/** Answers that engines of the rig gave, byte by byte: `recorded/<name>.jsonl`. */
export function recorded(name: string): Buffer {
  return readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url))
}

/** A reader's events and outcome for an answer that comes in pieces of `size` bytes. */
export async function read(
  create: (emit: (event: StepEvent) => void) => AnswerReader,
  answer: Buffer | readonly object[],
  size = 1000,
): Promise<{ readonly events: readonly StepEvent[]; readonly outcome: Outcome }> {
  const events: StepEvent[] = []
  const reader = create((event) => events.push(event))
  const bytes = Buffer.isBuffer(answer) ? answer : Buffer.from(answer.map((message) => `${JSON.stringify(message)}\r\n`).join(''))
  for await (const message of readMessages(pieces(bytes, size))) reader.take(message)
  return { events, outcome: reader.end() }
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Events as short lines. */
export function brief(events: readonly StepEvent[]): readonly string[] {
  return events.map((event) => {
    switch (event.type) {
      case 'step-started':
        return `${event.step} + ${event.title}${event.line === undefined ? '' : ` @${event.line}`}`
      case 'step-finished':
        return `${event.step} - ${event.cached ? 'cached' : 'done'}${event.exitCode === undefined ? '' : ` ${event.exitCode}`}${event.outcome === undefined ? '' : ` ${event.outcome}`}`
      case 'log':
        return `${event.step} ${event.stream} ${event.text}`
      case 'progress':
        return `${event.step} ${event.done}/${event.total}`
      case 'notice':
        return `${event.step} ! ${event.notice.code}`
    }
    return ''
  })
}
