import { describe, expect, test } from 'vitest'
import { findings, type Findings } from '../../src/findings/findings.ts'
import { files } from '../../src/source/files.ts'

async function found(map: Record<string, string>): Promise<Findings> {
  await using source = await files(map)
  return findings(source)
}

const python = `import openai
import requests

client = openai.OpenAI()

def run():
    # "https://not.this.dev" is a comment
    resp = requests.get("https://api.stripe.com/v1/charges",
        headers={"Authorization": "Bearer sk_live_abc123"})
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "system", "content": "You summarize charges."}, {"role": "user", "content": "Summarize all of the charges"}],
    )
    return completion.choices[0].message.content
`

describe('Python', () => {
  test('a program that calls a model and a service', async () => {
    const { destinations, models, secrets, prompts } = await found({ 'agent.py': python })
    expect(destinations).toEqual([
      { host: 'api.openai.com', url: 'https://api.openai.com', file: 'agent.py', line: 1, provider: true },
      { host: 'api.stripe.com', url: 'https://api.stripe.com', file: 'agent.py', line: 8, provider: false },
    ])
    expect(models).toEqual([{ provider: 'openai', model: 'gpt-4o', role: 'default', variable: 'client', file: 'agent.py', line: 11 }])
    expect(secrets).toEqual([{ type: 'api_key', severity: 'high', file: 'agent.py', line: 9 }])
    expect(prompts).toEqual([{ text: 'You summarize charges.', file: 'agent.py', line: 12 }])
  })

  test.each<[string, string, object]>([
    [
      'a class of LangChain',
      'from langchain_openai import ChatOpenAI\nllm = ChatOpenAI(model="gpt-4o-mini", temperature=0)\n',
      { variable: 'llm' },
    ],
    [
      'an attribute',
      'class A:\n  def __init__(self):\n    self.llm = ChatAnthropic(model_name="claude-sonnet-4-5")\n',
      { provider: 'anthropic', variable: 'llm' },
    ],
    [
      'a client in an attribute',
      'import anthropic\nx = self.client.messages.create(model="claude-3-5-haiku-latest")',
      { provider: 'anthropic', variable: 'client' },
    ],
    ['a constant', 'MODEL = "gemini-2.0-flash"', { provider: 'google', variable: 'MODEL' }],
    ['a default of the environment', 'import os\nmodel = os.environ.get("MODEL", "gpt-4o")', { provider: 'openai', model: 'gpt-4o' }],
    ['embeddings', 'v = client.embeddings.create(input=[t], model="text-embedding-3-small")', { provider: 'openai', role: 'embedding' }],
    ['a router of models', 'r = litellm.completion(model="anthropic/claude-3-opus")', { provider: 'anthropic', model: 'claude-3-opus' }],
    [
      'a name only its package says',
      'from groq import Groq\nc = Groq()\nr = c.chat.completions.create(model="llama-3.3-70b")',
      { provider: 'groq', variable: 'c' },
    ],
    ['no call', 'def f():\n  return ("gpt-4o")', { variable: '' }],
    ['a map', 'config = {"model": "gpt-4.1", "port": 1}', { provider: 'openai', model: 'gpt-4.1' }],
  ])('model: %s', async (_, text, expected) => {
    const { models } = await found({ 'a.py': text })
    expect(models).toHaveLength(1)
    expect(models[0]).toMatchObject(expected)
  })

  test.each([
    'print("gpt is a model of openai")',
    'name = "command-line"',
    'k = "sk-xxxxxxxxxxxxxxxxxxxxxxxx"',
    '"https://api.stripe.com/x"',
    'def f():\n  "https://api.stripe.com/x"\n',
    '"gpt-4o"',
    'x = {"gpt-4o": 1}',
    '"""Ask https://api.stripe.com with gpt-4o."""',
    'model = Model(model="resnet50")',
    'url = f"https://{host}/x"',
    'url = "http://localhost:8080/a"',
    'ns = "http://www.w3.org/2000/svg"',
    'say("see https://docs.python.org for more")',
    'API_KEY = "your-api-key-goes-here-1"',
    'password = os.environ["PASSWORD"]',
    'token = "abcdefghijklmnopqrst"',
  ])('nothing is found in %s', async (text) => {
    const { destinations, models, secrets, prompts } = await found({ 'a.py': text })
    expect([...destinations, ...models, ...secrets, ...prompts]).toEqual([])
  })

  test('a name that only stands beside a model is none', async () => {
    expect((await found({ 'a.py': 'import openai\nmodel_path = "resnet50"\n' })).models).toEqual([])
  })

  test('a formatted address, a websocket, a port', async () => {
    const { destinations } = await found({
      'a.py': 'a = f"https://api.weather.dev/{q}"\nb = "wss://live.chat.io:8443/x"\nc = "https://api.weather.dev/2"',
    })
    expect(destinations).toMatchObject([
      { host: 'api.weather.dev', url: 'https://api.weather.dev', line: 1 },
      { host: 'live.chat.io', url: 'wss://live.chat.io:8443', line: 2 },
    ])
  })
})

