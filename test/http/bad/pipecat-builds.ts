// Cases 97 to 109, and 82 to 84 and 91 of Pipecat: builds, lists, logs.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { readFileSync as readSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { gz, tar } from '../tar.ts'
import { world as newWorld, type Caller, type World } from '../world.ts'
import { build, built, context, flip, ticket, uploaded } from './pipecat-request.ts'
import { each, json, type Row } from './row.ts'

export const builds: readonly Row[] = [
  {
    id: 97,
    what: 'an upload that is unknown, no UUID, of another tenant, not there yet or expired: one answer',
    async ask(world) {
      const theirs = await uploaded(world, undefined, 'other')
      const open = await ticket(world)
      const replies = await Promise.all(
        ['01900000-0000-7000-8000-000000000000', 'x', '__proto__', "'; DROP", theirs, open.uploadId].map((id) => build(world, id)),
      )
      const mine = await uploaded(world)
      world.clock.ahead += 15 * 60_000 + 1
      replies.push(await build(world, mine))
      world.clock.ahead = 0
      for (const { text } of replies) expect(text).toBe(replies[0]!.text)
      return replies
    },
    status: 400,
    code: 'upload_not_found',
  },
  ...each({ none: undefined, 'a number': 5, null: null, 'a list': ['x'] }, (uploadId) => ({
    id: 97,
    what: 'an uploadId',
    ask: json('/v1/builds', { uploadId }),
    status: 400,
    code: 'invalid_input',
  })),
  {
    id: 98,
    what: "another region than the upload's",
    async ask() {
      const regions = ['us-west', 'us-east'].map((code) => ({ code, displayName: code, enabled: true }))
      await using two = await newWorld({ handler: { regions: { default: 'us-west', all: regions } } })
      const reply = await build(two, await uploaded(two), { region: 'us-east' })
      expect(await two.builds()).toBe(0)
      return reply
    },
    status: 400,
    code: 'region_mismatch',
  },
  ...each(
    {
      'leads out': '../../etc/passwd',
      'is absolute': '/etc/passwd',
      'leads out later': 'a/../../x',
      'has a backslash': 'a\\b',
      'is -': '-',
      'is a URL': 'http://x/Dockerfile',
      'is a dot': '.',
      'ends in a slash': 'dir/',
      'has NUL': 'a\0b',
      'has 5,000 characters': 'a/'.repeat(2500),
      'has a part of 300': 'a'.repeat(300),
      'is empty': '',
      'has a line feed': 'Dockerfile\n',
      'has ..': 'docker/../Dockerfile',
      'is a number': 5,
    },
    (dockerfilePath, name) => ({
      id: name === 'has ..' ? 101 : 99,
      what: 'a dockerfilePath that',
      ask: async (world: World) => build(world, await uploaded(world), { dockerfilePath }),
      status: 400,
      code: 'invalid_dockerfile_path',
      then: ({ text }) => expect(text).not.toContain('root:'),
    }),
  ),
  ...each(
    { missing: 'nothing', 'a directory': 'src', 'in another case': 'dockerfile', 'below a file': 'Dockerfile/x' },
    (dockerfilePath) => ({
      id: 100,
      what: 'a dockerfilePath',
      ask: async (world: World) => build(world, await uploaded(world, context({ 'src/a': 'x' })), { dockerfilePath }),
      status: 400,
      code: 'dockerfile_not_found',
    }),
  ),
  {
    id: 100,
    what: 'a dockerfilePath that is a link out of the archive',
    ask: async (world) =>
      build(world, await uploaded(world, gz({ path: 'linked', type: '2', link: '/etc/passwd' })), { dockerfilePath: 'linked' }),
    status: 400,
    code: 'link_outside',
  },
  {
    id: 100,
    what: 'a dockerfilePath that is a link inside',
    ask: async (world) =>
      build(world, await uploaded(world, gz({ path: 'linked', type: '2', link: 'Dockerfile' })), { dockerfilePath: 'linked' }),
    status: 400,
    code: 'dockerfile_not_found',
  },
  {
    id: 101,
    what: './Dockerfile is Dockerfile: one look-up',
    async ask(world) {
      const bytes = context()
      await built(world, bytes, { dockerfilePath: 'Dockerfile' })
      const again = await built(world, bytes, { dockerfilePath: './Dockerfile' })
      expect([again.json.cached, again.json.build.dockerfilePath]).toEqual([true, 'Dockerfile'])
      return again
    },
    status: 200,
  },
  {
    id: 102,
    what: 'the same bytes of two tenants: two builds and two images',
    async ask(world) {
      const bytes = context()
      const [mine, theirs] = [await built(world, bytes), await built(world, bytes, {}, 'other')]
      const uri = async (id: string, as: Caller): Promise<string> =>
        (await world.ask({ path: `/v1/builds/${id}`, as })).json.build.imageUri as string
      const [a, b] = [await uri(mine.json.build.id, 'acme'), await uri(theirs.json.build.id, 'other')]
      expect([mine.json.cached, theirs.json.cached, a === b]).toEqual([false, false, false])
      return [mine, theirs]
    },
    status: 201,
  },
  {
    id: 104,
    what: 'the same tree packed otherwise: another hash outside, the same run inside',
    async ask(world) {
      const body = `FROM scratch\n# ${crypto.randomUUID()}\n`
      const one = await built(world, tar({ path: 'Dockerfile', body }, { path: 'a', body: 'x' }))
      const two = await built(world, tar({ path: 'a', body: 'x', mtime: 1_700_000_000, uid: 7 }, { path: 'Dockerfile', body, mode: 0o600 }))
      expect(one.json.contextHash).not.toBe(two.json.contextHash)
      const records = await Promise.all([one, two].map(({ json: { build: of } }) => world.ask({ path: `/kiln/v1/builds/${of.id}` })))
      expect(records[0]!.json.key).toBe(records[1]!.json.key)
      expect(records[1]!.json.reuse).toBe('hit')
      return [one, two]
    },
    status: 201,
  },
  {
    id: 106,
    what: 'the image of an earlier build is gone: built again',
    async ask(world) {
      const bytes = context()
      await built(world, bytes)
      expect((await built(world, bytes)).json.cached).toBe(true)
      world.driver.stored.clear()
      const reply = await built(world, bytes)
      expect(reply.json.cached).toBe(false)
      return reply
    },
    status: 201,
  },
  {
    id: 107,
    what: 'a build that failed is no hit',
    async ask(world) {
      const bytes = context({ Dockerfile: `FROM scratch\n# ${crypto.randomUUID()}\nRUN exit 1\n` })
      const first = await built(world, bytes)
      const reply = await built(world, bytes)
      expect([reply.json.cached, reply.json.build.id === first.json.build.id]).toEqual([false, false])
      expect(world.driver.jobs.filter(({ run }) => run === first.json.build.id || true).length).toBeGreaterThan(1)
      return reply
    },
    status: 201,
  },
  {
    id: 108,
    what: '50 equal requests at once: one build',
    async ask(world) {
      const id = await uploaded(world)
      const replies = await Promise.all(Array.from({ length: 50 }, () => build(world, id)))
      expect(new Set(replies.map(({ json: { build: of } }) => of.id as string)).size).toBe(1)
      return replies
    },
    status: 201,
  },
  {
    id: 109,
    what: 'bytes that were changed where they are kept',
    async ask(world) {
      const marker = crypto.randomUUID()
      const id = await uploaded(world, tar({ path: 'Dockerfile', body: 'FROM scratch\n' }, { path: 'marker', body: marker }))
      const file = files(join(world.dataDir, 'blobs')).find((one) => one.bytes().includes(marker))!
      writeFileSync(file.path, tar({ path: 'Dockerfile', body: 'FROM scratch\n' }, { path: 'marker', body: marker.toUpperCase() }))
      return build(world, id)
    },
    status: 400,
    code: 'blob_mismatch',
  },
]

