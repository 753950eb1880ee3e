import { setImmediate as turn } from 'node:timers/promises'
import type { Kiln } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { agentsOf, type Agent } from './agents.ts'
import { api, buildSchema, present } from './record.ts'

const undeployedSchema = z
  .object({ agent_name: z.string(), latest_build: buildSchema, total_builds: z.int() })
  .meta({ id: 'UndeployedAgent' })

/** agents that are looked for in one turn of the event loop: some ms */
const perTurn = 20
/** agents of an answer */
const most = 10_000

export function undeployedRoutes(): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds/undeployed',
      operationId: 'listUndeployed',
      summary: 'Agents that were built and never deployed, each with its newest build',
      description: `The ${most} with the newest builds, where there are more.`,
      scope: 'read',
      answers: { 200: { description: 'The agents', schema: z.array(undeployedSchema) } },
      handle: async ({ kiln, caller, signal }) =>
        new Response(await undeployed(kiln, caller.tenant, signal), { headers: { 'content-type': 'application/json' } }),
    }),
  ]
}

interface Shown {
  readonly name: string
  /** of the newest build, ms since the epoch */
  readonly at: number
  /** JSON */
  readonly text: string
}

/** Some agents at a time, so that other requests do not wait; those with the newest builds first. */
async function undeployed(kiln: Kiln, account: string, signal: AbortSignal): Promise<string> {
  let found: Shown[] = []
  for await (const agents of agentsOf(kiln, perTurn)) {
    for (const one of await Promise.all(agents.map((agent) => shown(kiln, agent, account)))) if (one) found.push(one)
    if (found.length > 2 * most) found = newest(found)
    await turn()
    signal.throwIfAborted()
  }
  return `[${newest(found)
    .map(({ text }) => text)
    .join(',')}]`
}

function newest(found: readonly Shown[]): Shown[] {
  return found.toSorted((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1)).slice(0, most)
}

/** Undefined once its builds are removed, whose name stays its own; and where a build of another API, with free attributes, has its id. */
async function shown(kiln: Kiln, { id, name }: Agent, account: string): Promise<Shown | undefined> {
  // by the id alone, which nobody else uses: one fact is found at once, two have to be weighed
  const where = { agent_id: id }
  const [[latest], total] = await Promise.all([kiln.list({ where, limit: 1 }), kiln.count({ where })])
  if (latest?.attributes['api'] !== api) return undefined
  const agent = { agent_name: name, latest_build: present(latest, account), total_builds: total }
  return { name, at: latest.acceptedAt, text: JSON.stringify(agent) }
}
