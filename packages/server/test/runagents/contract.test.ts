import { describe, expect, test } from 'vitest'
import { agent, pip, seed, world } from './world.ts'

const prefixes = ['/api', '/api/v1', '/api/v1/workspaces/acme']
const id = /^build-[0-9a-f]{32}$/
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

describe('POST /builds', () => {
  test.each(prefixes)('%s: 202 with every field of the seed and no other', async (prefix) => {
    await using its = world()
    const { status, headers, json } = await its.ask('POST', `${prefix}/builds`, { json: seed })
    expect(status).toBe(202)
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toEqual({
      id: expect.stringMatching(id),
      status: 'PENDING',
      image: expect.stringMatching(/^localhost\/kiln\/acme\/my-agent:[0-9a-f]{16}$/),
      created_at: expect.stringMatching(time),
    })
  })

  test('the image is the one that is built', async () => {
    await using its = world()
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    const done = await its.ended(json.id)
    expect(done['image']).toBe(json.image)
    expect([...its.driver.stored.keys()]).toContain(json.image)
  })

  test('the image has the place of the registry', async () => {
    await using its = world({ engine: { repository: (tenant, name) => `registry.kiln.test/${tenant}/${name}`, worker: false } })
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    expect(json.image).toMatch(/^registry\.kiln\.test\/acme\/my-agent:[0-9a-f]{16}$/)
  })

  test('a hit is answered as PENDING with the same image, and has SUCCEEDED at the first GET', async () => {
    await using its = world()
    const first = await its.ask('POST', '/api/builds', { json: seed })
    await its.ended(first.json.id)
    const again = await its.ask('POST', '/api/builds', { json: seed })
    expect(again.status).toBe(202)
    expect(again.json).toMatchObject({ status: 'PENDING', image: first.json.image })
    expect(again.json.id).not.toBe(first.json.id)
    expect((await its.ask('GET', `/api/builds/${again.json.id}`)).json).toMatchObject({ status: 'SUCCEEDED' })
    expect(its.driver.jobs).toHaveLength(1)
  })

  test('a byte-equal repeat hits, other bytes do not: each field counts', async () => {
    await using its = world()
    const main = 'if __name__ == "__main__":\n  1\n'
    const several = { name: 'a', files: { 'a.py': `import flask\n${main}`, 'b.py': `import openai\n${main}` } }
    const images: string[] = []
    for (const more of [
      { entry_point: 'a.py' },
      { entry_point: 'b.py' },
      { framework: 'openai' },
      { entry_point: 'a.py', requirements: 'flask' },
    ])
      for (const _ of [1, 2]) {
        const { json } = await its.ask('POST', '/api/builds', { json: { ...several, ...more } })
        await its.ended(json.id)
        images.push(json.image)
      }
    const [a, , b, , chosen, , required] = images
    expect(images).toEqual([a, a, b, b, chosen, chosen, required, required])
    expect(chosen).toBe(b)
    expect(new Set(images).size).toBe(3)
    expect(its.driver.jobs).toHaveLength(3)
  })

  test('the native API shows the same build under our own id', async () => {
    await using its = world()
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    const { builds } = (await its.ask('GET', '/kiln/v1/builds')).json
    expect(builds).toHaveLength(1)
    expect(`build-${builds[0].id.replaceAll('-', '')}`).toBe(json.id)
    expect(builds[0]).toMatchObject({ name: 'my-agent', image: json.image, attributes: { api: 'runagents' } })
  })

  test('a build of the native API is read here', async () => {
    await using its = world({ engine: { worker: false } })
    const made = await its.ask('POST', '/kiln/v1/builds', { json: { name: 'web', source: { files: { 'main.py': 'print(1)' } } } })
    const { status, json } = await its.ask('GET', `/api/builds/build-${made.json.id.replaceAll('-', '')}`)
    expect([status, json.image]).toEqual([200, made.json.image])
  })

  test('fields that nobody knows are ignored, null is absent', async () => {
    await using its = world({ engine: { worker: false } })
    const more = { entry_point: null, requirements: null, framework: null, build_args: { a: 1 }, llm_configs: [] }
    expect((await its.ask('POST', '/api/builds', { json: { ...seed, ...more } })).status).toBe(202)
  })
})

