import type { Config } from '../plan/config.ts'
import type { Evidence, Finding, Notice } from './detection.ts'
import type { NodeFiles } from './node/files.ts'
import { portFinding, type Found } from './overridden.ts'
import type { RuntimeFacts, Serves } from './runtime-facts.ts'

interface Listening {
  /** the begin of the rules: `deno`, `bun` */
  readonly id: string
  /** the port of a server that names none */
  readonly standard: number
  /** the runtime itself serves what the file exports */
  readonly serves?: true
  /** an option of the command */
  readonly given?: { readonly value: number; readonly evidence: Evidence }
}

interface Context {
  readonly files: NodeFiles
  readonly factsOf: (file: string) => RuntimeFacts
  readonly config: Config
}

/** The port that a program of Deno or Bun listens on: named in the code, read from PORT, the runtime's own; null for a worker. */
export function listening(
  { files, factsOf, config }: Context,
  file: string | undefined,
  how: Listening,
): { port: Finding<number | null>; notices: readonly Notice[] } {
  const reached = file === undefined ? [] : files.reach(file)
  const all = reached.flatMap((one) => {
    const { serves, exported } = factsOf(one)
    return [...serves, ...(one === file && exported ? [exported] : [])].map((serve) => ({ ...serve, file: one }))
  })
  const named = all.find(({ port }) => port !== undefined) ?? all.find(({ variable }) => variable !== undefined) ?? all[0]
  const told = how.given ?? (named && ofServes(named, how))
  const standard: Found<number | null> =
    how.serves || file === undefined || config.start !== undefined
      ? { value: how.standard, evidence: { rule: `${how.id}.port.default`, says: `${how.standard} where nothing names another` } }
      : { value: null, evidence: { rule: `${how.id}.port.none`, says: 'nothing in the code serves' } }
  const found: Found<number | null> = told ?? standard
  const lost = told ? [standard] : []
  const notices = all
    .filter(({ host }) => host === '127.0.0.1' || host === 'localhost')
    .slice(0, 1)
    .map(localNotice)
  return { port: portFinding(config, found, lost), notices }
}

type Placed = Serves & { readonly file: string }

function ofServes({ callee, file, line, port, variable }: Placed, { id, standard }: Listening): Found<number> {
  const place = { rule: `${id}.port.listen`, file, line }
  if (port !== undefined)
    return {
      value: port,
      evidence: { ...place, says: variable === undefined ? `${callee}: port ${port}` : `${callee}: ${variable}, else ${port}` },
    }
  if (variable !== undefined) return { value: standard, evidence: { ...place, says: `${callee} listens on ${variable}` } }
  return { value: standard, evidence: { rule: `${id}.port.default`, file, line, says: `${callee} names no port` } }
}

function localNotice({ callee, file, line }: Placed): Notice {
  const message = `${callee} listens on this machine only, so nothing reaches it from outside the container. Listen on 0.0.0.0.`
  return { code: 'binds_locally', message, file, line }
}
