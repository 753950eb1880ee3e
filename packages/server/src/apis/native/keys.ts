import { BuildError } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute, type Caller } from '../../api.ts'
import type { KeyRecord, Keys } from '../../auth/keys.ts'

const scope = z.enum(['read', 'build', 'deploy', 'admin'])
const recordSchema = z
  .looseObject({ id: z.string(), tenant: z.string(), name: z.string(), scopes: z.array(scope), createdAt: z.number() })
  .meta({ id: 'Key' })
const newSchema = z.object({ key: z.string().describe('shown this once'), record: recordSchema }).meta({ id: 'NewKey' })
const params = z.object({ id: z.string() })

/** A tenant's own keys, where the server's keys are Kiln's. */
export function keyRoutes(keys: Keys): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/keys',
      operationId: 'listKeys',
      summary: "The tenant's API keys, without their secrets",
      scope: 'admin',
      answers: { 200: { description: 'All keys', schema: z.object({ keys: z.array(recordSchema) }) } },
      handle: async ({ caller }) => Response.json({ keys: await keys.list(caller.tenant) }),
    }),
    route({
      method: 'POST',
      path: '/keys',
      operationId: 'createKey',
      summary: 'Make an API key of this tenant, with any scopes; default read and build',
      scope: 'admin',
      body: {
        kind: 'json',
        schema: z.strictObject({
          name: z.string().max(200).optional(),
          scopes: z.array(scope).min(1).optional(),
          expiresAt: z.int().optional(),
        }),
      },
      answers: { 201: { description: 'The key', schema: newSchema } },
      async handle({ caller, body: { name, scopes, expiresAt } }) {
        const wanted = {
          tenant: caller.tenant,
          ...(name !== undefined && { name }),
          ...(scopes && { scopes }),
          ...(expiresAt !== undefined && { expiresAt }),
        }
        return Response.json(await keys.create(wanted), { status: 201 })
      },
    }),
    route({
      method: 'POST',
      path: '/keys/{id}/rotate',
      operationId: 'rotateKey',
      summary: 'Give a key another secret; the old one ends at once',
      scope: 'admin',
      params,
      answers: { 200: { description: 'The key', schema: newSchema } },
      async handle({ caller, params: { id } }) {
        await own(keys, caller, id)
        return Response.json(await keys.rotate(id))
      },
    }),
    route({
      method: 'DELETE',
      path: '/keys/{id}',
      operationId: 'revokeKey',
      summary: 'Revoke a key for good',
      scope: 'admin',
      whileDraining: true,
      params,
      answers: { 200: { description: 'The revoked key', schema: recordSchema } },
      async handle({ caller, params: { id } }) {
        await own(keys, caller, id)
        return Response.json(await keys.revoke(id))
      },
    }),
  ]
}

async function own(keys: Keys, { tenant }: Caller, id: string): Promise<KeyRecord> {
  const found = (await keys.list(tenant)).find((key) => key.id === id)
  if (!found) throw new BuildError('not_found', 'There is no key with this id.')
  return found
}
