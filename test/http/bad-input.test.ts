// What a server must not be harmed by: the table of security.md, section 4, cases 1 to 109, over real HTTP.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notRun } from './bad/not-run.ts'
import type { Asked, Row } from './bad/row.ts'
import { table } from './bad/table.ts'
import { eventually } from './bad/wait.ts'
import type { Reply } from './wire.ts'
import { world, type World } from './world.ts'

let kiln: World
beforeAll(async () => {
  kiln = await world()
})
afterAll(async () => kiln?.[Symbol.asyncDispose]())

const titled = table.map((row) => ({
  ...row,
  title: `${row.id} ${row.what.replaceAll(/[^\x20-\x7e]/g, '?')} => ${row.status} ${row.code ?? ''}`,
}))

describe('bad input', () => {
  test.each(titled)('$title', async ({ ask, status, code, bare, then }) => {
    const before = await kiln.builds()
    const given = typeof ask === 'function' ? await ask(kiln) : await kiln.ask(ask)
    const replies = Array.isArray(given) ? (given as readonly Reply[]) : [given as Reply]
    expect(replies.length).toBeGreaterThan(0)
    for (const reply of replies) {
      expect(reply.status, reply.text.slice(0, 500)).toBe(status)
      if (status >= 400 && !bare) checkRefusal(reply, ask)
      if (code !== undefined) expect(reply.json?.code).toBe(code)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await then?.(reply, kiln)
    }
    expect((await kiln.ask({ path: '/healthz', as: '' })).status).toBe(200)
    expect(await eventually(() => kiln.leftovers().length === 0)).toBe(true)
    // a row that makes what it needs first is a function, and counts for itself
    if (status >= 400 && typeof ask !== 'function') expect(await kiln.builds()).toBe(before)
  })

  test('every case of the list is in the table, or says why not', () => {
    const known = new Set([...table, ...notRun].map(({ id }) => id))
    expect(Array.from({ length: 109 }, (_, n) => n + 1).filter((id) => !known.has(id))).toEqual([])
    for (const { reason } of notRun) expect(reason.length).toBeGreaterThan(20)
  })
})

/** In the shape of one of the APIs, with nothing of the inside, and not much of what was sent. */
function checkRefusal({ json, text, headers, status }: Reply, ask: Row['ask']): void {
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect([text, shapes.some((fits) => fits(json))]).toEqual([text, true])
  // of a head that is too large nobody knows where it goes
  if (typeof ask !== 'function' && status !== 431) expect([text, shapeOf(ask)(json)]).toEqual([text, true])
  expect(text.length).toBeLessThan(4000)
  expect(text).not.toMatch(/node:|node_modules|\.ts:\d|\n\s+at |\/work\/|\/tmp\/|kiln-http-|SQLITE|zod/i)
  // escaped, so that a terminal or a log does nothing with it
  expect(JSON.stringify(json).replaceAll('\\\\', '')).not.toMatch(/\\[nrtbf]|\\u00|[\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b-\u200f]/)
  for (const long of longTexts(ask)) expect(text.includes(long.slice(0, 101))).toBe(false)
}

// oxlint-disable-next-line typescript/no-explicit-any -- whatever the server said
type Shape = (json: any) => boolean
const texts = (json: Record<string, unknown>, ...names: readonly string[]): boolean =>
  names.every((name) => typeof json[name] === 'string' && json[name] !== '')
const flat: Shape = (json) => texts(json, 'error', 'code') && Object.keys(json).length === 2
const native: Shape = (json) => texts(json, 'error', 'code', 'hint') && typeof json.details === 'object' && Object.keys(json).length === 4
const fastApi: Shape = (json) => {
  const faults =
    Array.isArray(json.detail) &&
    json.detail.length > 0 &&
    json.detail.every((one: Record<string, unknown>) => texts(one, 'msg', 'type') && Array.isArray(one['loc']))
  return texts(json, 'code') && Object.keys(json).length === 2 && (texts(json, 'detail') || faults)
}
const shapes = [flat, native, fastApi]

function shapeOf({ path }: Asked): Shape {
  if (/^\/(public\/)?v5\//.test(path)) return fastApi
  return path.startsWith('/kiln/') ? native : flat
}

/** Every text of a request that is longer than what may be told of it. */
function longTexts(ask: Row['ask']): readonly string[] {
  if (typeof ask === 'function') return []
  const body = Buffer.from((ask.body ?? '') as Uint8Array)
  const found: string[] = ask.path.length > 300 ? [ask.path.slice(100)] : []
  if (body.length > 2_000_000) return found
  return [...found, ...(body.toString('latin1').match(/[^"\r\n\0]{120,}/g) ?? [])]
}
