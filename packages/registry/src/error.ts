/** What went wrong with a registry. An engine maps it to its own codes; this package knows none of them. */
export type RegistryErrorKind =
  /** the registry or a credential helper says no: wrong or missing rights (HTTP 401, 403) */
  | 'denied'
  /** no answer, or 429 and 5xx until the retries were used up: may work later */
  | 'unreachable'
  /** an answer that makes no sense or breaks a rule */
  | 'failed'
  /** what was pushed is not what the registry hands out */
  | 'unverified'
  /** a reference that does not follow the grammar */
  | 'invalid_reference'

const brand = Symbol.for('kiln.RegistryError')

/** The one error of this package. Its message names the registry, never a credential. Recognise it with `isRegistryError`. */
export class RegistryError extends Error {
  readonly kind: RegistryErrorKind
  /** of the answer, where there was one */
  readonly status: number | undefined

  constructor(kind: RegistryErrorKind, message: string, details: { readonly status?: number | undefined; readonly cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    Object.defineProperty(this, brand, { value: true })
    this.name = 'RegistryError'
    this.kind = kind
    this.status = details.status
  }
}

/** True for a RegistryError of any copy of this package in the process. */
export function isRegistryError(value: unknown): value is RegistryError {
  return typeof value === 'object' && value !== null && brand in value
}

/** A stranger's text made safe to show: control and direction characters escaped, cut at `max` characters. */
export function plain(text: string, max = 200): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
  return safe.length <= max ? safe : `${safe.slice(0, max)}…`
}
