import { isFinal, type BuildEvent } from '@kiln/core'
import { z } from 'zod'
import { route, type AnyRoute } from '../../api.ts'
import type { LogForm } from '../../logs/logs.ts'
import type { Parts } from '../../parts.ts'
import { buildId } from './read.ts'
import { existing } from './record.ts'

/** Unnamed events with JSON alone: the SDK skips named ones unread and breaks on an id, a retry time or an end marker. */
const form: LogForm = {
  name: 'scale',
  write: (event) =>
    linesOf(event)
      .map((line) => `data: ${JSON.stringify({ line })}\n\n`)
      .join(''),
  ping: ': ping\n\n',
}

export function logRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds/{build_id}/logs',
      operationId: 'streamBuildLogs',
      summary: 'The log from its beginning, as it comes, until the build has ended',
      scope: 'read',
      params: buildId,
      answers: {
        200: { description: 'Server-sent events, each with `{"line": "…"}` as its data', schema: z.string(), type: 'text/event-stream' },
      },
      refusals: [429],
      async handle({ kiln, params, caller, signal }) {
        const { record } = await existing(kiln, params.build_id)
        return parts.logs.stream(kiln, record.id, form, { tenant: caller.tenant, caller: caller.id, signal })
      },
    }),
  ]
}

/** A build has no field for why it failed: its log says it. */
export function linesOf(event: BuildEvent): readonly string[] {
  switch (event.type) {
    case 'step-started':
      return [`#${event.step} ${event.title}`]
    case 'log':
      return [event.text]
    case 'notice':
      return [`notice: ${event.notice.message}`]
    case 'state':
      return isFinal(event.state) && event.error ? [`error: ${event.error.message}`] : []
    case 'step-finished':
      return []
  }
}
