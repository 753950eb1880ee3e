import { isFinal, type Build, type BuildEvent } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { LogForm } from '../../logs/logs.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { buildId, existing } from './builds.ts'

/** JSON has no line breaks of its own, so that an event is one data line. */
const form: LogForm = {
  name: 'native',
  write: (event: BuildEvent) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  ping: ': ping\n\n',
}

export function eventRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds/{id}/events',
      operationId: 'followBuild',
      summary: 'The events of a build as they come, from the start or behind one that is named',
      scope: 'read',
      params: buildId,
      query: z.strictObject({ after: z.string().optional().describe('seq of the last event seen; the header Last-Event-ID wins over it') }),
      answers: {
        200: {
          description: 'Server-sent events: id is the seq, event the type, data the event as JSON',
          schema: z.string(),
          type: 'text/event-stream',
        },
        204: { description: 'There is nothing behind the named event, and nothing will come: do not connect again' },
      },
      refusals: [429],
      async handle({ kiln, params, query, request, caller, signal }) {
        const named = seqOf(request.headers.get('last-event-id') || query.after)
        const build = await existing(kiln, params.id)
        if (named !== undefined && (await isOver(build, named))) return new Response(null, { status: 204 })
        const after = named === undefined ? undefined : await placeOf(build, named)
        return parts.logs.stream(kiln, params.id, form, {
          tenant: caller.tenant,
          caller: caller.id,
          signal,
          ...(after !== undefined && { after }),
        })
      },
    }),
  ]
}

function seqOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^(-1|\d{1,15})$/.test(text)) return Number(text)
  const message = 'the seq of an event is needed'
  throw new Refused('invalid_input', `after: ${message}`, { faults: [{ where: ['query', 'after'], message, kind: 'invalid' }] })
}

async function isOver(build: Build, after: number): Promise<boolean> {
  if (!isFinal(build.record.state)) return false
  for await (const _ of build.events({ after, follow: false })) return false
  return true
}

/** A number that a running build has not come to (of another build, say) is no place to go on from: its stream begins at the start. */
async function placeOf(build: Build, after: number): Promise<number | undefined> {
  if (isFinal(build.record.state)) return after
  for await (const { seq } of build.events({ after: after - 1, follow: false })) return seq === after ? after : undefined
  return undefined
}