describe('JavaScript and TypeScript', () => {
  test('the AI SDK, fetch, a key', async () => {
    const { destinations, models, secrets, prompts } = await found({
      'a.ts': `import { openai } from '@ai-sdk/openai'
import { generateText } from 'ai'
const answer = await generateText({ model: openai('gpt-4o-mini'), system: 'You are a good agent.', prompt: 'hi' })
const weather = await fetch(\`https://api.weather.dev/v1/\${answer}\`)
const githubToken: string = 'ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'
`,
    })
    expect(destinations.map(({ host, line }) => [host, line])).toEqual([
      ['api.openai.com', 1],
      ['api.weather.dev', 4],
    ])
    expect(models).toEqual([{ provider: 'openai', model: 'gpt-4o-mini', role: 'default', variable: 'answer', file: 'a.ts', line: 3 }])
    expect(secrets).toEqual([{ type: 'oauth_token', severity: 'high', file: 'a.ts', line: 5 }])
    expect(prompts).toEqual([{ text: 'You are a good agent.', file: 'a.ts', line: 3 }])
  })

  test('a client, and a message of the system', async () => {
    const { models, prompts } = await found({
      'a.js': `const { Anthropic } = require('@anthropic-ai/sdk')
const client = new Anthropic()
client.messages.create({ model: 'claude-3-5-sonnet-latest', messages: [{ role: 'system', content: 'Answer in one word.' }, { role: 'user', content: 'What is it then?' }] })
`,
    })
    expect(models).toMatchObject([{ provider: 'anthropic', variable: 'client', line: 3 }])
    expect(prompts).toMatchObject([{ text: 'Answer in one word.', line: 3 }])
  })

  test('names of the program are no texts', async () => {
    const { destinations } = await found({
      'a.ts':
        "import x from 'https://esm.dev.io/x'\nexport * from 'https://esm.dev.io/y'\nconst m = { 'https://api.dev.io': 1 }\nrequire('https://r.dev.io')\ntype T = 'https://t.dev.io'\n",
    })
    expect(destinations).toEqual([])
  })

  test('a file that nothing reads is looked through for secrets, and said', async () => {
    const { secrets, notices } = await found({ 'a.js': 'const = = {\nconst key = "sk_live_abcdefgh"\n' })
    expect(secrets).toMatchObject([{ type: 'api_key', line: 2 }])
    expect(notices).toMatchObject([{ code: 'file_not_read', file: 'a.js' }])
  })

  test('what is too large, or too much, is said in words of its own: nobody asked for imports', async () => {
    const large = await found({ 'data.json': ' '.repeat(2 ** 20 + 1), 'a.py': '' })
    expect(large.notices).toEqual([{ code: 'file_not_read', message: 'too large to look through (1048577 bytes)', file: 'data.json' }])
    const many = await found(
      Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`${String(at).padStart(2, '0')}.json`, ' '.repeat(2 ** 20)])),
    )
    expect(many.notices).toEqual([
      { code: 'findings_cut', message: 'too many files, or too large ones: only the first were looked through', file: '16.json' },
    ])
  })
})

