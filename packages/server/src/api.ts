import type { Kiln } from '@kiln/core'
import type { z } from 'zod'
import type { Parts } from './parts.ts'
import type { Refusal } from './refusal.ts'

/** What a key allows. `admin` is the tenant's own: its keys. */
export type Scope = 'read' | 'build' | 'deploy' | 'admin'
export const scopes: readonly Scope[] = ['read', 'build', 'deploy', 'admin']

/** Who asks. */
export interface Caller {
  readonly tenant: string
  readonly scopes: ReadonlySet<Scope>
  /** of the key or person, for limits, records and logs; never the key itself */
  readonly id: string
  readonly kind: 'user' | 'service_account'
}

/** Undefined when the request names nobody we know: the answer is 401, the same for every reason. */
export type Authenticate = (request: Request) => Promise<Caller | undefined>

/** A public HTTP interface: one folder below `apis/`. It knows no other API and holds no build logic. */
export interface Api {
  /** of the folder, of the document at `/openapi/{name}.json`, and in the metrics */
  readonly name: string
  readonly title: string
  readonly version: string
  /** what it is for, for the document */
  readonly description?: string
  /** where its routes begin, `/v1` or `/api/v1/workspaces/{workspace}`; the document shows the first */
  readonly prefixes: readonly string[]
  readonly routes: readonly AnyRoute[]
  /** Refuses a caller that a header or the path puts elsewhere than its own tenant. Runs before every route that is not open. */
  admit?(call: Pick<Call, 'request' | 'caller' | 'params'>): void
  /** its own shape and status for every refusal: one table */
  refuse(refusal: Refusal): Response
  /** the header with the key, for the OpenAPI document */
  readonly security: Readonly<
    Record<
      string,
      | { readonly type: 'http'; readonly scheme: 'bearer'; readonly description?: string }
      | { readonly type: 'apiKey'; readonly in: 'header'; readonly name: string }
    >
  >
  /** the schema of `refuse`'s bodies */
  readonly errorSchema: z.ZodType
}

/** How an API is brought to a server: `createHandler({ apis: [native, scale] })`. */
export type MakeApi = (parts: Parts) => Api

/** One operation. Checking, scopes, 405 and the OpenAPI document all come from these. */
export interface Route<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** below the prefix, `/builds/{id}`; fixed paths win over parameters, whatever their order */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  /** more than the summary, for the document */
  readonly description?: string
  /** `open`: no key; the route checks a signature itself */
  readonly scope: Scope | 'open'
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
  /** `json`: checked and handed over, an empty body is undefined; `raw`: the handler reads `call.request.body` */
  readonly body?:
    | { readonly kind: 'json'; readonly schema: z.ZodType<B> }
    | { readonly kind: 'raw'; readonly type: string; readonly schema: z.ZodType }
  /** counts against the caller's rate; default: every method but GET */
  readonly limited?: boolean
  /** carried out while the server drains too, as a cancel: it begins nothing. Reads always are */
  readonly whileDraining?: boolean
  /** every status but the errors that all routes share; `type` default application/json */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType; readonly type?: string }>>
  /** further statuses of `refuse` that this route can answer, for the document */
  readonly refusals?: readonly number[]
  handle(call: Call<P, Q, B>): Promise<Response>
}

// oxlint-disable-next-line typescript/no-explicit-any -- a list of routes of any input
export type AnyRoute = Route<any, any, any>

/** Lets a route's handler know the types of its schemas. */
export function route<P = Record<string, never>, Q = Record<string, never>, B = undefined>(one: Route<P, Q, B>): AnyRoute {
  return one
}

/** One request at a route: its input has been checked. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly request: Request
  readonly params: P
  readonly query: Q
  readonly body: B
  /** of an `open` route: nobody, with no scopes */
  readonly caller: Caller
  /** the caller's tenant's engine */
  readonly kiln: Kiln
  /** aborted when the client has gone */
  readonly signal: AbortSignal
  /** of this request, also in the header `x-request-id` and the log */
  readonly id: string
}
