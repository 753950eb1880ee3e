// Cases 1 to 7: who asks.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import type { Reply } from '../wire.ts'
import { everywhere, good, header, operations, reads, unknownId } from './everywhere.ts'
import { each, form, json, scaleForm, type Row } from './row.ts'

const challenged = (reply: Reply): void => {
  expect(reply.headers.get('www-authenticate')).toBe('Bearer')
  expect(['unauthorized', '401']).toContain(reply.json.code)
}

export const authorization: readonly Row[] = [
  { id: 1, what: 'no key, at every operation', ask: (world) => everywhere(world, () => ({})), status: 401, then: challenged },
  ...each(
    {
      'Basic x': 'Basic x',
      'an empty Bearer': 'Bearer',
      'a Bearer of two words': 'Bearer a b',
      'no scheme': 'kiln_0_0',
      'a key that is none': `Bearer kiln_${'0'.repeat(16)}`,
    },
    (value) => ({
      id: 2,
      what: 'authorization',
      ask: (world) => everywhere(world, () => header('authorization', value)),
      status: 401,
      then: challenged,
    }),
  ),
  ...each({ 'x-api-key': 'x-api-key', 'x-runagents-api-key': 'x-runagents-api-key' }, (name) => ({
    id: 2,
    what: 'a wrong key in another header',
    ask: (world) => everywhere(world, () => header(name, 'nope')),
    status: 401,
    then: challenged,
  })),
  {
    id: 2,
    what: 'a token of 64 KiB',
    ask: (world) => world.ask({ path: '/v1/builds', as: '', headers: [['authorization', `Bearer ${'a'.repeat(65_536)}`]] }),
    status: 431,
    code: 'headers_too_large',
  },
  {
    id: 3,
    what: 'a known id with a wrong secret, a revoked and an expired key: one answer',
    async ask(world) {
      const wrong = `${world.keys.acme.slice(0, -1)}${world.keys.acme.endsWith('0') ? '1' : '0'}`
      const replies: Reply[] = []
      for (const key of [wrong, world.keys.revoked, world.keys.expired])
        for (const path of Object.values(reads))
          replies.push(await world.ask({ path, as: '', headers: [['authorization', `Bearer ${key}`]] }))
      for (const [at, { text }] of replies.entries()) expect(text).toBe(replies[at % 4]!.text)
      return replies
    },
    status: 401,
    then: challenged,
  },
  {
    id: 4,
    what: 'a good key in the query',
    ask: (world) =>
      Promise.all(
        Object.values(reads).flatMap((path) =>
          ['api_key', 'token', 'key', 'access_token'].map((name) => world.ask({ path: `${path}?${name}=${world.keys.acme}`, as: '' })),
        ),
      ),
    status: 401,
    then: challenged,
  },
  {
    id: 5,
    what: 'two Authorization headers, one of them good',
    ask: (world) =>
      Promise.all(
        Object.values(reads).flatMap((path) =>
          [
            [world.keys.acme, 'x'],
            ['x', world.keys.acme],
            [world.keys.acme, world.keys.other],
          ].map(([a, b]) =>
            world.ask({
              path,
              as: '',
              headers: [
                ['authorization', `Bearer ${a}`],
                ['authorization', `Bearer ${b}`],
              ],
            }),
          ),
        ),
      ),
    status: 401,
    then: challenged,
  },
  {
    id: 5,
    what: 'two different keys in two headers',
    ask: (world) =>
      Promise.all(
        Object.values(reads).map((path) =>
          world.ask({
            path,
            as: '',
            headers: [
              ['authorization', `Bearer ${world.keys.acme}`],
              ['x-api-key', world.keys.other],
            ],
          }),
        ),
      ),
    status: 401,
    then: challenged,
  },
  {
    id: 6,
    what: 'a key that may only read, at every operation that writes',
    async ask(world) {
      const all = (await operations(world)).filter(({ method }) => method !== 'GET')
      return Promise.all(all.map((operation) => world.ask({ ...operation, as: 'reader' })))
    },
    status: 403,
    code: 'forbidden',
  },
  { id: 6, what: "a key without admin, at the tenant's keys", ask: { path: '/kiln/v1/keys' }, status: 403, code: 'forbidden' },
  {
    id: 6,
    what: 'a key cannot make one that may do more',
    ask: json('/kiln/v1/keys', { scopes: ['admin'] }),
    status: 403,
    code: 'forbidden',
  },
  ...each(
    {
      'RunAgents header': {
        ...json('/api/v1/builds', good),
        headers: [
          ['content-type', 'application/json'],
          ['x-workspace-namespace', 'other'],
        ] as const,
      },
      'RunAgents path': json('/api/v1/workspaces/other/builds', good),
      'Scale account': form('/v5/builds', scaleForm(), {
        headers: [
          ['content-type', 'multipart/form-data; boundary=a-boundary-of-ours'],
          ['x-selected-account-id', 'other'],
        ],
      }),
      'Pipecat organization': json('/v1/organizations/other/builds', { uploadId: unknownId }),
      'Pipecat organization, list': { path: '/v1/organizations/other/builds' },
    },
    (ask) => ({ id: 7, what: "another tenant's name", ask, status: 403, code: 'forbidden' }),
  ),
  {
    id: 7,
    what: "a body's namespace that is not the header's",
    ask: json('/api/v1/builds', { ...good, namespace: 'other' }, { headers: [['x-workspace-namespace', 'acme']] }),
    status: 400,
    code: 'namespace_mismatch',
  },
  {
    id: 7,
    what: "a body's namespace that is another tenant's",
    ask: json('/api/v1/builds', { ...good, namespace: 'other' }),
    status: 400,
    code: 'namespace_mismatch',
  },
]
