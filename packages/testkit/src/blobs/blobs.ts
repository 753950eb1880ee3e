import type { Blobs, Digest } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { blobCases } from './cases.ts'

/** Blobs under test. */
export interface BlobsSubject {
  readonly name: string
  /** new and empty ones, which take the age of blobs from `now` */
  open(options: { readonly now: () => number }): Promise<OpenBlobs>
  /** cases they cannot pass: name and reason */
  readonly skip?: Readonly<Record<string, string>>
}

export interface OpenBlobs {
  readonly blobs: Blobs
  /** changes one byte of a stored blob behind the back of `blobs`; left out where nobody can */
  readonly damage?: (tenant: string, digest: Digest) => Promise<void>
  /** how many unfinished writes have left something behind */
  readonly leftovers?: () => Promise<number>
  /** removes what it has left behind */
  readonly end?: () => Promise<void>
}

export interface BlobCase {
  readonly name: string
  readonly run: (world: BlobWorld) => Promise<void>
}

export interface BlobWorld extends OpenBlobs {
  readonly pass: (ms: number) => void
  readonly skip: (why: string) => void
}

/** Registers with vitest what all Blobs have to do. A case that cannot be passed is skipped by name, with a reason. */
export function blobsSuite(subject: BlobsSubject): void {
  const skip = new Map(Object.entries(subject.skip ?? {}))
  describe(`blobs: ${subject.name}`, () => {
    test('every skip names a case', () =>
      expect([...skip.keys()].filter((name) => !blobCases.some((one) => one.name === name))).toEqual([]))
    test.for(blobCases)('$name', async ({ name, run }, context) => {
      expect.hasAssertions()
      if (skip.has(name)) return context.skip(skip.get(name))
      let now = Date.now()
      const opened = await subject.open({ now: () => now })
      try {
        await run({ ...opened, pass: (ms) => void (now += ms), skip: (why) => context.skip(why) })
        expect((await opened.leftovers?.()) ?? 0, 'unfinished writes left behind').toBe(0)
      } finally {
        await opened.end?.()
      }
    })
  })
}
