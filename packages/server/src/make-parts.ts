import type { HandlerOptions } from './handler.ts'
import { createFrame, type Frame } from './frame/frame.ts'
import { defaultLimits } from './limits/limits.ts'
import { rateLimit } from './limits/rate.ts'
import { createLinks } from './links/create-links.ts'
import { createLogs } from './logs/create-logs.ts'
import { silent } from './observe/logger.ts'
import { createMeter } from './observe/meter.ts'
import type { Parts } from './parts.ts'
import { defaultRegions } from './regions.ts'
import { createUploads } from './uploads/create-uploads.ts'

/** Everything the APIs share, made once. */
export function makeParts(options: HandlerOptions): { readonly parts: Parts; readonly frame: Frame; readonly dispose: () => Promise<void> } {
  const { engine, authenticate, basePath = '', now = Date.now, logger: log = silent, regions = defaultRegions } = options
  const limits = { ...defaultLimits, ...options.limits }
  const logs = createLogs(limits)
  const frame = createFrame({ authenticate, rate: rateLimit(limits.ratePerMinute), meter: createMeter(), log })
  const parts: Parts = {
    engine,
    publicUrl: options.publicUrl.replace(/\/+$/, '') + basePath,
    regions,
    limits,
    links: createLinks(engine, now),
    logs,
    uploads: createUploads(limits),
    log,
    now,
  }
  return { parts, frame, dispose: async () => logs[Symbol.asyncDispose]() }
}
