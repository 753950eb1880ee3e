import { expect, test } from 'vitest'
import { readJson } from '../../src/detect/placed-json.ts'

const text = `{
  "a": 1,
  "b\\u0041\\"": [
    "]}",
    { "deep": [1, 2],
      "last": null }
  ],
  "a":
    { "x": 1 }
}`
const places: readonly (readonly [path: readonly (string | number)[], line: number])[] = [
  [[], 1],
  [['a'], 8],
  [['a', 'x'], 9],
  [['bA"'], 3],
  [['bA"', 0], 4],
  [['bA"', 1], 5],
  [['bA"', 1, 'last'], 6],
]

test.each(places)('a key of JSON is found at its line: %j', (path, line) => {
  expect(readJson(text, 'a.json', 'invalid_config').line(path)).toBe(line)
})

test('what is not there is at its nearest parent', () => {
  const placed = readJson(text, 'a.json', 'invalid_config')
  expect(placed.line(['bA"', 1, 'none', 'x'])).toBe(5)
  expect(placed.line(['bA"', 7])).toBe(3)
  expect(placed.line(['a', 'x', 'below a number'])).toBe(9)
  expect(placed.line(['none'])).toBe(1)
})

test('deep nesting ends no process', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  expect(readJson(deep, 'a.json', 'invalid_config').line([1])).toBe(1)
})
