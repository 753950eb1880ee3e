import { describe, expect, test } from 'vitest'
import { acceptCases } from './accept-cases.ts'
import { besideCases } from './beside-cases.ts'
import { cancelCases } from './cancel-cases.ts'
import { claimCases } from './claim-cases.ts'
import { documentCases } from './document-cases.ts'
import { eventCases } from './event-cases.ts'
import { handleCases } from './handle-cases.ts'
import { leaseCases } from './lease-cases.ts'
import { listCases } from './list-cases.ts'
import { pruneCases } from './prune-cases.ts'
import { searchCases } from './search-cases.ts'
import { tenantCases } from './tenant-cases.ts'
import { openWorld, type StoreCase, type StoreSubject } from './world.ts'

export type { OpenStore, StoreSubject } from './world.ts'

const cases: readonly StoreCase[] = [
  ...acceptCases,
  ...besideCases,
  ...listCases,
  ...searchCases,
  ...claimCases,
  ...leaseCases,
  ...cancelCases,
  ...eventCases,
  ...pruneCases,
  ...documentCases,
  ...tenantCases,
  ...handleCases,
]

/** Registers with vitest what every Store has to do. A case that a store cannot pass is skipped by name, with a reason. */
export function storeSuite(subject: StoreSubject): void {
  const skip = new Map(Object.entries(subject.skip ?? {}))
  describe(`store: ${subject.name}`, () => {
    test('every skip names a case', () => expect([...skip.keys()].filter((name) => !cases.some((one) => one.name === name))).toEqual([]))
    test.for(cases)('$name', async ({ name, run }, context) => {
      expect.hasAssertions()
      if (skip.has(name)) return context.skip(skip.get(name))
      const world = await openWorld(subject, (why) => context.skip(why))
      try {
        await run(world)
      } finally {
        await world.end()
      }
    })
  })
}
