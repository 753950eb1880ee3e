/** What a signed link or form lets its holder do. The purpose and all facts are under the signature. */
export interface Grant {
  /** `upload`, `log` */
  readonly purpose: string
  readonly tenant: string
  /** of the upload or build */
  readonly id: string
  /** ms since the epoch */
  readonly expires: number
  /** further facts: region, max size */
  readonly facts: Readonly<Record<string, string>>
}

/** Signed, expiring grants: HMAC-SHA256 with a secret that is made once per store and shared by all servers on it. */
export interface Links {
  sign(grant: Grant): Promise<string>
  /** the grant, or why not; compared in constant time, expiry on the server's clock */
  open(purpose: string, token: string): Promise<Grant | 'bad_signature' | 'expired'>
}
