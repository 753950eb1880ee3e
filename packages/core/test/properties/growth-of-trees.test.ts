import type { FileMap } from '@kiln/core'
import { expect, test } from 'vitest'
import { planTime } from './own-time.ts'

// A tree of four times the files and imports is planned in some four times as long: what multiplies them takes sixteen.

const [few, times] = [750, 4]
/** times as long, at most; below the floor (ms) a machine's own noise is larger */
const [most, floor] = [8, 300]

const trees: Readonly<Record<string, (size: number) => FileMap>> = {
  'projects beside imports': (size) => ({
    ...Object.fromEntries(
      numbers(size).map((at) => [`d${at}/pyproject.toml`, '[project]\nname = "d"\nversion = "1"\nrequires-python = ">=3.9"\n']),
    ),
    'main.py': numbers(3 * size)
      .map((at) => `import m${at}\n`)
      .join(''),
  }),
}

test.each(Object.keys(trees))('%s', { timeout: 120_000 }, async (name) => {
  const fast = await planTime(trees[name]!(few), 0)
  const slow = await planTime(trees[name]!(few * times), Math.max(floor, most * fast))
  expect(slow, `${fast.toFixed(0)} ms, then ${slow.toFixed(0)} ms`).toBeLessThan(Math.max(floor, most * fast))
})

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at)
}
