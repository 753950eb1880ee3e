import { setImmediate as turn } from 'node:timers/promises'
import type { BuildRecord, Kiln } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { api, buildSchema, present } from './record.ts'

const undeployedSchema = z
  .object({ agent_name: z.string(), latest_build: buildSchema, total_builds: z.int() })
  .meta({ id: 'UndeployedAgent' })

/** builds of one turn of the event loop: some ms; a store remembers shorter lists, and these would push out those of others */
const perPage = 250
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

interface Found {
  readonly latest: BuildRecord
  total: number
}

/** All builds once, the newest first, so that agents are found in the order of the answer; a page at a time: other requests do not wait. */
async function undeployed(kiln: Kiln, account: string, signal: AbortSignal): Promise<string> {
  const found = new Map<string, Found>()
  for await (const builds of pagesOf(kiln)) {
    for (const build of builds) add(found, build)
    await turn()
    signal.throwIfAborted()
  }
  const agents = [...found.values()].map(({ latest, total }) => {
    const build = present(latest, account)
    return JSON.stringify({ agent_name: build.agent_name, latest_build: build, total_builds: total })
  })
  return `[${agents.join(',')}]`
}

function add(found: Map<string, Found>, build: BuildRecord): void {
  const id = build.attributes['agent_id']
  const known = id === undefined ? undefined : found.get(id)
  if (known) known.total += 1
  else if (id !== undefined && found.size < most) found.set(id, { latest: build, total: 1 })
}

async function* pagesOf(kiln: Kiln): AsyncGenerator<readonly BuildRecord[], void> {
  for (let after: string | undefined; ;) {
    const builds = await kiln.list({ where: { api }, limit: perPage, ...(after !== undefined && { after }) })
    yield builds
    if (builds.length < perPage) return
    after = builds.at(-1)!.id
  }
}
