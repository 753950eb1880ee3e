import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { route, type Caller, type MakeApi } from '../../src/index.ts'
import { ask, plainApi, serve } from '../fixtures/api.ts'

const caller: Caller = { tenant: 'acme', id: 'k', kind: 'service_account', scopes: new Set(['build']) }
const authenticate = async ({ headers }: Request): Promise<Caller> => ({ ...caller, tenant: headers.get('x-tenant') ?? 'acme' })
const limits = { jsonPerTenant: 100, jsonInAll: 150 }
const headers = { 'content-type': 'application/json' }

function post(body: string, tenant = 'acme'): Request {
  const length = { 'content-length': String(body.length) }
  return ask('/one/things', { method: 'POST', headers: { ...headers, ...length, 'x-tenant': tenant }, body })
}

/** A body that has begun, and ends when it is told to. */
function begun(first: string, tenant = 'acme'): { readonly request: Request; end(rest: string): void } {
  let end: (rest: string) => void = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(first))
      end = (rest) => {
        controller.enqueue(Buffer.from(rest))
        controller.close()
      }
    },
  })
  const init = { method: 'POST', headers: { ...headers, 'x-tenant': tenant }, body, duplex: 'half' } as RequestInit
  return { request: ask('/one/things', init), end: (rest) => end(rest) }
}

async function codeOf(answer: Promise<Response>): Promise<unknown> {
  const response = await answer
  const { code } = (await response.json()) as { readonly code?: string }
  return [response.status, code, response.headers.get('retry-after')]
}

const ok = [200, undefined, null]
const full = [429, 'too_many_bodies', '2']
const text = (bytes: number): string => `{"files":{},"note":"${'a'.repeat(bytes - 22)}"}`

describe('JSON bodies in memory', () => {
  test('are bounded together for a tenant, whatever each of them is; another tenant has its own', async () => {
    await using served = serve({ authenticate, limits })
    const slow = begun(text(80).slice(0, 79))
    const first = served.handler(slow.request)
    await new Promise(setImmediate)
    expect(await codeOf(served.handler(post(text(30))))).toEqual(full)
    expect(await codeOf(served.handler(post(text(30), 'globex')))).toEqual(ok)
    // also one whose length is not told
    const other = begun(text(30).slice(0, 29))
    const second = served.handler(other.request)
    expect(await codeOf(second)).toEqual(full)
    slow.end('}')
    expect(await codeOf(first)).toEqual(ok)
    // its room is free again, and so is that of the refused ones
    expect(await codeOf(served.handler(post(text(100))))).toEqual(ok)
  })

  test('are bounded in all', async () => {
    await using served = serve({ authenticate, limits })
    const slow = begun(text(80).slice(0, 79))
    const first = served.handler(slow.request)
    await new Promise(setImmediate)
    expect(await codeOf(served.handler(post(text(80), 'globex')))).toEqual(full)
    slow.end('}')
    expect(await codeOf(first)).toEqual(ok)
    expect(await codeOf(served.handler(post(text(80), 'globex')))).toEqual(ok)
  })

  test('count until their answer, not only while they are read', async () => {
    const held = Promise.withResolvers<void>()
    const waiting: MakeApi = (parts) => ({
      ...plainApi('one', ['/one'])(parts),
      routes: [
        route({
          method: 'POST',
          path: '/things',
          operationId: 'wait',
          summary: 'waits',
          scope: 'build',
          body: { kind: 'json', schema: z.unknown() },
          answers: {},
          handle: async () => Response.json(await held.promise.then(() => ({}))),
        }),
      ],
    })
    await using served = serve({ authenticate, limits, apis: [waiting] })
    const first = served.handler(post(text(80)))
    await new Promise(setImmediate)
    expect(await codeOf(served.handler(post(text(30))))).toEqual(full)
    held.resolve()
    expect(await codeOf(first)).toEqual(ok)
    expect(await codeOf(served.handler(post(text(30))))).toEqual(ok)
  })
})
