import type { Engine } from '@kiln/core'
import type { BodyRoom } from './limits/body-room.ts'
import type { ServerLimits } from './limits/limits.ts'
import type { Links } from './links/links.ts'
import type { Logs } from './logs/logs.ts'
import type { Regions } from './regions.ts'
import type { Uploads } from './uploads/uploads.ts'
import type { Logger } from './observe/logger.ts'

/** What the APIs of one server share. None of it knows an API. */
export interface Parts {
  readonly engine: Engine
  /** absolute, with the base path, without a slash at the end: the one maker of outward addresses */
  readonly publicUrl: string
  readonly regions: Regions
  readonly limits: ServerLimits
  readonly bodies: BodyRoom
  readonly links: Links
  readonly logs: Logs
  readonly uploads: Uploads
  readonly log: Logger
  /** ms since the epoch */
  readonly now: () => number
}
