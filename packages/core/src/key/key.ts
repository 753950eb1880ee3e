import type { Digest } from '../driver/driver.ts'

/** All inputs of a build, by design.md "Key": nothing resolved during the build, no secret value, no clock, no driver. */
export interface KeyInputs {
  readonly tenant: string
  readonly repository: string
  readonly tree: Digest
  readonly how: KeyPlan | KeyDockerfile
  /** canonical JSON, only when the caller gave one */
  readonly lock?: string
  readonly args: Readonly<Record<string, string>>
  /** id: reference, never the value */
  readonly secrets: Readonly<Record<string, string>>
  readonly platforms: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly partition: string
}

interface KeyPlan {
  readonly kind: 'plan'
  /** canonical JSON without evidence */
  readonly plan: string
}

interface KeyDockerfile {
  readonly kind: 'dockerfile'
  readonly path: string
  readonly text: string
  readonly target: string
}

/** Raised whenever the same inputs mean another image. */
const keyFormat = 'kiln-key-1'

/** The inputs in the Key's own order, each under the name `explainMiss` shows. */
export function keyParts(inputs: KeyInputs): readonly (readonly [name: string, value: string])[] {
  return [
    ['format', keyFormat],
    ['tenant', inputs.tenant],
    ['repository', inputs.repository],
    ['tree', inputs.tree],
    ...howParts(inputs.how),
    ['lock', inputs.lock ?? ''],
    ...named('argument', inputs.args),
    ...named('secret', inputs.secrets),
    ...[...inputs.platforms].sort().map((platform) => ['platform', platform] as const),
    ...named('label', inputs.labels),
    ['partition', inputs.partition],
  ]
}

/** Each part as `<bytes of name> <bytes of value>:name value`, so that no two lists of parts give the same bytes. */
export function frame(parts: readonly (readonly [string, string])[]): Uint8Array {
  const encoder = new TextEncoder()
  const chunks = parts.flatMap(([name, value]) => {
    const [nameBytes, valueBytes] = [encoder.encode(name), encoder.encode(value)]
    return [encoder.encode(`${nameBytes.length} ${valueBytes.length}:`), nameBytes, valueBytes]
  })
  const framed = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    framed.set(chunk, at)
    at += chunk.length
  }
  return framed
}

/** JSON with sorted object keys and no white space: the same value gives the same text everywhere. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

function howParts(how: KeyInputs['how']): readonly (readonly [string, string])[] {
  if (how.kind === 'plan') return [['plan', how.plan]]
  return [
    ['dockerfile path', how.path],
    ['dockerfile', how.text],
    ['target', how.target],
  ]
}

function named(kind: string, values: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [`${kind} ${name}`, value] as const)
}
