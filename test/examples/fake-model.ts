// A small server that speaks enough of the OpenAI API for agents under test: chat completions and responses, always the same words.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeModel extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, reachable from containers on the host's network */
  readonly url: string
}

export const fakeAnswer = 'Hello from the fake model.'

export async function fakeModel(): Promise<FakeModel> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(request.url?.endsWith('/responses') ? responses() : completion()))
    })
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

function completion(): object {
  const message = { role: 'assistant', content: fakeAnswer, refusal: null }
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: 'fake',
    choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }
}

function responses(): object {
  const content = [{ type: 'output_text', text: fakeAnswer, annotations: [] }]
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 0,
    model: 'fake',
    status: 'completed',
    output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }],
  }
}
