// Cases 79 to 83: names, arguments, lists.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import { each, form, scaleForm, type Row } from './row.ts'
import { badNames } from './runagents-files.ts'
import { create, path } from './scale-request.ts'

export const names: readonly Row[] = [
  ...each(
    Object.fromEntries(
      Object.entries(badNames).filter(([, name]) => typeof name === 'string' && name !== 'con' && !/[:@/]/.test(name)),
    ) as Record<string, string>,
    (name) => ({
      id: 79,
      what: 'image_name',
      ask: create({ image_name: name }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_name']),
    }),
  ),
  ...each(
    {
      empty: '',
      '-x': '-x',
      '129 characters': 'a'.repeat(129),
      'a b': 'a b',
      'latest@sha256:0': 'latest@sha256:0',
      '../x': '../x',
      'a line feed': 'a\n',
    },
    (tag) => ({
      id: 79,
      what: 'image_tag',
      ask: create({ image_tag: tag }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_tag']),
    }),
  ),
  ...each(
    {
      'evil.io/x': 'evil.io/x',
      'localhost:5000/x': 'localhost:5000/x',
      '169.254.169.254/x': '169.254.169.254/x',
      'a/b': 'a/b',
      'a:b': 'a:b',
      'a@sha256:0': 'a@sha256:0',
    },
    (name) => ({
      id: 80,
      what: 'image_name with a registry, path, tag or digest',
      ask: create({ image_name: name }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_name']),
    }),
  ),
  ...each(
    { 'with a line feed': 'a\nb', 'with a space': 'a b', empty: '', 'of 513 characters': 'x'.repeat(513), 'not ASCII': 'ä' },
    (url) => ({
      id: 80,
      what: 'image_url',
      ask: form(path, scaleForm({ image_url: url }).slice(0, 3)),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_url']),
    }),
  ),
  ...each(
    {
      'no JSON': 'x',
      'a list': '["a"]',
      null: 'null',
      '--x': '{"--x":"1"}',
      'a=b': '{"a=b":"1"}',
      BUILDKIT_SYNTAX: '{"BUILDKIT_SYNTAX":"evil/x"}',
      DOCKER_HOST: '{"DOCKER_HOST":"tcp://x"}',
      __proto__: '{"__proto__":"x"}',
      'a number': '{"A":1}',
      '101 of them': JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`A${n}`, 'x']))),
      'a value with NUL': String.raw`{"A":"a\u0000b"}`,
      '1,000 levels': `{"A":${'['.repeat(1000)}${']'.repeat(1000)}}`,
    },
    (args) => ({
      id: 81,
      what: 'build_args',
      ask: create({ build_args: args }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc[0]).toBe('body'),
    }),
  ),
  {
    id: 81,
    what: 'a build argument with a line feed: passed on as it is',
    ask: create({ build_args: JSON.stringify({ A: 'x\nRUN id' }) }),
    status: 200,
    async then({ json: { id, cloud_provider_build_id: run } }, world) {
      await world.ended(id)
      expect(world.driver.jobs.find((job) => job.run === run)?.args).toEqual({ A: 'x\nRUN id' })
    },
  },
]

export const lists: readonly Row[] = [
  ...each(
    {
      'limit=0': 'limit=0',
      'limit=-1': 'limit=-1',
      'limit=10001': 'limit=10001',
      'limit=1e9': 'limit=1e9',
      'limit=abc': 'limit=abc',
      'limit=1.5': 'limit=1.5',
      'limit=': 'limit=',
      'limit twice': 'limit=1&limit=2',
      'sort_by=password': 'sort_by=password',
      'sort_order=x': 'sort_order=x',
      'both cursors': 'starting_after=a&ending_before=b',
      'a cursor of nobody': 'starting_after=01900000-0000-7000-8000-000000000000',
      'a cursor that is garbage': 'ending_before=%27%3B',
      'a cursor with NUL': 'starting_after=%00',
      'an agent twice': 'agent_name=a&agent_name=b',
    },
    (query) => ({
      id: query.startsWith('agent') ? 83 : 82,
      what: 'a list',
      ask: { path: `${path}?${query}` },
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc[0]).toBe('query'),
    }),
  ),
  {
    id: 82,
    what: "a cursor of another tenant's build: as garbage",
    async ask(world) {
      const { json: theirs } = await world.ask({ ...create({}), as: 'other' })
      const [foreign, garbage] = [
        await world.ask({ path: `${path}?starting_after=${theirs.id}` }),
        await world.ask({ path: `${path}?starting_after=nothing` }),
      ]
      expect(foreign.text).toBe(garbage.text)
      return [foreign, garbage]
    },
    status: 422,
  },
  ...each({ '%': '%25', "'": '%27', '*': '*', NUL: '%00', 'a long one': 'a'.repeat(8000) }, (name) => ({
    id: 83,
    what: 'agent_name, literally',
    ask: { path: `${path}?agent_name=${name}` },
    status: 200,
    then: ({ json: { items } }) => expect(items).toEqual([]),
  })),
  {
    id: 83,
    what: 'agent_name of 1 MB',
    ask: { path: `${path}?agent_name=${'a'.repeat(1_000_000)}` },
    status: 431,
    code: 'headers_too_large',
  },
  {
    id: 89,
    what: '`undeployed` is no build',
    ask: { path: `${path}/undeployed` },
    status: 200,
    then: ({ json: all }) => expect(Array.isArray(all)).toBe(true),
  },
  { id: 89, what: '`undeployed` cannot be cancelled', ask: { path: `${path}/undeployed/cancel`, method: 'POST' }, status: 404 },
]
