import type { Build, BuildEvent, Notice, StepEvent } from '@kiln/core'
import type { Io } from '../io.ts'
import type { ProgressMode } from '../terminal/mode.ts'
import { jsonProgress } from './json.ts'
import { plainProgress } from './plain.ts'
import { quietProgress } from './quiet.ts'
import { ttyProgress } from './tty.ts'

/** Shows a build while it runs. Calls come in the order of the events; after `ended` nothing is drawn. */
export interface Progress {
  /** `why`: lines for people about how it came to be built */
  accepted(build: Build, notices: readonly Notice[], why: readonly string[]): void
  event(event: BuildEvent): void
  /** what is shown and not kept */
  moved(event: Extract<StepEvent, { type: 'progress' }>): void
  /** something the command itself has to say */
  say(text: string): void
  ended(): void
}

export function createProgress(io: Io, mode: Exclude<ProgressMode, 'auto'>): Progress {
  switch (mode) {
    case 'tty':
      return ttyProgress(io)
    case 'plain':
      return plainProgress(io, io.stderr)
    case 'json':
      return jsonProgress(io)
    case 'quiet':
      return quietProgress()
  }
}