function files(directory: string): readonly { readonly path: string; bytes(): Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), bytes: () => readSync(join(entry.parentPath, entry.name)) }))
}

export const lists: readonly Row[] = [
  ...each(
    {
      'limit=0': 'limit=0',
      'limit=101': 'limit=101',
      'limit=abc': 'limit=abc',
      'limit=1.5': 'limit=1.5',
      'offset=-1': 'offset=-1',
      'offset=x': 'offset=x',
      'status=x': 'status=x',
      'status twice': 'status=failed&status=success',
      'a Dockerfile path out': 'dockerfilePath=../x',
    },
    (query) => ({ id: 82, what: 'a list of Pipecat', ask: { path: `/v1/builds?${query}` }, status: 400 }),
  ),
  ...each({ '%': '%25', "'": '%27', NUL: '%00', empty: '' }, (hash) => ({
    id: 83,
    what: 'contextHash, literally',
    ask: { path: `/v1/builds?contextHash=${hash}` },
    status: 200,
    then: ({ json: { builds: all } }) => expect(all).toEqual([]),
  })),
  ...each(
    { 'limit=0': 'limit=0', 'limit=10001': 'limit=10001', 'a token of nobody': 'nextToken=x', 'a negative token': 'nextToken=-1' },
    (query) => ({
      id: 84,
      what: 'logs of Pipecat',
      async ask(world: World) {
        const { json: page } = await world.ask({ path: '/v1/builds?limit=1&status=success' })
        return world.ask({ path: `/v1/builds/${page.builds[0].id}/logs?${query}` })
      },
      status: 400,
      code: 'invalid_input',
    }),
  ),
  ...each<(url: URL) => void>(
    {
      'no grant': (url) => url.searchParams.delete('grant'),
      'a letter changed': (url) => url.searchParams.set('grant', flip(url.searchParams.get('grant')!, 5)),
      "another build's": (url) => (url.pathname = url.pathname.replace(/[0-9a-f]{12}(?=\/)/, '000000000000')),
    },
    (forge, name) => ({
      id: 91,
      what: 'a link to a log',
      async ask(world: World) {
        const { json: page } = await world.ask({ path: '/v1/builds?limit=1&status=success' })
        const url = new URL(page.builds[0].logsUrl as string)
        expect((await world.ask({ path: url.pathname + url.search, as: '' })).status).toBe(200)
        forge(url)
        return world.ask({ path: url.pathname + url.search, as: '' })
      },
      status: name === 'no grant' ? 400 : 403,
    }),
  ),
]
