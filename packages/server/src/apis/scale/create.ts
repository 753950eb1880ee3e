import { isBuildError, type Build, type BuildRecord, type Kiln } from '@kiln/core'
import { createHash } from 'node:crypto'
import { Response } from '../../answer.ts'
import { route, type AnyRoute, type Call } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import type { Form } from '../../uploads/uploads.ts'
import { agentWith, checkFree, documentOf, newAgent, repeated, takenName, type Agent } from './agents.ts'
import { checkEarly, checkFields, formSchema, type Fields } from './fields.ts'
import { api, buildSchema, present } from './record.ts'

/** From the last byte of the archive to the answer: the SDK waits for 60 s. */
const answerMs = 50_000

export function createRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/builds',
      operationId: 'createBuild',
      summary: 'Build an archive with a Dockerfile at its root, or register an image that is there',
      scope: 'build',
      body: { kind: 'raw', type: 'multipart/form-data', schema: formSchema },
      answers: { 200: { description: 'The build, durable', schema: buildSchema } },
      refusals: [400, 404, 429],
      handle: async (call) => Response.json(present(await create(parts, call), call.caller.tenant)),
    }),
  ]
}

type Asked = Pick<Call, 'request' | 'kiln' | 'caller' | 'signal'>

async function create(parts: Parts, call: Asked): Promise<BuildRecord> {
  const { uploads, limits, bodies, now } = parts
  const came = now()
  const { kiln, request, signal, caller } = call
  using room = bodies.of(caller.tenant)
  const form = await uploads.form(kiln, request, { max: limits.upload, room, signal, beforeFile: (given) => early(call, given, came) })
  const fields = checkFields(form.fields, form.file !== undefined)
  const { agent, isNew } = await agentOf(call, fields)
  const asked = digestOf([form.file?.digest, sorted(form.fields)])
  const first = isNew ? await repeated(kiln, agent, asked, came) : undefined
  if (first) return first
  try {
    const options = {
      attributes: attributesOf(call, fields, agent),
      ...(isNew && { documents: [documentOf(agent, asked)] }),
    }
    return (await accepted(parts, call, form, fields, options)).record
  } catch (error) {
    if (!isBuildError(error) || error.code !== 'document_exists') throw error
    // another request was faster: this one once more, or another one
    const winner = await repeated(kiln, agent, asked, came)
    if (winner) return winner
    throw takenName(agent)
  }
}

/** What makes reading the archive needless. */
async function early({ kiln, caller }: Asked, given: ReadonlyMap<string, string>, came: number): Promise<void> {
  checkEarly(given)
  const [name, id] = [given.get('agent_name'), given.get('agent_id')]
  if (name !== undefined) await checkFree(kiln, newAgent(caller.tenant, name), came)
  if (id !== undefined) await agentWith(kiln, id)
}

async function agentOf({ kiln, caller }: Asked, { agent }: Fields): Promise<{ readonly agent: Agent; readonly isNew: boolean }> {
  if ('id' in agent) return { agent: await agentWith(kiln, agent.id), isNew: false }
  return { agent: newAgent(caller.tenant, agent.name), isNew: true }
}

function attributesOf({ caller }: Asked, { attributes, imageTag }: Fields, agent: Agent): Readonly<Record<string, string>> {
  return {
    ...attributes,
    api,
    agent_id: agent.id,
    agent_name: agent.name,
    image_tag: imageTag,
    created_by: caller.id,
    created_by_type: caller.kind,
  }
}

type Options = Pick<Parameters<Kiln['build']>[0], 'attributes' | 'documents'>

async function accepted(
  { uploads, limits }: Parts,
  { kiln, signal }: Asked,
  { file }: Form,
  fields: Fields,
  options: Options,
): Promise<Build> {
  const { imageName: name, imageUrl, args, platform } = fields
  if (!file) return registered(kiln, name, imageUrl!, options)
  const late = AbortSignal.timeout(answerMs)
  const until = AbortSignal.any([signal, late])
  const request = {
    name,
    source: () => uploads.open(kiln, file.digest, { signal: until, max: limits.upload }),
    fingerprint: `scale ${digestOf([file.digest, sorted(Object.entries(args)), platform])}`,
    how: { dockerfile: 'Dockerfile' },
    args,
    ...(platform && { platforms: [platform] }),
    tags: [fields.imageTag],
  }
  try {
    return await kiln.build({ ...request, ...options }, { signal: until })
  } catch (error) {
    if (late.aborted && !signal.aborted && !isBuildError(error))
      throw new Refused('timed_out', 'The archive could not be taken in within the time for an answer.')
    throw error
  }
}

async function registered(kiln: Kiln, name: string, image: string, options: Options): Promise<Build> {
  return kiln.register({ name, image, ...options })
}

function sorted(entries: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
}

function digestOf(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
