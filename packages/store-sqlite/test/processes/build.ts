import { writeSync } from 'node:fs'
import type { Accept, ClaimRules } from '@kiln/core'

export const rules: ClaimRules = { drivers: ['fake'], perTenant: 1000, attempts: 3, queueMs: 3_600_000 }

/** A Build with a Key of its own. */
export function accepting(of: string): Accept {
  const digest = `sha256:${Buffer.from(of).toString('hex').padEnd(64, '0').slice(0, 64)}` as const
  return {
    name: 'agent',
    key: digest,
    image: 'localhost/kiln/ann/agent:x',
    tags: [],
    driver: { name: 'fake', why: 'a test' },
    attributes: {},
    inputs: { tree: digest, recipe: digest, parts: {} },
    spec: { of },
    idempotency: { key: of, request: digest },
  }
}

/** A line that has left this process when the call returns, so that a kill cannot take it back. */
export function say(line: string): void {
  writeSync(1, `${line}\n`)
}
