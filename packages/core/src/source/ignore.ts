/** What was left out at the opening of a Source, so that it can be shown and overridden. */
export interface Ignored {
  readonly rules: 'planned' | 'as-given'
  /** the .dockerignore that was obeyed, if there is one */
  readonly file?: string
  /** paths the default deny list left out, at most 100 (highest directory only) */
  readonly denied: readonly string[]
}
