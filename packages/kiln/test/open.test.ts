import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKiln } from '@kiln/kiln'
import { fakeDriver } from '@kiln/testkit/driver'
import { afterAll, expect, test } from 'vitest'

const home = mkdtempSync(join(tmpdir(), 'kiln-open-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('makes its data directory, and those above it, for its owner alone', async () => {
  const dataDir = join(home, 'a', 'b', 'c')
  for (const _time of [1, 2]) await (await openKiln({ dataDir, drivers: [fakeDriver()] }))[Symbol.asyncDispose]()
  expect([dataDir, join(home, 'a')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700])
})

test.runIf(process.platform === 'linux')('a place where nobody can make a directory is refused, and not tried for ever', async () => {
  await expect(openKiln({ dataDir: '/proc/kiln/data', drivers: [fakeDriver()] })).rejects.toMatchObject({
    code: 'ENOENT',
    syscall: 'mkdir',
  })
})
