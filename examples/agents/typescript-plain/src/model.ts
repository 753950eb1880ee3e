interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
}

/** A summary by a model with an OpenAI-compatible API; the address is OPENAI_BASE_URL. */
export async function summarize(text: string): Promise<string> {
  const base = process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1'
  const response = await fetch(`${base}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.OPENAI_API_KEY ?? ''}` },
    body: JSON.stringify({ model: process.env.MODEL ?? 'gpt-4o-mini', messages: [{ role: 'user', content: `Summarize: ${text}` }] }),
  })
  if (!response.ok) throw new Error(`the model answered ${response.status}`)
  const completion = (await response.json()) as Completion
  return completion.choices[0]!.message.content
}
