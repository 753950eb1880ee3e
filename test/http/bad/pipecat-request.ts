// A client of Pipecat: tickets, uploads, builds.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import { packed } from '../tar.ts'
import type { Reply } from '../wire.ts'
import type { Caller, World } from '../world.ts'
import { form, json, type Asked, type Part } from './row.ts'

export interface Ticket {
  readonly uploadId: string
  readonly uploadUrl: string
  readonly uploadFields: Readonly<Record<string, string>>
}

export async function ticket(world: World, as: Caller = 'acme'): Promise<Ticket> {
  const { json: made, status } = await world.ask({ ...json('/v1/builds/upload-url', {}), as })
  expect(status).toBe(200)
  return made as Ticket
}

let numbers = 0
/** An archive that no other case has. */
export const context = (more: Readonly<Record<string, string>> = {}): Buffer =>
  packed({ Dockerfile: `FROM scratch\n# ${(numbers += 1)}\n`, ...more })

export function parts(fields: Readonly<Record<string, string>>, bytes: Uint8Array = context()): readonly Part[] {
  return [...Object.entries(fields).map(([name, body]) => ({ name, body })), { name: 'file', file: 'context.tar.gz', body: bytes }]
}

/** To the address that was given, without a key. */
export function upload(world: World, { uploadUrl, uploadFields }: Ticket, bytes?: Uint8Array, more: Partial<Asked> = {}): Promise<Reply> {
  return world.ask({ ...form(uploadUrl.slice(world.address.length), parts(uploadFields, bytes)), ...more, as: '' })
}

export async function uploaded(world: World, bytes?: Uint8Array, as: Caller = 'acme'): Promise<string> {
  const given = await ticket(world, as)
  expect((await upload(world, given, bytes)).status).toBe(204)
  return given.uploadId
}

export const build = (world: World, uploadId: unknown, more: object = {}, as: Caller = 'acme'): Promise<Reply> =>
  world.ask({ ...json('/v1/builds', { uploadId, ...more }), as })

/** Uploads, builds, and waits for the end. */
export async function built(world: World, bytes: Uint8Array, more: object = {}, as: Caller = 'acme'): Promise<Reply> {
  const reply = await build(world, await uploaded(world, bytes, as), more, as)
  if (reply.json.build) await world.ended(reply.json.build.id, as)
  return reply
}

export const flip = (text: string, at: number): string => `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
