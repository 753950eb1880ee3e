import { isFinal, type Build, type BuildEvent } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { existing } from './builds.ts'
import { buildId } from './schemas.ts'

const logsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
  nextToken: z
    .string()
    .regex(/^\d{1,15}$/, 'a token of an earlier answer is needed')
    .optional()
    .describe('for the lines in front of those that came with it'),
})

const logsSchema = z
  .object({ logs: z.array(z.string()), nextToken: z.string().optional().describe('absent: the first line of the log is among them') })
  .meta({ id: 'BuildLogs' })

/** bytes of the lines of one answer */
const pageBytes = 8 * 2 ** 20
/** bytes that leave at once */
const chunkBytes = 64 * 2 ** 10

export function logRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds/{id}/logs',
      operationId: 'getBuildLogs',
      summary: 'Get the latest lines of the log of a build',
      scope: 'read',
      params: buildId,
      query: logsQuery,
      answers: { 200: { description: 'The lines, the oldest first', schema: logsSchema } },
      async handle({ kiln, params, query }) {
        return Response.json(await latest(await existing(kiln, params.id), query))
      },
    }),
    route({
      method: 'GET',
      path: '/builds/{id}/log.txt',
      operationId: 'getBuildLogText',
      summary: 'The whole log so far, by the link of `logsUrl`',
      scope: 'open',
      params: buildId,
      query: z.object({ grant: z.string() }),
      answers: { 200: { description: 'One line of the log per line', schema: z.string(), type: 'text/plain' } },
      refusals: [403],
      async handle({ params, query }) {
        const grant = await parts.links.open('log', query.grant)
        if (grant === 'expired') throw new Refused('bad_signature', 'The link has expired.', { hint: 'Get the build for a new one.' })
        if (grant === 'bad_signature' || grant.id !== params.id) throw new Refused('bad_signature', 'The link is not as it was given.')
        const build = await existing(parts.engine.for(grant.tenant), params.id)
        const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
        return new Response(ReadableStream.from(text(build)), { headers })
      },
    }),
  ]
}

/** The last lines in front of a token, which is the number of an event. */
async function latest(build: Build, { limit, nextToken }: z.infer<typeof logsQuery>): Promise<z.infer<typeof logsSchema>> {
  const end = nextToken === undefined ? Number.POSITIVE_INFINITY : Number(nextToken)
  const lines: { readonly seq: number; readonly text: string }[] = []
  let [first, size, more] = [0, 0, false]
  for await (const event of build.events({ follow: false })) {
    if (event.seq >= end) break
    const line = lineOf(event)
    if (line === undefined) continue
    lines.push({ seq: event.seq, text: line })
    size += line.length
    for (; lines.length - first > limit || (size > pageBytes && lines.length - first > 1); first++) {
      size -= lines[first]!.text.length
      more = true
    }
    // what was passed is let go now and then, not line by line
    if (first > limit) first = (lines.splice(0, first), 0)
  }
  const page = lines.slice(first)
  return { logs: page.map((line) => line.text), ...(more && { nextToken: String(page[0]!.seq) }) }
}

async function* text(build: Build): AsyncGenerator<Uint8Array, void> {
  let [lines, size]: [string[], number] = [[], 0]
  for await (const event of build.events({ follow: false })) {
    const line = lineOf(event)
    if (line === undefined) continue
    lines.push(line)
    size += line.length
    if (size < chunkBytes) continue
    yield Buffer.from(`${lines.join('\n')}\n`)
    lines = []
    size = 0
  }
  if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`)
}

/** What people read of a build: its steps by their titles, what they print, what Kiln has to say, and how it ended. */
function lineOf(event: BuildEvent): string | undefined {
  switch (event.type) {
    case 'step-started':
      return event.title
    case 'log':
      return event.text
    case 'notice':
      return event.notice.message
    case 'state':
      return isFinal(event.state) ? event.error?.message : undefined
    case 'step-finished':
      return undefined
  }
}
