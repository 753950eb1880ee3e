import { createHash } from 'node:crypto'
import type { BuildRecord, Kiln, NewDocument } from '@kiln/core'
import { Refused } from '../../refusal.ts'
import { api } from './record.ts'

/** What a client that lost our answer may take to send everything again. */
const repeatMs = 60_000
const kind = 'scale-agent'

export interface Agent {
  readonly id: string
  readonly name: string
}

/** An agent's id comes from its name, so that one document keeps both unique in an account. */
export function newAgent(account: string, name: string): Agent {
  const hex = createHash('sha256')
    .update(JSON.stringify([kind, account, name]))
    .digest('hex')
  // version 8 (RFC 9562): made by a rule of our own
  return { id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`, name }
}

/** Written with the agent's first build, in one commit. `request` is what a repeat of it is known by. */
export function documentOf({ id, name }: Agent, request: string): NewDocument {
  return { kind, name: id, value: { name, request } }
}

interface Known extends Agent {
  readonly request: string
}

async function known(kiln: Kiln, id: string): Promise<Known | undefined> {
  const [document] = await kiln.documents.read(kind, { name: id, limit: 1 })
  if (!document) return undefined
  const { name, request } = document.value as { readonly name: string; readonly request: string }
  return { id, name, request }
}

/** Throws `agent_not_found`. */
export async function agentWith(kiln: Kiln, id: string): Promise<Agent> {
  const agent = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? await known(kiln, id) : undefined
  if (!agent) throw new Refused('agent_not_found', 'There is no agent with this agent_id.')
  return agent
}

/** Throws `agent_name_taken` when no repeat could be meant: the agent's first build is too old for it. */
export async function checkFree(kiln: Kiln, agent: Agent, came: number): Promise<void> {
  const taken = await known(kiln, agent.id)
  if (taken && !(await recentFirst(kiln, agent, came))) throw takenName(agent)
}

/** The first build of a name, when this request is the same once more. Throws `agent_name_taken` when it is another. */
export async function repeated(kiln: Kiln, agent: Agent, request: string, came: number): Promise<BuildRecord | undefined> {
  const taken = await known(kiln, agent.id)
  if (!taken) return undefined
  const first = taken.request === request ? await recentFirst(kiln, agent, came) : undefined
  if (!first) throw takenName(agent)
  return first
}

async function recentFirst(kiln: Kiln, { id }: Agent, came: number): Promise<BuildRecord | undefined> {
  const [first] = await kiln.list({ where: { api, agent_id: id }, order: 'asc', limit: 1 })
  return first && first.acceptedAt > came - repeatMs ? first : undefined
}

export function takenName({ name }: Agent): Refused {
  return new Refused('agent_name_taken', `The agent name "${name}" is taken; its id is for further builds of it.`)
}
