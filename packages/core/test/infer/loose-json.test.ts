import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLooseJson, withoutComments } from '../../src/infer/loose-json.ts'

describe('JSON as people write it', () => {
  test.each([
    ['{"a": 1}', { a: 1 }],
    ['\uFEFF{"a": 1}', { a: 1 }],
    ['// all\n{"a": [1, 2,], /* x */ "b": {"c": "d",},}', { a: [1, 2], b: { c: 'd' } }],
    ['{"a": 1, // one\n /* two */ }', { a: 1 }],
    ['{"a": "// no, /* none */ ,]", "b": "\\",}"}', { a: '// no, /* none */ ,]', b: '",}' }],
    ['null', null],
    ['{"a": }', undefined],
    ['', undefined],
  ])('%j', (text, value) => {
    expect(readLooseJson(text)).toEqual(value)
  })

  test('is the value, wherever comments and last commas stand', () => {
    const remark = fc.constantFrom('', ' ', '// "x": [1,]\n', '/* } , ] " */', '\r\n')
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(remark, { minLength: 5, maxLength: 5 }), fc.boolean(), (value, remarks, comma) => {
        const last = comma ? ',' : ''
        const text = `${remarks[0]}[${remarks[1]}${JSON.stringify(value)}${remarks[2]}${last}${remarks[3]}]${remarks[4]}`
        expect(readLooseJson(text)).toEqual([JSON.parse(JSON.stringify(value))])
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  test('is read in linear time', () => {
    for (const text of ['/* ', '"\\', ', ', '[,', '//', '{"a":"b",'].map((part) => part.repeat(200_000)))
      expect(readLooseJson(text)).toBeUndefined()
    expect(withoutComments('/*'.repeat(200_000))).toHaveLength(400_000)
  })
})
