import { codes, isBuildError, toFailure, type ErrorCode, type Failure, type Json } from '@kiln/core'

/** What only a server can refuse. Each stands in docs/errors.md, with the status of each API. */
export const serverCodes = {
  unauthorized: 'Send a valid API key.',
  forbidden: 'Use a key that allows this.',
  unknown_route: 'Check the path and the base path: openapi/native.json below it names what there is.',
  method_not_allowed: 'Use a method of the Allow header.',
  unsupported_media_type: 'Send the content type that the route names, without a content encoding.',
  invalid_json: 'Send one JSON document in UTF-8.',
  invalid_input: 'Correct the named field.',
  payload_too_large: 'Send less.',
  too_slow: 'Send the body faster.',
  too_many_bodies: 'Wait as long as Retry-After says, and send fewer large bodies at once.',
  body_consumed: 'Mount the handler before any body parser, or let the parser leave its paths alone.',
  idempotency_in_flight: 'Wait for the answer of the first request, or repeat this one a little later.',
  build_not_final: 'Cancel the build first, or wait for its end.',
  rate_limited: 'Wait as long as Retry-After says.',
  draining: 'The server is going down; try again as Retry-After says.',
  too_many_streams: 'Close another log stream first.',
  invalid_region: 'Use one of the configured regions.',
  region_mismatch: 'Use the region of the upload.',
  upload_not_found: 'Upload the archive first, then create the build.',
  invalid_dockerfile_path: 'Name the Dockerfile by its path inside the context, as docker/Dockerfile.',
  no_deploying: 'Run the image of the build elsewhere: the URI stands in the build.',
  upload_expired: 'Ask for a new upload URL.',
  upload_already_used: 'Ask for a new upload URL.',
  too_many_uploads: 'Use or abandon the open uploads first.',
  bad_signature: 'Use the link or the fields exactly as they were given.',
  agent_name_taken: 'Use another agent_name, or the agent_id of that agent.',
  agent_not_found: 'Use an agent_id of this account.',
  invalid_files: 'Send files as an object of texts by path, at least one.',
  too_many_files: 'Send fewer files, or an archive through the native API.',
  entry_point_not_found: 'Name one of the files as entry_point, or leave it out.',
  namespace_mismatch: 'Send the same namespace in header and body, or none.',
  registry_not_allowed: "Name the image alone; the registry is the server's.",
  disallowed_requirement: 'Name packages of the index; options, local paths and direct references are refused.',
} as const

export type ServerCode = keyof typeof serverCodes
export type RefusalCode = ErrorCode | ServerCode

/** Where an input was wrong, one entry per fault: `['body', 'files', 'a.py']`. */
export interface Fault {
  readonly where: readonly (string | number)[]
  readonly message: string
  /** a word for the kind of fault: `missing`, `invalid_type` */
  readonly kind: string
}

/** Why a request is not carried out; an API's `refuse` gives it a status and a shape. */
export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
  readonly hint: string
  readonly data: Failure['data']
  readonly faults: readonly Fault[]
  /** s */
  readonly retryAfter?: number
  /** further headers, such as Allow */
  readonly headers: Readonly<Record<string, string>>
}

export interface RefusalDetails {
  readonly hint?: string
  readonly data?: { readonly [key: string]: Json }
  readonly faults?: readonly Fault[]
  readonly retryAfter?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by the frame and by routes. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(code: RefusalCode, message: string, details: RefusalDetails = {}) {
    super(message)
    this.name = 'Refused'
    this.refusal = {
      code,
      message,
      hint: details.hint ?? hintOf(code),
      data: details.data ?? {},
      faults: details.faults ?? [],
      ...(details.retryAfter !== undefined && { retryAfter: details.retryAfter }),
      headers: details.headers ?? {},
    }
  }
}

/** Anything thrown. What has no code is `internal`, and its own text stays in our log; so do the paths of a store in trouble. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal
  const { code, message, hint, data } = isBuildError(error) ? toFailure(error) : toFailure(undefined)
  const ours = Object.hasOwn(ofOurs, code) ? ofOurs[code] : undefined
  if (ours !== undefined) return { code, message: ours, hint: codes[code].hint, data: {}, faults: [], headers: {} }
  return { code, message, hint, data, faults: [], headers: {} }
}

/** What is said of our own trouble. */
const ofOurs: Readonly<Partial<Record<ErrorCode, string>>> = {
  internal: 'The server failed to answer.',
  driver_unreachable: 'The builder does not answer; nothing was stored.',
  driver_unsupported: 'The builder is of a kind or age that Kiln does not work with.',
  disk_full: 'The server has no room left on its disk; nothing was stored.',
  store_unavailable: 'The store of the server cannot be used now.',
  store_corrupt: 'The store of the server is damaged.',
  store_too_new: 'The store of the server is of a newer Kiln.',
}

function hintOf(code: RefusalCode): string {
  return code in serverCodes ? serverCodes[code as ServerCode] : codes[code as ErrorCode].hint
}
