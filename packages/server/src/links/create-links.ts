import type { Engine, Kiln } from '@kiln/core'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { systemTenant } from '../auth/keys.ts'
import type { Grant, Links } from './links.ts'

/** a token that is longer was not made here */
const maxToken = 8192

export function createLinks(engine: Pick<Engine, 'for'>, now: () => number): Links {
  const secret = remembered(() => sharedSecret(engine.for(systemTenant).documents))
  return {
    async sign(grant) {
      const payload = Buffer.from(JSON.stringify(grant)).toString('base64url')
      return `${payload}.${mac(await secret(), payload)}`
    },
    async open(purpose, token) {
      const [payload = '', given = '', ...more] = token.length > maxToken ? [] : token.split('.')
      if (!same(mac(await secret(), payload), given) || more.length > 0) return 'bad_signature'
      const grant = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Grant
      if (grant.purpose !== purpose) return 'bad_signature'
      return grant.expires <= now() ? 'expired' : grant
    },
  }
}

function mac(secret: Uint8Array, payload: string): string {
  return createHmac('sha256', secret).update(payload).digest('base64url')
}

/** The texts are compared, not what they decode to: a token has one spelling. */
function same(right: string, given: string): boolean {
  const [a, b] = [Buffer.from(right), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Made by whichever server on the store comes first; the others, also at the same moment, find it. */
async function sharedSecret(documents: Kiln['documents']): Promise<Uint8Array> {
  const stored = async (): Promise<string | undefined> => {
    const [found] = await documents.read('secret', { name: 'links', limit: 1 })
    return found?.value as string | undefined
  }
  const known = await stored()
  if (known !== undefined) return Buffer.from(known, 'base64url')
  const fresh = randomBytes(32)
  if (await documents.write('secret', 'links', fresh.toString('base64url'), 'new')) return fresh
  return Buffer.from((await stored())!, 'base64url')
}

/** Asked once; a failure is not remembered. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined
      throw error
    })
    return answer
  }
}