describe('what is built', () => {
  test('the generated Dockerfile starts the entry point and installs the requirements', async () => {
    await using its = world()
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    await its.ended(json.id)
    const { recipe } = its.driver.jobs[0]!
    expect(recipe).toMatchObject({ kind: 'dockerfile', text: expect.stringContaining('CMD ["python", "agent.py"]') })
    expect(recipe).toMatchObject({ text: expect.stringMatching(/pip install .*-r requirements\.txt/) })
  })

  test('without requirements the imports count, as the seed has them', async () => {
    await using its = world()
    const { json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files: { 'agent.py': agent } } })
    await its.ended(json.id)
    expect(JSON.stringify(its.driver.jobs[0]!.recipe)).toMatch(/openai>=1\.0\\\\n.*requests|openai>=1\.0\\nrequests/)
  })

  test('a Dockerfile among the files is used as it is', async () => {
    await using its = world()
    const text = 'FROM scratch\nCOPY . .\n'
    const { json } = await its.ask('POST', '/api/builds', { json: { ...seed, files: { ...seed.files, Dockerfile: text } } })
    await its.ended(json.id)
    expect(its.driver.jobs[0]!.recipe).toMatchObject({ kind: 'dockerfile', text, path: 'Dockerfile' })
  })

  test('requirements takes the place of requirements.txt, and says so', async () => {
    await using its = world()
    const asked = { ...seed, requirements: 'stripe==11.0 # RUN id' }
    const { json } = await its.ask('POST', '/api/builds', { json: asked })
    await its.ended(json.id)
    const notice = 'The field requirements took the place of the file requirements.txt.'
    expect(json.notices).toContain(notice)
    const [record] = (await its.ask('GET', '/kiln/v1/builds')).json.builds
    expect(record.attributes.notices).toBe(notice)
    const context = Buffer.from((await its.ask('GET', `/kiln/v1/builds/${record.id}/context`)).text).toString()
    expect(context).toContain('stripe==11.0 # RUN id')
    expect(context).not.toContain('openai>=1.0')
    expect(JSON.stringify(its.driver.jobs[0]!.recipe)).not.toContain('RUN id')
  })

  test('requirements wins against other manifests too', async () => {
    await using its = world()
    const files = { 'agent.py': agent, 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\ndependencies = ["flask"]\n' }
    const { json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files, requirements: 'openai==1.2.3' } })
    await its.ended(json.id)
    const recipe = JSON.stringify(its.driver.jobs[0]!.recipe)
    expect(recipe).toContain('openai==1.2.3')
    expect(recipe).not.toContain('flask')
  })

  test.each([
    ['alone', {}],
    ['beside another manifest', { 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\ndependencies = ["rich"]\n' }],
  ])('quoted requirements are installed without their quotes, %s', async (_, more) => {
    await using its = world()
    const asked = { name: 'a', files: { 'agent.py': agent, ...more }, requirements: '"openai==1.2.3"\n' }
    const { status, json } = await its.ask('POST', '/api/builds', { json: asked })
    expect(status).toBe(202)
    await its.ended(json.id)
    expect(its.driver.jobs[0]!.recipe).toMatchObject({ added: { 'requirements.kiln.txt': 'openai==1.2.3\n' } })
  })

  test('and a quoted archive is no name of a package', async () => {
    await using its = world()
    const files = { 'agent.py': agent, 'a.whl': 'x' }
    const { status, json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files, requirements: '"a.whl"' } })
    expect([status, json.code]).toEqual([400, 'invalid_manifest'])
  })

  test('a file may be called __proto__', async () => {
    await using its = world()
    const body = `{"name":"a","files":{"main.py":"print(1)","__proto__":"pro","constructor":"con","hasOwnProperty":"has"}}`
    const { status, json } = await its.ask('POST', '/api/builds', { body, headers: { 'content-type': 'application/json' } })
    expect(status).toBe(202)
    await its.ended(json.id)
    const [record] = (await its.ask('GET', '/kiln/v1/builds')).json.builds
    const { text } = await its.ask('GET', `/kiln/v1/builds/${record.id}/context`)
    for (const [name, content] of [
      ['__proto__', 'pro'],
      ['constructor', 'con'],
      ['hasOwnProperty', 'has'],
    ] as const)
      expect(text).toMatch(new RegExp(`${name}\\0[^]*${content}\\0`))
  })
})

