// What is asked at every operation of every API.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import type { Ask, Reply } from '../wire.ts'
import type { Caller, World } from '../world.ts'

export const unknownId = '01900000-0000-7000-8000-000000000000'

/** One operation that reads and one that writes, of each API. */
export const reads: Readonly<Record<string, string>> = {
  native: '/kiln/v1/builds',
  runagents: `/api/v1/builds/build-${unknownId.replaceAll('-', '')}`,
  scale: '/v5/builds',
  pipecat: '/v1/builds',
}
const writes: Readonly<Record<string, string>> = {
  native: '/kiln/v1/builds',
  runagents: '/api/v1/builds',
  scale: '/v5/builds',
  pipecat: '/v1/builds',
}
export const jsonWrites = { native: writes['native']!, runagents: writes['runagents']!, pipecat: writes['pipecat']! }

export const good = { name: 'web', files: { Dockerfile: 'FROM scratch\nCOPY . .\n' } }
export const nativeGood = { name: 'web', source: { files: good.files }, dockerfile: 'Dockerfile' }

export interface Operation {
  readonly method: string
  readonly path: string
}

/** Every operation of the four documents that needs a key. */
export async function operations(world: World): Promise<readonly Operation[]> {
  const found: Operation[] = []
  for (const api of Object.keys(reads)) {
    const { json: document } = await world.ask({ path: `/openapi/${api}.json`, as: '' })
    for (const [path, place] of Object.entries<Record<string, { security?: unknown[] }>>(document.paths))
      for (const [method, { security }] of Object.entries(place))
        if (security?.length !== 0)
          found.push({
            method: method.toUpperCase(),
            path: path.replace(/\{digest\}/, `sha256:${'0'.repeat(64)}`).replaceAll(/\{\w+\}/g, unknownId),
          })
  }
  return found
}

export async function everywhere(
  world: World,
  ask: (operation: Operation) => Partial<Ask>,
  as: Caller | '' = '',
): Promise<readonly Reply[]> {
  const all = await operations(world)
  expect(all.length).toBeGreaterThan(35)
  return Promise.all(all.map((operation) => world.ask({ ...operation, ...ask(operation), as })))
}

export const header = (name: string, value: string): Partial<Ask> => ({ headers: [[name, value]] })

export function retryable({ headers }: Reply): void {
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}
