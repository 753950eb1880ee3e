import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeConfigs, readConfig, type Config } from '../../src/plan/config.ts'
import { patchedConfig } from '../../src/plan/patch.ts'

const own = `{
  // the port of the proxy
  "port": 80, // was 8080
  "dependencies": { "add": ["a"] },
  "systemPackages": {
    "add": [
      "x" // because
    ]
  } /* the end */
}
`

describe('a kiln.json that is patched', () => {
  test('keeps comments, order and indentation; lists get what they lack', () => {
    const patch: Config = {
      systemPackages: { add: ['libpq5', 'x'] },
      buildPackages: { add: ['gcc', 'libpq-dev'] },
      dependencies: { add: ['b'], remove: ['c'] },
      port: 9,
    }
    expect(patchedConfig(own, patch)).toBe(`{
  // the port of the proxy
  "port": 9, // was 8080
  "dependencies": { "add": ["a", "b"], "remove": ["c"] },
  "systemPackages": {
    "add": [
      "x", // because
      "libpq5"
    ]
  }, /* the end */
  "buildPackages": { "add": ["gcc", "libpq-dev"] }
}
`)
  })

  test.each([
    [undefined, '{\n  "runtime": { "version": "3.12" }\n}\n'],
    ['{}', '{\n  "runtime": { "version": "3.12" }\n}'],
    ['{\n  // nothing yet\n}\n', '{\n  // nothing yet\n  "runtime": { "version": "3.12" }\n}\n'],
    ['{"port": 1}', '{"port": 1, "runtime": { "version": "3.12" }}'],
    ['{\n\t"runtime": {}\n}', '{\n\t"runtime": { "version": "3.12" }\n}'],
    ['{ "runtime": { "version": "3.9" } } // x', '{ "runtime": { "version": "3.12" } } // x'],
    ['\uFEFF{\r\n  "port": 1\r\n}\r\n', '\uFEFF{\r\n  "port": 1,\r\n  "runtime": { "version": "3.12" }\r\n}\r\n'],
  ])('%j', (text, patched) => {
    expect(patchedConfig(text, { runtime: { version: '3.12' } })).toBe(patched)
  })

  test('that is none is refused', () => {
    expect(() => patchedConfig('{', { port: 1 })).toThrow(expect.objectContaining({ code: 'invalid_config' }))
    expect(() => patchedConfig('{"prt": 1}', { port: 1 })).toThrow(expect.objectContaining({ code: 'invalid_config' }))
  })

  test('has what the patch says, and the rest as it was', () => {
    const names = fc.uniqueArray(fc.constantFrom('gcc', 'libpq-dev', 'git', 'x'), { maxLength: 3 })
    const configs = fc.record(
      {
        port: fc.integer({ min: 1, max: 65_535 }),
        runtime: fc.record({ version: fc.constantFrom('3.11', '3.12') }),
        systemPackages: fc.record({ add: names, remove: names }, { requiredKeys: [] }),
        env: fc.record({ add: fc.dictionary(fc.constantFrom('A', 'B'), fc.string()) }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Config>
    fc.assert(
      fc.property(configs, configs, fc.constantFrom(0, 1, 2), (config, patch, spaces) => {
        const text = JSON.stringify(config, null, spaces).replaceAll(/[{,[]\n/g, (part) => `${part[0]} // "x": 1\n`)
        const read = readConfig(patchedConfig(text, patch), 'kiln.json')
        expect(plain(read)).toEqual(plain(mergeConfigs(config, patch)))
      }),
      { seed: 5, numRuns: 300 },
    )
  })
})

/** Names once; what is empty says nothing. */
function plain(config: Config): unknown {
  const lists = ['add', 'remove'] as const
  const edits = lists.map((name) => [name, [...new Set(config.systemPackages?.[name])]] as const)
  return { port: config.port, runtime: config.runtime, systemPackages: edits, env: { ...config.env?.add } }
}

test('a patch that says what is there already changes nothing', () => {
  const text = '{ "runtime": { "version": "3.12" }, "buildPackages": { "add": ["gcc", "make"] } }'
  expect(patchedConfig(text, { buildPackages: { add: ['make'] }, runtime: { version: '3.12' } })).toBe(text)
})
