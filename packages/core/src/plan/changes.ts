import type { Evidence } from '../detect/detection.ts'
import type { Planned, PlanEvidence } from './plan.ts'

type Ok = Extract<Planned, { ok: true }>
type Value = PlanEvidence['values'][number]

/** A value of a plan that another plan of the same source has otherwise. */
export interface PlanChange {
  /** the Plan field, or `dependencies.NAME` */
  readonly field: string
  /** null where only the other plan has it */
  readonly from: string | null
  readonly to: string | null
  /** why it is `to` */
  readonly evidence: Evidence
  /** the Config field that holds on to what is wanted; empty for what only follows from the others */
  readonly override: string
}

/** What differs between two plans of the same source, such as those of two editions, in the order people ask. */
export function planChanges(before: Ok, after: Ok): readonly PlanChange[] {
  return [...valueChanges(before.evidence.values, after.evidence.values), ...dependencyChanges(before, after)]
}

function valueChanges(before: readonly Value[], after: readonly Value[]): PlanChange[] {
  const fields = [...new Set([...after, ...before].map(({ field }) => field))]
  return fields.flatMap((field) => {
    const [old, now] = [before, after].map((values) => values.filter((one) => one.field === field)) as [Value[], Value[]]
    return old.length === 1 && now.length === 1 ? replaced(old[0]!, now[0]!) : listed(old, now)
  })
}

function replaced(old: Value, now: Value): PlanChange[] {
  if (old.value === now.value) return []
  return [{ field: now.field, from: old.value, to: now.value, evidence: now.evidence, override: now.override }]
}

/** Of a field that has several values, or none on one side. */
function listed(old: readonly Value[], now: readonly Value[]): PlanChange[] {
  const gone = old.filter(({ value }) => !now.some((one) => one.value === value))
  const come = now.filter(({ value }) => !old.some((one) => one.value === value))
  return [
    ...gone.map(({ field, value, evidence, override }) => ({ field, from: value, to: null, evidence, override })),
    ...come.map(({ field, value, evidence, override }) => ({ field, from: null, to: value, evidence, override })),
  ]
}

function dependencyChanges(before: Ok, after: Ok): PlanChange[] {
  const texts = ({ evidence }: Ok): ReadonlyMap<string, { text: string; evidence: Evidence }> =>
    new Map(
      evidence.dependencies.map(({ name, extras, specifier, group, evidence: why }) => [
        `${name} ${group}`,
        { text: `${name}${extras?.length ? `[${extras.join(',')}]` : ''}${specifier}`, evidence: why },
      ]),
    )
  const [old, now] = [texts(before), texts(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [from, to] = [old.get(key), now.get(key)]
    if (from?.text === to?.text) return []
    const field = `dependencies.${key.split(' ')[0]}`
    return [{ field, from: from?.text ?? null, to: to?.text ?? null, evidence: (to ?? from)!.evidence, override: 'dependencies' }]
  })
}
