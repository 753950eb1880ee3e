/** A text that a program has in its code, with what the code around it says about its use. */
export interface Told {
  /** its first 4,096 characters; a field of a formatted text is `{…}` or `${…}` as written */
  readonly text: string
  readonly file: string
  /** 1-based */
  readonly line: number
  /** the keyword, the key of the map, or the variable that it is the value of */
  readonly slot?: string
  /** the dotted name of the call that it is an argument of; `?` for a part that is no name */
  readonly callee?: string
  /** the variable that its statement assigns */
  readonly variable?: string
  /** the `role` beside it in the same map */
  readonly role?: string
  /** it stands alone, as documentation does */
  readonly alone: boolean
}

/** characters of one text that are looked at */
export const longestText = 4096
/** texts of one file; more are data */
export const mostTexts = 20_000
