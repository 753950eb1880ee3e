import { isFinal, type BuildRecord } from '@kiln/core'
import type { Parts } from '../../parts.ts'
import { statusOf } from './states.ts'

/** Builds as this API shows them. */
export interface Presenter {
  /** the Build as JSON text */
  text(tenant: string, record: BuildRecord): string | Promise<string>
}

/** what the attribute `api` of its builds says */
export const api = 'pipecat'

/** ms that a link to a log is good for when it is handed out: between the two */
const linkMs = { made: 60 * 60_000, atLeast: 55 * 60_000 }
const remembered = 4096

/** A final Build does not change: its text is made once, and anew before the link in it gets old. */
export function createPresenter({ links, publicUrl, now }: Parts): Presenter {
  const known = new Map<string, { readonly text: string; readonly until: number }>()
  const make = async (tenant: string, record: BuildRecord): Promise<string> => {
    const made = now()
    const token = await links.sign({ purpose: 'log', tenant, id: record.id, expires: made + linkMs.made, facts: {} })
    const text = JSON.stringify(shape(tenant, record, `${publicUrl}/v1/builds/${record.id}/log.txt?grant=${token}`))
    if (isFinal(record.state)) {
      known.delete(record.id)
      known.set(record.id, { text, until: made + linkMs.made - linkMs.atLeast })
      if (known.size > remembered) known.delete(known.keys().next().value!)
    }
    return text
  }
  return {
    text(tenant, record) {
      const last = known.get(record.id)
      return last !== undefined && last.until > now() ? last.text : make(tenant, record)
    },
  }
}

/** Whether a Build was asked for through this API. */
export function isOurs({ attributes }: BuildRecord): boolean {
  return attributes['api'] === api
}

/** What is not known is left out: JSON.stringify drops what is undefined. */
function shape(tenant: string, record: BuildRecord, logsUrl: string): Readonly<Record<string, unknown>> {
  const { attributes, acceptedAt, endedAt } = record
  const status = statusOf[record.state]
  // what an earlier image answered began and ended when it was asked for
  const startedAt = record.startedAt ?? (status === 'success' ? acceptedAt : undefined)
  return {
    id: record.id,
    organizationId: tenant,
    status,
    region: attributes['region'],
    contextHash: attributes['contextHash'],
    dockerfilePath: attributes['dockerfilePath'],
    imageUri: status === 'success' ? record.image : undefined,
    logsUrl,
    errorMessage: messageOf(record),
    contextSizeBytes: numberOf(attributes['contextSizeBytes']),
    imageSizeBytes: status === 'success' ? record.built?.size : undefined,
    buildDurationSeconds: endedAt === undefined ? undefined : Math.max(0, Math.round((endedAt - (startedAt ?? endedAt)) / 1000)),
    startedAt: timeOf(startedAt),
    completedAt: timeOf(endedAt),
    createdAt: timeOf(acceptedAt),
    updatedAt: timeOf(endedAt ?? startedAt ?? acceptedAt),
  }
}

function messageOf({ state, error }: BuildRecord): string | undefined {
  if (state === 'cancelled') return 'build cancelled'
  if (state === 'succeeded' || !isFinal(state)) return undefined
  return error?.message ?? `The build is ${state}.`
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number(text ?? Number.NaN)
  return Number.isSafeInteger(number) ? number : undefined
}

/** With milliseconds and Z, as its clients parse it. */
export function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
