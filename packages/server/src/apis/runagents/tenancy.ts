import type { Call } from '../../api.ts'
import { Refused } from '../../refusal.ts'

/** The namespace that old clients send when nobody chose one. */
const unchosen = 'default'
const header = 'x-workspace-namespace'

/** The workspace of the path is the tenant's name; the namespace of the header that, or `default`. Throws `forbidden`. */
export function admit({ request, caller, params }: Pick<Call, 'request' | 'caller' | 'params'>): void {
  const { workspace } = params as { readonly workspace?: string }
  if (workspace !== undefined && workspace !== caller.tenant) throw elsewhere('workspace')
  const namespace = request.headers.get(header)
  if (namespace !== null && namespace !== caller.tenant && namespace !== unchosen) throw elsewhere('namespace')
}

/** A namespace of the body has to be the header's, or without one the tenant's. Throws `namespace_mismatch`. */
export function checkNamespace({ request, caller }: Pick<Call, 'request' | 'caller'>, namespace: string | null | undefined): void {
  if (namespace === undefined || namespace === null) return
  const given = request.headers.get(header)
  if (given === null ? namespace === caller.tenant || namespace === unchosen : namespace === given) return
  throw new Refused('namespace_mismatch', `The namespace of the body is not that of the ${given === null ? 'API key' : 'header'}.`)
}

function elsewhere(what: string): Refused {
  return new Refused('forbidden', `The API key is not of this ${what}.`)
}
