import { BuildError, shown, type Digest, type Job, type StepEvent } from '@kiln/core'
import { formatReference } from '@kiln/registry'
import { saidBy, type Client } from './client.ts'
import { reference } from './images.ts'
import { pushHeader } from './logins.ts'
import { readMessages, type Message } from './messages.ts'
import { messageOfError } from './reader.ts'
import { startStep } from './steps.ts'
import { lost, pushTrouble } from './trouble.ts'

/** Pushes an image of the engine and answers with the digest of its manifest. Throws `registry_denied`, `registry_unreachable`, `registry_failed`, `driver_lost`. */
export async function pushImage(
  client: Client,
  job: Job,
  ref: string,
  io: { readonly signal: AbortSignal; emit(event: StepEvent): void },
): Promise<Digest> {
  const { tag, ...rest } = reference(ref)
  const headers = await pushHeader(job, ref)
  const step = startStep((event) => io.emit(event), { id: 'push', title: `push ${ref}` })
  const { response } = await client.open(`/images/${formatReference(rest)}/push`, { query: { tag }, headers, signal: io.signal })
  let [digest, trouble]: [Digest | undefined, string | undefined] = [undefined, undefined]
  try {
    if (response.statusCode !== 200) trouble = await refusal(response)
    else
      for await (const message of readMessages(response)) {
        trouble = messageOfError(message) ?? trouble
        digest = digestIn(message) ?? digest
        const { current, total } = message.progressDetail ?? {}
        if (typeof current === 'number') step.progress(message.id ?? '', current, total)
        else if (message.status !== undefined && message.progressDetail === undefined) step.log('out', `${message.status}\n`)
      }
  } catch (error) {
    io.signal.throwIfAborted()
    throw lost(error, client.where)
  } finally {
    step.finish({ cached: false, outcome: trouble !== undefined ? 'failed' : digest === undefined ? 'stopped' : undefined })
  }
  if (trouble !== undefined) throw pushTrouble(trouble, ref)
  if (digest === undefined)
    throw new BuildError('driver_lost', `The Docker Engine at ${client.where} ended the push of ${shown(ref, 300)} without a digest.`)
  return digest
}

function digestIn({ aux, status }: Message): Digest | undefined {
  const said =
    typeof aux === 'object' && aux !== null && 'Digest' in aux
      ? aux.Digest
      : /: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(status ?? '')?.[1]
  return typeof said === 'string' && /^sha256:[0-9a-f]{64}$/.test(said) ? (said as Digest) : undefined
}

async function refusal(response: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of response) if (text.length < 65_536) text += chunk.toString('utf8')
  return saidBy(text)
}
