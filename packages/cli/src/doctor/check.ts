/** One thing that was looked at. Messages never hold credentials. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** what to do, one line, a command where there is one */
  readonly fix?: string
}
