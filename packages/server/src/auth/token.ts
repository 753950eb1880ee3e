import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A key as its holder has it: `kiln_<id>_<secret>`, the id public, the secret 256 bits. */
export interface Token {
  readonly id: string
  readonly secret: string
}

const form = /^kiln_([0-9a-f]{16})_([0-9a-f]{64})$/

export function newId(): string {
  return randomBytes(8).toString('hex')
}

export function newToken(id: string): Token {
  return { id, secret: randomBytes(32).toString('hex') }
}

export function tokenText({ id, secret }: Token): string {
  return `kiln_${id}_${secret}`
}

export function parseToken(text: string): Token | undefined {
  const [, id, secret] = form.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** What is stored of a secret. It has 256 bits of chance, so that a fast hash is enough. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** In constant time. */
export function matches(secret: string, stored: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(stored, 'hex'))
}
