import { BuildError, shown } from '../failure/error.ts'
import type { Listener } from './changes.ts'
import { isFinal, type BuildEvent } from './records.ts'
import type { Backend, Rows, Shared } from './rows.ts'
import { lastEvent, seenEvents, stateOf } from './state.ts'

/** events read at once: with lines of 8 KiB at most 2 MiB */
const pageSize = 256
/** a change is announced; this is only the net below */
const lookAgainMs = 5_000

export interface Following {
  readonly signal?: AbortSignal
  readonly after: number
  readonly follow: boolean
}

type Reading = Pick<Backend, 'read' | 'changes'>

/** The stream of a Build: read page by page, then, with `follow`, as the pages come. */
export async function* follow(backend: Reading, tenant: string, id: string, options: Following): AsyncGenerator<BuildEvent, void, void> {
  const run = await backend.read((rows) => existing(rows, tenant, id).run.id)
  const listener = backend.changes.listen(run)
  try {
    yield* followed(backend, tenant, id, options, listener)
  } finally {
    listener.close()
  }
}

async function* followed(
  backend: Reading,
  tenant: string,
  id: string,
  { signal, after, follow: more }: Following,
  listener: Listener,
): AsyncGenerator<BuildEvent, void, void> {
  for (let seen = after; ;) {
    signal?.throwIfAborted()
    listener.reset()
    const page = await backend.read((rows) => pageOf(rows, tenant, id, seen))
    for (const event of page.events) {
      yield event
      signal?.throwIfAborted()
      seen = event.seq
    }
    const caughtUp = page.events.length === 0
    if (page.ended || (caughtUp && !more)) return
    if (caughtUp) await listener.wait(lookAgainMs, signal)
  }
}

/**
 * Number 0 is made from the Build's acceptance, the last one from its end; between them stand the kept events of the Run, as
 * many as the Build has seen. Where these were pruned, the numbers have a gap.
 */
function pageOf(
  rows: Rows,
  tenant: string,
  id: string,
  after: number,
): { readonly events: readonly BuildEvent[]; readonly ended: boolean } {
  const shared = existing(rows, tenant, id)
  const { build, run } = shared
  const first: BuildEvent = { seq: 0, at: build.acceptedAt, attempt: 0, type: 'state', state: 'queued' }
  if (after < 0) return { events: [first], ended: false }
  const last = seenEvents(build, run)
  const kept = after < last ? rows.events(run, after, last, pageSize) : []
  if (kept.length > 0) return { events: kept, ended: false }
  const state = stateOf(shared)
  if (!isFinal(state)) return { events: [], ended: false }
  return { events: after <= last ? [lastEvent(shared, state)] : [], ended: true }
}

export function existing(rows: Rows, tenant: string, id: string): Shared {
  const shared = rows.build(tenant, id)
  if (shared === undefined) throw new BuildError('not_found', `There is no build ${shown(id)}.`)
  return shared
}
