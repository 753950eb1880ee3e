/**
 * The key of a request: a bearer token, or one of the two headers of the public APIs. Several that say the same are one; of two
 * different ones neither counts. A query is never looked at: addresses end up in logs.
 */
export function keyOf({ headers }: Request): string | undefined {
  const authorization = headers.get('authorization')
  const bearer = authorization === null ? undefined : bearerOf(authorization)
  if (authorization !== null && bearer === undefined) return undefined
  let key = bearer
  for (const name of keyHeaders) {
    const value = headers.get(name)
    if (value === null) continue
    if (value === '' || (key !== undefined && key !== value)) return undefined
    key = value
  }
  return key
}

const keyHeaders = ['x-api-key', 'x-runagents-api-key'] as const

/** RFC 6750: one scheme, one space, one token. Two headers of the name arrive joined by a comma, which no key has. */
function bearerOf(authorization: string): string | undefined {
  return /^bearer +([^\s,]+)$/i.exec(authorization)?.[1]
}
