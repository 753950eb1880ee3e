import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../src/open.ts'
import { sqliteStore } from '../src/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'kiln-close-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('closing waits for all that was asked before, also when no more may wait', async () => {
  const file = join(dir, 'kiln.db')
  const store = await sqliteStore({ file })
  const asked = Array.from({ length: 20_001 }, (_, i) => store.write('ann', 'kind', `${i}`, i, 'new'))
  const answers = Promise.allSettled(asked)
  await store[Symbol.asyncDispose]()
  const refused = (await answers).filter(({ status }) => status === 'rejected')
  expect(refused).toMatchObject([{ reason: { code: 'store_unavailable' } }])
  const db = await openDatabase(file)
  expect(db.prepare('select count(*) n from openers').get()).toEqual({ n: 0 })
  expect(db.prepare('select count(*) n from documents').get()).toEqual({ n: 20_000 })
  db.close()
})