describe('several files that could start', () => {
  const files = {
    'one.py': 'from langchain import hub\nif __name__ == "__main__":\n    pass\n',
    'two.py': 'import openai\nif __name__ == "__main__":\n    pass\n',
  }

  test('400 with the candidates', async () => {
    await using its = world()
    const { status, json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files } })
    expect(status).toBe(400)
    expect(json).toEqual({ error: expect.stringMatching(/entry_point.*one\.py, two\.py/), code: 'several_candidates' })
  })

  test.each([
    ['langchain', 'one.py'],
    ['LangChain', 'one.py'],
    ['openai', 'two.py'],
  ])('framework %s chooses %s', async (framework, file) => {
    await using its = world()
    const { status, json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files, framework } })
    expect(status).toBe(202)
    await its.ended(json.id)
    expect(its.driver.jobs[0]!.recipe).toMatchObject({ text: expect.stringContaining(`CMD ["python", "${file}"]`) })
  })

  test('entry_point decides, with ./ before it too', async () => {
    await using its = world()
    const { json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files, entry_point: './two.py', framework: 'langchain' } })
    await its.ended(json.id)
    expect(its.driver.jobs[0]!.recipe).toMatchObject({ text: expect.stringContaining('"two.py"') })
  })

  test('a known framework that both or none have decides nothing', async () => {
    await using its = world()
    const { status, json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files, framework: 'crewai' } })
    expect([status, json.code]).toEqual([400, 'several_candidates'])
    const both = { ...files, 'one.py': files['two.py'] }
    const second = await its.ask('POST', '/api/builds', { json: { name: 'a', files: both, framework: 'openai' } })
    expect([second.status, second.json.code]).toEqual([400, 'several_candidates'])
  })

  test('an unknown framework is a notice', async () => {
    await using its = world({ engine: { worker: false } })
    const { status, json } = await its.ask('POST', '/api/builds', { json: { ...seed, framework: 'agentic-9000' } })
    expect(status).toBe(202)
    expect(json.notices).toContain('The framework agentic-9000 is not known, and decided nothing.')
  })

  test('nothing to start is 400', async () => {
    await using its = world()
    const { status, json } = await its.ask('POST', '/api/builds', { json: { name: 'a', files: { 'a.txt': 'x' } } })
    expect([status, json.code]).toEqual([400, 'nothing_detected'])
    expect(json.error).toContain('entry_point')
  })
})

