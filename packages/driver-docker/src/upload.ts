import type { ClientRequest, IncomingMessage } from 'node:http'

const patience = 1000

/** The answer to a request with a body. */
export interface Answer {
  readonly response: IncomingMessage
  /** why the body broke off, when it did: an answer that ends too early ends because of that */
  readonly broken: () => { readonly error: unknown } | undefined
}

/**
 * Sends a body while the answer may already come. Waits for `100 Continue` first, so that an engine that refuses the
 * request can say why before it hangs up. When the body itself fails, the request is given up and its error thrown.
 */
export async function upload(
  request: ClientRequest,
  body: AsyncIterable<Uint8Array>,
  respond: (send: () => void) => Promise<IncomingMessage>,
): Promise<Answer> {
  let failed: { readonly error: unknown } | undefined
  let sent: Promise<void> | undefined
  const send = async (): Promise<void> => {
    try {
      await invited(request)
      await pump(request, body)
    } catch (error) {
      failed = { error }
      request.destroy(new Error('the context could not be read'))
    }
  }
  const broken = (): { readonly error: unknown } | undefined => failed
  try {
    const response = await respond(() => {
      request.flushHeaders()
      sent = send()
    })
    return { response, broken }
  } catch (error) {
    await sent
    throw broken()?.error ?? error
  }
}

async function invited(request: ClientRequest): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience)
    const go = (): void => {
      clearTimeout(timer)
      resolve()
    }
    request.once('continue', go).once('response', go).once('close', go)
  })
}

async function pump(request: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  if (request.destroyed) return
  for await (const chunk of body) {
    if (request.destroyed) return
    if (!request.write(chunk)) await drained(request)
  }
  request.end()
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      request.off('drain', go).off('close', go)
      resolve()
    }
    request.once('drain', go).once('close', go)
    if (request.destroyed) go()
  })
}
