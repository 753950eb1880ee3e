import type { Engine } from '@kiln/core'
import type { HandlerOptions } from './handler.ts'
import { createFrame, type Frame } from './frame/frame.ts'
import { createBodyRoom } from './limits/body-room.ts'
import { watchDisk } from './limits/disk.ts'
import { defaultLimits } from './limits/limits.ts'
import { rateLimit } from './limits/rate.ts'
import { createLinks } from './links/create-links.ts'
import { createLogs } from './logs/create-logs.ts'
import { countedEngine, countedUploads } from './observe/counted.ts'
import { silent } from './observe/logger.ts'
import { createMeter } from './observe/meter.ts'
import { createReadiness } from './observe/readiness.ts'
import type { StatusOptions } from './observe/status.ts'
import { createTracing } from './observe/tracing.ts'
import type { Parts } from './parts.ts'
import { defaultRegions } from './regions.ts'
import { createUploads } from './uploads/create-uploads.ts'

export interface Made {
  readonly parts: Parts
  readonly frame: Frame
  readonly status: StatusOptions
  readonly dispose: () => Promise<void>
}

/** Everything the APIs share, made once. */
export function makeParts(options: HandlerOptions): Made {
  const { authenticate, basePath = '', now = Date.now, logger: log = silent, regions = defaultRegions } = options
  const limits = { ...defaultLimits, ...options.limits }
  const logs = createLogs(limits)
  const meter = createMeter({ load: () => options.engine.load(), ended: () => options.engine.ended(), streams: () => logs.open })
  const engine: Engine = countedEngine(options.engine, meter)
  const disk = watchDisk(options.dataDir, limits, now)
  const frame = createFrame({ authenticate, rate: rateLimit(limits.ratePerMinute), disk, meter, tracing: createTracing(), log, basePath })
  const parts: Parts = {
    engine,
    publicUrl: options.publicUrl.replace(/\/+$/, '') + basePath,
    regions,
    limits,
    bodies: createBodyRoom(limits),
    links: createLinks(engine, now),
    logs,
    uploads: countedUploads(createUploads(limits), meter),
    log,
    now,
  }
  const status: StatusOptions = {
    meter,
    ready: createReadiness(engine, disk, now),
    images: options.images,
    metrics: options.metrics ?? false,
  }
  return { parts, frame, status, dispose: async () => logs[Symbol.asyncDispose]() }
}