describe('secrets', () => {
  const text = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'
  test.each([
    [`k = "sk-ant-${text}"`, 'api_key', 'high'],
    [`k = "sk_test_${text}"`, 'api_key', 'medium'],
    [`k = "AIza${text.slice(0, 35)}"`, 'api_key', 'high'],
    ['k = "AKIAIOSFODNN7EXAMPLQ"', 'access_key', 'high'],
    [`k = "github_pat_${text}"`, 'oauth_token', 'high'],
    ['k = "xoxb-2334-aB3dE6gH9jK2"', 'oauth_token', 'high'],
    ['k = """-----BEGIN RSA PRIVATE KEY-----\nMII"""', 'private_key', 'high'],
    ['k = "postgres://me:h4nter2@db.host/x"', 'password', 'high'],
    ['db_password = "h4nter2!"', 'password', 'medium'],
    ['SERVICE_API_KEY = "9f8a7b6c5d4e3f2a"', 'api_key', 'medium'],
  ])('%s', async (code, type, severity) => {
    const { secrets } = await found({ 'a.py': code })
    expect(secrets).toEqual([{ type, severity, file: 'a.py', line: 1 }])
    expect(JSON.stringify(secrets)).not.toContain(text.slice(0, 6))
  })

  test('settings are looked through too, and tests', async () => {
    const key = `OPENAI_API_KEY=sk-proj-${text}`
    const { secrets } = await found({
      '.env': `PORT=8080\n${key}\n`,
      'conf.json': `{\n "apiKey": "sk_live_${text}"\n}`,
      'test/a.py': `k = "sk_live_${text}"`,
    })
    expect(secrets.map(({ file, line }) => [file, line])).toEqual([
      ['.env', 2],
      ['conf.json', 2],
      ['test/a.py', 1],
    ])
  })

  test('no finding holds a secret, even where it is a prompt or an address', async () => {
    const all = await found({ 'a.py': `system_prompt = "use sk_live_${text} always please"\nu = "https://me:${text}@api.host.dev/x"` })
    expect(JSON.stringify(all)).not.toContain(text.slice(0, 8))
    expect(all.destinations).toMatchObject([{ host: 'api.host.dev', url: 'https://api.host.dev' }])
  })
})

test("other people's files do not count, and tests are no program", async () => {
  const { destinations } = await found({
    'node_modules/x/a.js': 'fetch("https://a.dev.io/")',
    'tests/a.py': 'get("https://b.dev.io")',
    'venv/a.py': 'get("https://c.dev.io")',
  })
  expect(destinations).toEqual([])
})

test.each([
  ['brackets without end', '('.repeat(200_000)],
  ['quotes', '"a" \'b\' '.repeat(50_000)],
  ['names', 'a.b.c '.repeat(100_000)],
  ['one long line', `x = "${'a'.repeat(900_000)}"`],
  ['keys', `{${'"role": "system", "content": "a b", '.repeat(20_000)}`],
  ['half a text', `x = """${'\\'.repeat(100_001)}`],
  ['addresses', '"https://' + 'a.'.repeat(300_000) + '"'],
  ['signs of secrets', `"${'sk-eyJ.'.repeat(100_000)}"`],
])('%s end in time linear in their length', async (_, text) => {
  // what is not linear runs into the time limit of the test
  const { notices } = await found({ 'a.py': text, 'a.js': text, 'a.go': text, '.env': text })
  expect(notices.length).toBeLessThanOrEqual(20)
})

test('what is found is bounded', async () => {
  const { destinations, models } = await found({
    'a.py': Array.from({ length: 3000 }, (_, i) => `get("https://h${i}.dev.io/", model="gpt-4o")\n`).join(''),
  })
  expect([destinations.length, models.length]).toEqual([1000, 1000])
})

describe('Go', () => {
  test('a client, a service, a key', async () => {
    const { destinations, models, secrets } = await found({
      'main.go': `package main

import (
	"net/http"

	openai "github.com/sashabaranov/go-openai"
)

const serviceApiKey = "9f8a7b6c5d4e3f2a"

func main() {
	// http.Get("https://not.this.dev") is a comment
	client := openai.NewClient(os.Getenv("OPENAI_API_KEY"))
	answer, _ := client.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: "gpt-4o-mini",
		Messages: []openai.ChatCompletionMessage{{Role: "user", Content: "hi"}},
	})
	http.Get("https://api.weather.dev/v1")
}
`,
      'main_test.go': 'package main\n\nvar u = "https://test.only.dev/x"\n',
    })
    expect(destinations.map(({ host, line, provider }) => [host, line, provider])).toEqual([
      ['api.openai.com', 6, true],
      ['api.weather.dev', 18, false],
    ])
    expect(models).toEqual([{ provider: 'openai', model: 'gpt-4o-mini', role: 'default', variable: 'client', file: 'main.go', line: 15 }])
    expect(secrets).toEqual([{ type: 'api_key', severity: 'medium', file: 'main.go', line: 9 }])
  })
})