describe('GET /builds/{id}', () => {
  test('PENDING, BUILDING, SUCCEEDED with exactly the fields of the seed', async () => {
    const [started, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using its = world({
      build: async (job, { images }) => {
        started.resolve()
        await go.promise
        const ref = job.output.kind === 'archive' ? '' : job.output.ref
        images.set(ref, `sha256:${'1'.repeat(64)}`)
        return { digest: `sha256:${'1'.repeat(64)}`, ref, platforms: ['linux/amd64'], size: 1, facts: {} } as never
      },
      engine: { worker: { concurrency: 1 } },
    })
    const first = (await its.ask('POST', '/api/builds', { json: seed })).json
    const second = (await its.ask('POST', '/api/builds', { json: { ...seed, name: 'other' } })).json
    await started.promise
    const of = async (build: string): Promise<unknown> => (await its.ask('GET', `/api/builds/${build}`)).json
    const { id: one, image, created_at } = first
    expect(await of(one)).toEqual({ id: one, status: 'BUILDING', image, created_at })
    expect(await of(second.id)).toEqual({ id: second.id, status: 'PENDING', image: second.image, created_at: second.created_at })
    go.resolve()
    expect(await its.ended(one)).toEqual({ id: one, status: 'SUCCEEDED', image, created_at, completed_at: expect.stringMatching(time) })
  })

  test("FAILED with the seed's own text", async () => {
    await using its = world({ build: pip! })
    const asked = { ...seed, files: { ...seed.files, 'requirements.txt': 'nonexistent-package' } }
    const { json } = await its.ask('POST', '/api/builds', { json: asked })
    expect(await its.ended(json.id)).toEqual({
      id: json.id,
      status: 'FAILED',
      image: json.image,
      error: 'pip install failed: no matching distribution found for nonexistent-package',
      created_at: json.created_at,
      completed_at: expect.stringMatching(time),
    })
  })

  test('a cancelled build: BUILDING until the driver has stopped, then FAILED', async () => {
    const [started, stopped] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using its = world({
      build: async (_, { signal }) => {
        started.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await stopped.promise
        throw signal.reason
      },
    })
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    await started.promise
    const [own] = (await its.ask('GET', '/kiln/v1/builds')).json.builds
    await its.ask('POST', `/kiln/v1/builds/${own.id}/cancel`)
    const asked = (await its.ask('GET', `/api/builds/${json.id}`)).json
    expect(asked).toMatchObject({ status: 'BUILDING' })
    expect(asked).not.toHaveProperty('error')
    stopped.resolve()
    expect(await its.ended(json.id)).toMatchObject({
      status: 'FAILED',
      error: 'build cancelled',
      completed_at: expect.stringMatching(time),
    })
  })

  test('a build that took too long', async () => {
    await using its = world({
      build: async (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      engine: { timeouts: { run: 50 } },
    })
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    expect(await its.ended(json.id)).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^build timed out: /) })
  })

  test('a failure of ours has its text', async () => {
    await using its = world({ build: async () => Promise.reject(new Error('boom')), engine: { attempts: 1 } })
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    const { status, error } = await its.ended(json.id)
    expect(status).toBe('FAILED')
    expect(error).toBeTruthy()
  })

  test.each([
    'build-a1b2c3d4',
    `build-${'0'.repeat(32)}`,
    'x',
    '..%2fx',
    '%00',
    "';DROP",
    `build-${'A'.repeat(32)}`,
    'b'.repeat(5000),
    '%F0%9F%92%A9',
  ])('404 for %s', async (unknown) => {
    await using its = world({ engine: { worker: false } })
    const { status, json } = await its.ask('GET', `/api/builds/${unknown}`)
    expect(status).toBe(404)
    expect(json).toEqual({ error: 'build not found', code: 'not_found' })
  })

  test("another tenant's build is as unknown as none", async () => {
    await using its = world({ engine: { worker: false } })
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    const theirs = await its.ask('GET', `/api/builds/${json.id}`, { as: 'other' })
    const none = await its.ask('GET', `/api/builds/build-${'1'.repeat(32)}`, { as: 'other' })
    expect([theirs.status, theirs.text]).toEqual([404, none.text])
  })

  test('JSON content type without a body is fine', async () => {
    await using its = world({ engine: { worker: false } })
    const { json } = await its.ask('POST', '/api/v1/builds', { json: seed })
    const { status } = await its.ask('GET', `/api/v1/builds/${json.id}`, { headers: { 'content-type': 'application/json' } })
    expect(status).toBe(200)
  })

  test('HEAD has no body, If-None-Match changes nothing', async () => {
    await using its = world({ engine: { worker: false } })
    const { json } = await its.ask('POST', '/api/builds', { json: seed })
    const head = await its.ask('HEAD', `/api/builds/${json.id}`)
    expect([head.status, head.text]).toEqual([200, ''])
    expect((await its.ask('GET', `/api/builds/${json.id}`, { headers: { 'if-none-match': '*' } })).status).toBe(200)
    const options = await its.ask('OPTIONS', `/api/builds/${json.id}`)
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })
})

