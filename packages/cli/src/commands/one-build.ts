import { BuildError, shown, type Build, type Kiln } from '@kiln/core'
import { openEngine, tenant } from '../data-dir.ts'
import type { Io } from '../io.ts'

export interface DataOptions {
  readonly json?: true
  readonly dataDir?: string
  /** default: the one of `kiln build` */
  readonly tenant?: string
}

export interface CancelOptions extends DataOptions {
  readonly wait?: true
}

/** Works with the builds of the data directory, without running any. */
export async function withBuilds(io: Io, options: DataOptions, work: (kiln: Kiln) => Promise<number>): Promise<number> {
  await using engine = await openEngine(io, options.dataDir, { worker: false })
  return await work(engine.for(options.tenant ?? tenant))
}

/** most builds that the beginning of an id is looked for in */
const looked = 10_000

/** The build of an id, of the beginning of one, or of `^N`. Throws `not_found`, and `invalid_argument` where several begin so. */
export async function findBuild(kiln: Kiln, reference: string): Promise<Build> {
  const back = /^\^(\d{1,4})$/.exec(reference)
  const id = back ? (await kiln.list({ limit: Number(back[1]) + 1 }))[Number(back[1])]?.id : await fullId(kiln, reference)
  const found = id === undefined ? undefined : await kiln.get(id)
  if (found) return found
  throw new BuildError('not_found', `There is no build ${shown(reference)}.`, { hint: 'kiln builds ls shows those there are.' })
}

async function fullId(kiln: Kiln, reference: string): Promise<string | undefined> {
  if (!/^[0-9a-f-]{4,36}$/.test(reference)) return undefined
  if (reference.length === 36) return reference
  const ids = (await kiln.list({ limit: looked })).map(({ id }) => id).filter((id) => id.startsWith(reference))
  if (ids.length < 2) return ids[0]
  throw new BuildError('invalid_argument', `${ids.length} builds begin with ${shown(reference)}.`, {
    hint: `Give more of the id, such as ${ids[0]}.`,
    data: { candidates: ids.slice(0, 5) },
  })
}
