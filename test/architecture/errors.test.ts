// docs/errors.md, the codes and their tests are held together.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codes, type ErrorCode } from '@kiln/core'
import { serverCodes, type Refusal, type ServerCode } from '@kiln/server'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const sections = new Map(text.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')).trim(), section]))
const apis = ['native', 'runagents', 'scale', 'pipecat'] as const

describe('docs/errors.md', () => {
  test.each(Object.keys(codes) as ErrorCode[])('%s has class, cause and remedy', (code) => {
    const { class: kind, retryable } = codes[code]
    expect(sections.get(code), `there is no "## ${code}"`).toBeDefined()
    expect(sections.get(code)).toContain(`- Class: \`${kind}\`, ${retryable ? 'may succeed later without a change' : 'not retryable'}\n`)
    expect(sections.get(code)).toMatch(/^- Cause: .+\.\n- Remedy: .+\.$/m)
  })

  test.each(Object.keys(serverCodes) as ServerCode[])('%s has status, cause and remedy', async (code) => {
    expect(sections.get(code), `there is no "## ${code}"`).toBeDefined()
    expect(sections.get(code)).toMatch(/^- Status: .+\n- Cause: .+\.\n- Remedy: .+\.$/m)
    const told = statusesIn(sections.get(code)!)
    for (const [api, status] of told) expect([api, status]).toEqual([api, await statusOf(api, code)])
    for (const api of speaksOf(code)) expect([...told.keys()], `${api} refuses with ${code}`).toContain(api)
  })

  test('every section is a code that there is', () => {
    const documented = [...sections.keys()].filter((name) => /^[a-z_]+$/.test(name))
    expect(documented.filter((name) => !Object.hasOwn(codes, name) && !Object.hasOwn(serverCodes, name))).toEqual([])
    expect(documented.length).toBe(Object.keys(codes).length + Object.keys(serverCodes).length)
  })

  test('every class has its exit code', () => {
    const classes = new Set(Object.values(codes).map((facts) => facts.class))
    for (const kind of classes) expect(text).toMatch(new RegExp(`^\\|[^|]*\`${kind}\`[^|]*\\|[^|]+\\| \\d \\|$`, 'm'))
  })
})

test('every code is looked for by a test', () => {
  const all = [...Object.keys(codes), ...Object.keys(serverCodes)]
  expect(all.filter((code) => !tests.some((file) => new RegExp(`\\b${code}\\b`).test(file)))).toEqual([])
})

/** `- Status: native 400, scale 422`, or `- Status: 401 everywhere`. */
function statusesIn(section: string): ReadonlyMap<(typeof apis)[number], number> {
  const line = /^- Status: (.+)$/m.exec(section)![1]!
  const everywhere = /^(\d{3}) everywhere$/.exec(line)
  if (everywhere) return new Map(apis.map((api) => [api, Number(everywhere[1])]))
  return new Map(
    line.split(', ').map((one) => {
      const [, api, status] = /^(\w+) (\d{3})$/.exec(one) ?? []
      return [apis.find((name) => name === api)!, Number(status)]
    }),
  )
}

async function statusOf(api: (typeof apis)[number], code: ServerCode): Promise<number> {
  const { refuse } = (await import(`../../packages/server/src/apis/${api}/errors.ts`)) as { refuse: (refusal: Refusal) => Response }
  return refuse({ code, message: code, hint: '', data: {}, faults: [], headers: {} }).status
}

/** The APIs whose own code throws this one. */
function speaksOf(code: ServerCode): readonly string[] {
  return apis.filter((api) =>
    textsBelow(join(root, 'packages/server/src/apis', api)).some((source) => source.includes(`Refused('${code}'`)),
  )
}

const tests = ['packages', 'test']
  .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => folderOf(folder, entry.name)))
  .flatMap(textsBelow)

/** The tests of a package, and the suites of testkit that stores and drivers are tested with. */
function folderOf(folder: string, name: string): readonly string[] {
  if (folder === 'test') return ['architecture', 'docs', 'rig'].includes(name) ? [] : [join(root, folder, name)]
  return [join(root, folder, name, name === 'testkit' ? 'src' : 'test')]
}

function textsBelow(folder: string): readonly string[] {
  const names = readable(folder).filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
  return names.map((name) => readFileSync(join(folder, name), 'utf8'))
}

function readable(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
}
