import { expect, test } from 'vitest'
import { fingerprintOf } from '../../src/apis/runagents/fingerprint.ts'

const large = 'é = 1\n'.repeat(400_000)

test.each([
  ['small', 'x = 1\n'],
  ['large', large],
])('a request of a %s file is known by all that decides its build', async (_how, text) => {
  const of = (files: Record<string, string>, more: object = {}): Promise<string> => fingerprintOf({ name: 'a', files, ...more })
  const first = await of({ 'a.py': text, 'b.py': 'y' })
  expect(await of({ 'a.py': text, 'b.py': 'y' }, { entry_point: null })).toBe(first)
  const others = await Promise.all([
    of({ 'a.py': `${text}y`, 'b.py': '' }),
    of({ 'a.py': text, 'c.py': 'y' }),
    of({ 'a.py': text }),
    of({ 'a.py': `${text}b.pyy` }),
    of({ 'a.py': text, 'b.py': 'z' }),
    of({ 'a.py': text, 'b.py': 'y' }, { entry_point: 'a.py' }),
    of({ 'a.py': text, 'b.py': 'y' }, { requirements: 'a.py' }),
    of({ 'a.py': text, 'b.py': 'y' }, { framework: 'a.py' }),
  ])
  expect(new Set([first, ...others]).size).toBe(others.length + 1)
})

test('others have their turn while large files are hashed', async () => {
  let turns = 0
  const other = (): void => void (turns++, (going = setImmediate(other)))
  let going = setImmediate(other)
  await fingerprintOf({ name: 'a', files: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}.py`, large])) })
  clearImmediate(going)
  expect(turns).toBeGreaterThan(3)
})
