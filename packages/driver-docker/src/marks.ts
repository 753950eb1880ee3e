import type { Job } from '@kiln/core'

/** Whose a thing in the engine is. */
export interface Mark {
  readonly owner: string
  readonly run: string
  readonly attempt: number
}

/** The labels of an image. The classic builder sets them in its last step: its containers do not carry them. */
export function labelsOf(job: Job, owner: string, ref: string): Readonly<Record<string, string>> {
  return { 'kiln.owner': owner, 'kiln.run': job.run, 'kiln.attempt': String(job.attempt), 'kiln.tenant': job.tenant, 'kiln.ref': ref }
}

export function markIn(labels: Readonly<Record<string, string>> | null | undefined): (Mark & { readonly ref: string }) | undefined {
  const [owner, run, attempt, ref] = ['owner', 'run', 'attempt', 'ref'].map((name) => labels?.[`kiln.${name}`])
  if (owner === undefined || run === undefined || ref === undefined || !Number.isSafeInteger(Number(attempt))) return undefined
  return { owner, run, attempt: Number(attempt), ref }
}

/**
 * A host name that marks the containers of an attempt: the one thing of a classic build's containers that we may choose,
 * can find again, and that has no part in the layer cache.
 */
export function markOf({ run, attempt }: Pick<Job, 'run' | 'attempt'>, owner: string): string {
  return `${attempt}.${hex(run)}.${hex(owner)}.kiln.invalid`
}

export function markFrom(extraHosts: readonly string[] | null | undefined): Mark | undefined {
  for (const entry of extraHosts ?? []) {
    const [, attempt, run, owner] = /^(\d+)\.([0-9a-f]*)\.([0-9a-f]*)\.kiln\.invalid:/.exec(entry) ?? []
    if (attempt !== undefined && run !== undefined && owner !== undefined)
      return { owner: text(owner), run: text(run), attempt: Number(attempt) }
  }
  return undefined
}

function hex(value: string): string {
  return Buffer.from(value).toString('hex')
}

function text(value: string): string {
  return Buffer.from(value, 'hex').toString('utf8')
}
