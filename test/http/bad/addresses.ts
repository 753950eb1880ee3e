// Cases 8 to 10: ids, methods, paths.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import type { Reply } from '../wire.ts'
import { nativeGood, operations, unknownId, type Operation } from './everywhere.ts'
import { each, form, json, scaleForm, type Row } from './row.ts'

/** What reads or changes one build, by its id. */
const ofOne: readonly ((id: string) => Operation)[] = [
  ...['', '/events', '/plan', '/recipe', '/dockerfile', '/context', '/miss'].map((rest) => (id: string) => ({
    method: 'GET',
    path: `/kiln/v1/builds/${id}${rest}`,
  })),
  (id) => ({ method: 'POST', path: `/kiln/v1/builds/${id}/cancel` }),
  (id) => ({ method: 'DELETE', path: `/kiln/v1/builds/${id}` }),
  (id) => ({ method: 'GET', path: `/api/v1/builds/build-${id.replaceAll('-', '')}` }),
  (id) => ({ method: 'GET', path: `/v5/builds/${id}` }),
  (id) => ({ method: 'GET', path: `/v5/builds/${id}/logs` }),
  (id) => ({ method: 'POST', path: `/v5/builds/${id}/cancel` }),
  (id) => ({ method: 'GET', path: `/v1/builds/${id}` }),
  (id) => ({ method: 'GET', path: `/v1/builds/${id}/logs` }),
]

export const addresses: readonly Row[] = [
  {
    id: 8,
    what: "another tenant's builds answer as unknown ones",
    async ask(world) {
      const { json: made } = await world.ask({ ...json('/kiln/v1/builds', nativeGood), as: 'other' })
      const { json: theirs } = await world.ask({ ...form('/v5/builds', scaleForm({ agent_name: 'of-other' })), as: 'other' })
      await world.ended(made.id, 'other')
      const replies: Reply[] = []
      for (const id of [made.id, theirs.id])
        for (const one of ofOne) {
          const [foreign, unknown] = [await world.ask(one(id)), await world.ask(one(unknownId))]
          expect(foreign.text).toBe(unknown.text)
          replies.push(foreign, unknown)
        }
      return replies
    },
    status: 404,
    code: 'not_found',
    async then(_reply, world) {
      for (const path of ['/kiln/v1/builds', '/v5/builds', '/v1/builds', '/v5/builds/undeployed']) {
        const { text } = await world.ask({ path })
        for (const { id } of await world.engine.for('other').list({ limit: 100 })) expect(text).not.toContain(id)
      }
    },
  },
  ...each(
    {
      '../x': { path: '../x' },
      '%2e%2e%2f': { path: '%2e%2e%2f' },
      '%00': { path: '%00' },
      '; DROP': { path: "'%3B%20DROP%20TABLE%20builds" },
      'an uppercase uuid': { path: unknownId.toUpperCase().replace('0190', 'ABCD') },
      'percent alone': { path: '%' },
      'no UTF-8': { path: '%ff%fe' },
      __proto__: { path: '__proto__' },
    },
    ({ path }) => ({
      id: 9,
      what: 'an id',
      ask: (world) =>
        Promise.all(['/kiln/v1/builds/', '/api/v1/builds/', '/v5/builds/'].map((prefix) => world.ask({ path: prefix + path }))),
      status: 404,
    }),
  ),
  ...each(
    { '%2e%2e%2f': '%2e%2e%2f', '%00': '%00', '; DROP': "'%3B%20DROP", 'percent alone': '%', 'no uuid': 'x' },
    // as that API documents it
    (path) => ({
      id: 9,
      what: 'an id of Pipecat that is no UUID',
      ask: { path: `/v1/builds/${path}` },
      status: 400,
      code: 'invalid_input',
    }),
  ),
  {
    id: 9,
    what: 'an id of Pipecat: an uppercase uuid',
    ask: { path: `/v1/builds/${unknownId.toUpperCase()}` },
    status: 404,
    code: 'not_found',
  },
  { id: 9, what: 'an id of 1 MB', ask: { path: `/v1/builds/${'a'.repeat(1_000_000)}` }, status: 431, code: 'headers_too_large' },
  {
    id: 10,
    what: 'a wrong method, at every path',
    async ask(world) {
      const paths = new Set((await operations(world)).map(({ path }) => path))
      const replies: Reply[] = []
      for (const path of paths)
        for (const method of ['PATCH', 'TRACE', 'PROPFIND']) {
          const reply = await world.ask({ path, method })
          expect(reply.headers.get('allow')).toMatch(/^[A-Z]+(, [A-Z]+)*, OPTIONS$/)
          replies.push(reply)
        }
      return replies
    },
    status: 405,
  },
  {
    id: 10,
    what: 'an unknown path, below every prefix',
    ask: (world) =>
      Promise.all(
        [
          '/',
          '/x',
          '/kiln/v1/x',
          '/kiln/v1',
          '/api/v1/x',
          '/api/x',
          '/ingestion/x',
          '/v5/x',
          '/public/v5/x',
          '/v1/x',
          '/v1/organizations/acme/x',
          '//v1/builds',
          '/v1/builds/',
        ].map((path) => world.ask({ path })),
      ),
    status: 404,
  },
  {
    id: 10,
    what: 'X-HTTP-Method-Override is not looked at',
    ask: { path: '/v5/builds', headers: [['x-http-method-override', 'DELETE']] },
    status: 200,
  },
]
