// A small server that speaks enough of the OpenAI API for agents under test: it says what was said to it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeModel extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, reachable from containers on the host's network */
  readonly url: string
}

export async function fakeModel(): Promise<FakeModel> {
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await read(request)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(completion(`You said: ${lastWords(body)}`)))
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function lastWords(body: string): string {
  const { messages = [] } = JSON.parse(body || '{}') as { messages?: { role: string; content: string }[] }
  return messages.findLast(({ role }) => role === 'user')?.content ?? ''
}

function completion(content: string): object {
  const choice = { index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', content, refusal: null } }
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 0, model: 'fake', choices: [choice], usage }
}