describe('tenancy', () => {
  test.each([
    ['/api', {}, 202],
    ['/api', { 'X-Workspace-Namespace': 'acme' }, 202],
    ['/api', { 'X-Workspace-Namespace': 'default' }, 202],
    ['/api', { 'x-workspace-namespace': 'other' }, 403],
    ['/api/v1', { 'X-WORKSPACE-NAMESPACE': 'other' }, 403],
    ['/api/v1/workspaces/acme', {}, 202],
    ['/api/v1/workspaces/other', {}, 403],
    ['/api/v1/workspaces/default', {}, 403],
    ['/api/v1/workspaces/acme', { 'X-Workspace-Namespace': 'other' }, 403],
  ] as const)('%s with %o: %i', async (prefix, headers, expected) => {
    await using its = world({ engine: { worker: false } })
    const { status, json } = await its.ask('POST', `${prefix}/builds`, { json: seed, headers })
    expect(status).toBe(expected)
    if (expected === 403) expect(json).toEqual({ error: expect.any(String), code: 'forbidden' })
  })

  test.each([
    [undefined, 'acme', 202],
    [undefined, 'default', 202],
    [undefined, 'other', 400],
    ['acme', 'acme', 202],
    ['acme', 'default', 400],
    ['default', 'acme', 400],
    ['acme', '', 400],
  ])('header namespace %s, body namespace %s: %i', async (header, namespace, expected) => {
    await using its = world({ engine: { worker: false } })
    const headers = header === undefined ? {} : { 'x-workspace-namespace': header }
    const { status, json } = await its.ask('POST', '/api/builds', { json: { ...seed, namespace }, headers })
    expect(status).toBe(expected)
    if (expected === 400) expect(json.code).toBe('namespace_mismatch')
  })

  test('both key headers, in any case; two that differ are none', async () => {
    await using its = world({ engine: { worker: false } })
    const get = (headers: Record<string, string>): Promise<Response> =>
      its.handler(new Request('http://localhost/api/v1/builds/x', { headers }))
    const status = async (headers: Record<string, string>): Promise<number> => (await get(headers)).status
    expect(await status({ 'X-Runagents-Api-Key': 'ra_ws_acme' })).toBe(404)
    expect(await status({ 'x-runagents-api-key': 'acme', authorization: 'Bearer acme' })).toBe(404)
    expect(await status({ 'x-runagents-api-key': 'acme', authorization: 'Bearer other' })).toBe(401)
    const none = await get({})
    expect([none.status, none.headers.get('www-authenticate'), await none.json()]).toEqual([
      401,
      'Bearer',
      { error: expect.any(String), code: 'unauthorized' },
    ])
  })

  test('a key that only reads starts nothing', async () => {
    await using its = world({ engine: { worker: false } })
    for (const path of ['/api/builds', '/api/analyze', '/api/requirements'])
      expect((await its.ask('POST', path, { json: seed, as: 'acme:read' })).status).toBe(403)
    expect(await its.engine.for('acme').count()).toBe(0)
  })
})

test('401, 404, 405, 413, 415, 429 are in the shape of the API', async () => {
  await using its = world({ engine: { worker: false, queue: { perTenant: 1, total: 1 } } })
  const expectError = async (answer: Promise<{ status: number; json: unknown }>, status: number, code: string): Promise<void> => {
    const { status: got, json } = await answer
    expect({ got, json }).toEqual({ got: status, json: { error: expect.any(String), code } })
  }
  await expectError(its.ask('POST', '/api/builds', { json: seed, as: 'A B' }), 401, 'unauthorized')
  await expectError(its.ask('GET', '/api/nowhere'), 404, 'unknown_route')
  await expectError(its.ask('DELETE', '/api/builds'), 405, 'method_not_allowed')
  await expectError(its.ask('GET', '/api/builds'), 405, 'method_not_allowed')
  await expectError(its.ask('POST', '/api/builds', { body: 'x', headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_media_type')
  expect((await its.ask('POST', '/api/builds', { json: seed })).status).toBe(202)
  const full = await its.ask('POST', '/api/builds', { json: { ...seed, name: 'other' } })
  expect([full.status, full.json.code, full.headers.get('retry-after')]).toEqual([429, 'queue_full', '5'])
  its.handler.drain()
  const draining = await its.ask('POST', '/api/builds', { json: seed })
  expect([draining.status, draining.headers.has('retry-after')]).toEqual([503, true])
})
