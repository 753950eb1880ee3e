import { describe, expect, test } from 'vitest'
import { agent, seed, world, type Answer, type World } from './world.ts'

const analyze = (its: World, files: Record<string, string>, path = '/api/analyze'): Promise<Answer> =>
  its.ask('POST', path, { json: { files } })

const charges = `import openai
import requests

client = openai.OpenAI()

def run():
    resp = requests.get("https://api.stripe.com/v1/charges",
        headers={"Authorization": "Bearer sk_live_abc123"})
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "system", "content": "You summarize charges."}, {"role": "user", "content": "Summarize"}]
    )
    return completion.choices[0].message.content
`

describe('POST /analyze', () => {
  test.each(['/api', '/api/v1', '/api/v1/workspaces/acme', '/ingestion'])('%s: 201 with every field', async (prefix) => {
    await using its = world({ engine: { worker: false } })
    const { status, json } = await analyze(its, { 'agent.py': charges }, `${prefix}/analyze`)
    expect(status).toBe(201)
    expect(json).toEqual({
      id: expect.stringMatching(/^analysis-[0-9a-f]+$/),
      tools: [{ name: 'stripe-api', base_url: 'https://api.stripe.com', file: 'agent.py', line: 7 }],
      model_providers: [{ provider: 'openai', model: 'gpt-4o' }],
      model_usages: [{ role: 'default', variable_name: 'client', file: 'agent.py', line: 10 }],
      secrets: [{ type: 'api_key', file: 'agent.py', line: 8, severity: 'high' }],
      outbound_destinations: ['api.openai.com', 'api.stripe.com'],
      detected_requirements: ['openai>=1.0', 'requests'],
      entry_point: 'agent.py',
      system_prompt_suggestion: 'You summarize charges.',
    })
  })

  test('is bounded, however long the names of the files are', async () => {
    await using its = world({ engine: { worker: false } })
    const folder = Array.from({ length: 15 }, () => 'd'.repeat(250)).join('/')
    const { status, text, json } = await analyze(
      its,
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${folder}/${i}.py`, charges])),
    )
    expect(status).toBe(201)
    expect(text.length).toBeLessThanOrEqual(2 ** 16)
    expect(json.secrets.length).toBeGreaterThan(0)
  })

  test('lists are empty where there is nothing, entry_point is left out', async () => {
    await using its = world({ engine: { worker: false } })
    const { json } = await analyze(its, { 'a.txt': 'hello' })
    const { id, ...rest } = json
    expect(id).toBeTruthy()
    expect(rest).toEqual({
      tools: [],
      model_providers: [],
      model_usages: [],
      secrets: [],
      outbound_destinations: [],
      detected_requirements: [],
      system_prompt_suggestion: '',
    })
  })

  test('no value of a secret is in the answer or in what is kept', async () => {
    await using its = world({ engine: { worker: false } })
    const { json, text } = await analyze(its, { 'agent.py': charges })
    expect(text).not.toContain('sk_live_')
    expect((await its.ask('GET', `/api/analysis/${json.id}`)).text).not.toContain('sk_live_')
  })

  test('names of tools', async () => {
    await using its = world({ engine: { worker: false } })
    const urls = ['https://api.github.com/x', 'https://www.bbc.co.uk', 'wss://live.weather.dev:8443/', 'https://maps.weather.dev']
    const { json } = await analyze(its, { 'main.py': `x = ${JSON.stringify(urls)}\nprint(x)\n` })
    expect(json.tools.map(({ name, base_url }: { name: string; base_url: string }) => [name, base_url])).toEqual([
      ['github-api', 'https://api.github.com'],
      ['bbc-api', 'https://www.bbc.co.uk'],
      ['weather-api', 'wss://live.weather.dev:8443'],
      ['maps-weather-dev', 'https://maps.weather.dev'],
    ])
  })
})

describe('GET /analysis/{id}', () => {
  test.each(['/api', '/api/v1', '/ingestion'])('%s: 200 as it was answered', async (prefix) => {
    await using its = world({ engine: { worker: false } })
    const made = await analyze(its, { 'agent.py': agent })
    const { status, json } = await its.ask('GET', `${prefix}/analysis/${made.json.id}`)
    expect([status, json]).toEqual([200, made.json])
  })

  test('404 after an hour', async () => {
    let now = Date.UTC(2026, 1, 23)
    await using its = world({ engine: { worker: false }, handler: { now: () => now } })
    const { json } = await analyze(its, { 'agent.py': agent })
    now += 3599_000
    expect((await its.ask('GET', `/api/analysis/${json.id}`)).status).toBe(200)
    now += 1000
    expect((await its.ask('GET', `/api/analysis/${json.id}`)).json).toEqual({ error: 'analysis not found', code: 'not_found' })
  })

  test("404 for another tenant's, unknown and garbage", async () => {
    await using its = world({ engine: { worker: false } })
    const { json } = await analyze(its, { 'agent.py': agent })
    for (const [id, as] of [
      [json.id, 'other'],
      [`analysis-${'0'.repeat(28)}`, 'acme'],
      ['x', 'acme'],
      ['%00', 'acme'],
      ['..%2f', 'acme'],
    ] as const) {
      const answer = await its.ask('GET', `/api/analysis/${id}`, { as })
      expect([answer.status, answer.json]).toEqual([404, { error: 'analysis not found', code: 'not_found' }])
    }
  })

  test('the last fifty of a tenant are kept, old ones are gone from the store', async () => {
    let now = Date.UTC(2026, 1, 23)
    await using its = world({ engine: { worker: false }, handler: { now: () => now } })
    const ids: string[] = []
    for (let i = 0; i < 53; i++) {
      now += 1000
      ids.push((await analyze(its, { 'a.txt': 'x' })).json.id)
    }
    const names = async (): Promise<readonly string[]> =>
      (await its.engine.for('acme').documents.read('runagents.analysis', { limit: 1000 })).map(({ name }) => name)
    expect(await names()).toEqual(ids.slice(3))
    now += 3600_000
    const { json } = await analyze(its, { 'a.txt': 'x' })
    expect(await names()).toEqual([json.id])
  })
})

describe('POST /requirements', () => {
  const requirements = async (files: Record<string, string>): Promise<unknown> => {
    await using its = world({ engine: { worker: false } })
    const { status, json } = await its.ask('POST', '/api/requirements', { json: { files } })
    expect(status).toBe(200)
    return json
  }

  test("the seed's table", async () => {
    const imports = [
      'import openai',
      'from langchain import x',
      'import anthropic',
      'import requests',
      'import stripe',
      'import boto3',
      'from fastapi import x',
      'import pandas',
      'import numpy',
    ]
    expect(await requirements({ 'agent.py': imports.join('\n') })).toEqual({
      requirements: expect.arrayContaining([
        'openai>=1.0',
        'langchain',
        'anthropic',
        'requests',
        'stripe',
        'boto3',
        'fastapi[standard]',
        'pandas',
        'numpy',
      ]),
      entry_point: 'agent.py',
    })
  })

  test('what is declared', async () => {
    expect(await requirements(seed.files)).toEqual({ requirements: ['openai>=1.0', 'requests'], entry_point: 'agent.py' })
  })

  test('a file that starts and one that it needs', async () => {
    const files = { 'agent.py': 'import requests\nimport utils\n', 'utils.py': 'import pandas as pd\n' }
    expect(await requirements(files)).toEqual({ requirements: ['pandas', 'requests'], entry_point: 'agent.py' })
  })

  test('of several that could start, the likeliest', async () => {
    const main = 'if __name__ == "__main__":\n    pass\n'
    expect(await requirements({ 'one.py': `import flask\n${main}`, 'two.py': `import numpy\n${main}` })).toMatchObject({
      requirements: expect.any(Array),
      entry_point: expect.stringMatching(/^(one|two)\.py$/),
    })
  })

  test('TypeScript', async () => {
    const files = {
      'package.json':
        '{"name":"a","type":"module","main":"main.ts","dependencies":{"openai":"^4","left-pad":"*"},"devDependencies":{"vitest":"1"}}',
      'main.ts': "import 'openai'",
    }
    expect(await requirements(files)).toMatchObject({ requirements: ['openai@^4', 'left-pad'] })
  })

  test('nothing to start is an empty list', async () => {
    expect(await requirements({ 'go.mod': 'module x' })).toEqual({ requirements: [] })
  })

  test('a manifest that cannot be read is told', async () => {
    await using its = world({ engine: { worker: false } })
    const { status, json } = await its.ask('POST', '/api/requirements', {
      json: { files: { 'main.py': 'print(1)', 'requirements.txt': 'a b c' } },
    })
    expect([status, json.code]).toEqual([400, 'invalid_manifest'])
  })
})

test('planned and looked through on a thread of its own too', async () => {
  await using its = world({ engine: { worker: false, planning: 'apart' } })
  const { status, json } = await analyze(its, { 'agent.py': charges })
  expect([status, json.tools.length, json.entry_point]).toEqual([201, 1, 'agent.py'])
})
