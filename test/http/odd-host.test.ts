// security.md, section 4, 127: a process that is odd before Kiln is in it. It works, as anywhere.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../clients/run.ts'

const node = `exec "${process.execPath}" --conditions=kiln-source "${join(import.meta.dirname, 'odd-host.ts')}"`

test.each([
  ['Object.prototype has fields', `${node} polluted`],
  ['64 open files are allowed', `ulimit -n 64; ${node}`],
  ['no HOME, and a directory that nobody can write to', `unset HOME; cd /proc; ${node}`],
])('127 %s', async (_what, command) => {
  const { code, out, err } = await run('bash', ['-c', command], { limit: 60_000 })
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toMatchObject({ status: 'SUCCEEDED' })
})
