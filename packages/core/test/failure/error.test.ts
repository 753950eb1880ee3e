import { expect, test } from 'vitest'
import { BuildError, codes, isBuildError } from '@kiln/core'

test('every code has a hint', () => {
  for (const [code, facts] of Object.entries(codes)) expect(facts.hint, code).toMatch(/\.$/)
})

test('a BuildError takes hint and retryability from its code', () => {
  const error = new BuildError('driver_unreachable', 'no answer\nfrom the socket')
  expect(error).toMatchObject({ code: 'driver_unreachable', retryable: true, message: 'no answer from the socket' })
  expect(isBuildError(error)).toBe(true)
  expect(isBuildError(new Error('x'))).toBe(false)
})
