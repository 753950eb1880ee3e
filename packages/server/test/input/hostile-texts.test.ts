import { shown } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { checkAddress, faultsOf } from '../../src/input/checked.ts'
import { ownMap } from '../../src/input/own-map.ts'
import { buildSchema } from '../../src/apis/native/schemas.ts'
import { checkRequirements } from '../../src/apis/runagents/requirements.ts'
import { parseHead } from '../../src/uploads/part-head.ts'
import type { AnyRoute } from '../../src/api.ts'
import type { Fault } from '../../src/refusal.ts'
import { z } from 'zod'

// Texts that once held the whole server up for seconds to minutes, most of them from somebody without a key. Where one does again, its
// test runs out of time.

const many = (text: string, count: number): string => text.repeat(count)

describe('a text made to be slow is answered at once', () => {
  test('requirements of one line that might be many archives', () => {
    expect(() => checkRequirements(`a${many('.whl[', 200_000)}`)).not.toThrow()
    expect(() => checkRequirements(`a${many('.whl[', 200_000)}]`)).toThrow('is a path')
  })

  test('a header of a part that is blanks', () => {
    for (let count = 0; count < 60; count++)
      expect(parseHead(Buffer.from(`Content-Disposition: form-data; name="a"\r\nx: y${many(' ', 16_000)}z`))).toMatchObject({ name: 'a' })
  })

  test('a query of thousands of equal keys', () => {
    const route = { query: z.object({ a: z.string() }) } as unknown as AnyRoute
    const faults: Fault[] = []
    for (let count = 0; count < 10; count++) checkAddress(route, `http://kiln.example/x?${many('a&', 16_000)}`, {}, faults)
    expect(faults).toMatchObject(Array(10).fill({ where: ['query', 'a'] }))
  })

  test('bytes in base64, of any length', () => {
    const build = (base64: string): boolean => buildSchema.safeParse({ name: 'a', source: { files: { a: { base64 } } } }).success
    expect([many('AAAA', 3 * 2 ** 20), '', 'AA==', 'AAA='].map(build)).toEqual([true, true, true, true])
    expect([`${many('AAAA', 3 * 2 ** 20)}!`, 'A', 'A===', '====', 'AA=A', 'AA-_'].map(build)).toEqual(
      many('0', 6)
        .split('')
        .map(() => false),
    )
  })
})

test('a text of signs that are escaped is cut before it is', () => {
  for (let count = 0; count < 20; count++) expect(shown('\u202e'.repeat(8 * 2 ** 20))).toBe(`${'\\u{202e}'.repeat(12)}\\u{2…`)
})

describe('an answer does not repeat a long name', () => {
  const refused = (schema: z.ZodType, query: string): readonly Fault[] => {
    const faults: Fault[] = []
    checkAddress({ query: schema } as unknown as AnyRoute, `http://kiln.example/x?${query}`, {}, faults)
    return faults
  }
  test('of a field that there is not', () => {
    const faults = refused(z.strictObject({}), `${'k'.repeat(15_000)}&b&c&d&e`)
    expect(faults.map(({ where }) => where[1])).toEqual([`${'k'.repeat(255)}…`, 'b', 'c', 'd', 'e'])
    expect(faults[0]).toMatchObject({ message: 'there is no such field', kind: 'unrecognized_keys' })
  })
  test('of a key in a map, nor more faults than somebody reads', () => {
    const wrong = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}${'k'.repeat(15_000)}`, 1]))
    const named = faultsOf(['body'], ownMap(z.string()).safeParse(wrong).error!)
    expect(named).toHaveLength(100)
    expect(named[7]!.where).toEqual(['body', `7${'k'.repeat(254)}…`])
    expect(faultsOf(['body'], z.strictObject({}).safeParse(wrong).error!)).toHaveLength(100)
  })
})

describe('requirements', () => {
  test.each(['a.whl', 'a.whl[x]', 'a.tar.gz[x]', 'b.tgz[x][y]', 'a.zip[x.whl]'])('refuses the archive %s', (line) => {
    expect(() => checkRequirements(line)).toThrow('is a path')
  })
  test.each(['zip', 'a.whl.x', 'tar[x]', 'zip[y.whl]==1'])('takes the package %s', (line) => {
    expect(() => checkRequirements(line)).not.toThrow()
  })
})
