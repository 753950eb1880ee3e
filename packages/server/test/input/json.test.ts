import { array, assert, asyncProperty, constantFrom, dictionary, oneof, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defaultLimits, ownMap } from '../../src/index.ts'
import { readJson } from '../../src/input/json.ts'
import { scanJson } from '../../src/input/json-scan.ts'

const limits = defaultLimits
const type = { 'content-type': 'application/json' }
type Body = ConstructorParameters<typeof Request>[1] extends infer I ? (NonNullable<I> extends { body?: infer B } ? B : never) : never

function posted(body: Body, headers: Record<string, string> = type): Request {
  return new Request('http://kiln/', { method: 'POST', headers, body: body ?? null, duplex: 'half' })
}
const refused = (code: string): object => expect.objectContaining({ refusal: expect.objectContaining({ code }) })

describe('what is no JSON', () => {
  test.each([
    ['a comma too many', '{"a":1,}'],
    ['NaN', '{"a":NaN}'],
    ['a comment', '{} // x'],
    ['two documents', '{}{}'],
    ['half a document', '{"a":'],
    ['half a string', '{"a":"b'],
    ['a quote that is escaped', '{"a":"b\\"}'],
    ['a byte order mark', '\ufeff{}'],
    ['half a character pair', '{"a":"\\ud800"}'],
    ['the other half', '{"a":"\\udc00"}'],
    ['two first halves', '{"a":"\\ud83d\\ud83d"}'],
    ['NUL', '\0'],
  ])('%s', async (_what, text) => {
    await expect(readJson(posted(text), limits)).rejects.toEqual(refused('invalid_json'))
  })

  test('bytes that are not UTF-8', async () => {
    for (const bytes of [
      Uint8Array.of(0x22, 0xff, 0x22),
      Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22),
      Uint8Array.of(0x22, 0xc0, 0x80, 0x22),
    ])
      await expect(readJson(posted(bytes), limits)).rejects.toEqual(refused('invalid_json'))
  })

  test('the message does not repeat what was sent', async () => {
    await expect(readJson(posted('{"password": hunter2}'), limits)).rejects.toThrow(/^The body is not JSON(: look at character \d+)?\.$/)
  })
})

describe('what is', () => {
  test.each([
    ['an escaped pair', '{"a":"\\ud83d\\ude00"}', { a: '😀' }],
    ['quotes and backslashes', String.raw`{"a\"":"\\","b":"\\\"","c":"\\\\"}`, { 'a"': '\\', b: '\\"', c: '\\\\' }],
    ['braces in text', '{"a":"{[[[[,,,::"}', { a: '{[[[[,,,::' }],
    ['an escape that looks like half a pair', '{"a":"\\\\ud800"}', { a: '\\ud800' }],
    ['a key twice: the last one counts', '{"a":1,"a":2}', { a: 2 }],
    ['null', 'null', null],
    ['a list', '[1]', [1]],
  ])('%s', async (_what, text, value) => {
    expect(await readJson(posted(text), limits)).toEqual(value)
  })

  test.each([
    'application/json',
    'application/json;charset=utf-8',
    'Application/JSON; charset="UTF-8"',
    'application/json; charset=UTF-8 ',
  ])('as %s', async (one) => {
    expect(await readJson(posted('{}', { 'content-type': one }), limits)).toEqual({})
  })

  test('an empty body is none, whatever it says of itself', async () => {
    for (const headers of [type, { 'content-type': 'text/plain' }, { ...type, 'content-length': '0' }, { 'content-encoding': 'gzip' }])
      expect(await readJson(posted(null, headers as unknown as Record<string, string>), limits)).toBeUndefined()
    expect(await readJson(posted(new Blob([]).stream(), { 'content-type': 'text/plain' }), limits)).toBeUndefined()
  })

  test('__proto__ is a key as any other, and a file as any other', async () => {
    const body = await readJson(posted('{"files":{"__proto__":"x","constructor":"y","a":"z"}}'), limits)
    const { files } = z.object({ files: ownMap(z.string()) }).parse(body)
    expect(Object.entries(files)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['a', 'z'],
    ])
    expect(Object.getPrototypeOf(files)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('a map by any names', () => {
  const schema = z.object({ files: ownMap(z.string().max(3)) })
  test.each([
    [{}, ['files'], /received undefined/],
    [{ files: null }, ['files'], /expected object/],
    [{ files: [] }, ['files'], /expected object/],
    [{ files: { a: 'ok', b: 5 } }, ['files', 'b'], /string/],
    [{ files: JSON.parse('{"__proto__":5}') }, ['files', '__proto__'], /string/],
    [{ files: { a: 'long' } }, ['files', 'a'], /Too big/],
  ])('%o is refused by its place', (value, path, message) => {
    expect(schema.safeParse(value).error?.issues).toMatchObject([{ path, message: expect.stringMatching(message) }])
  })

  test('says in documents what it is', () => {
    expect(z.toJSONSchema(schema, { target: 'openapi-3.0' })).toMatchObject({
      properties: { files: { type: 'object', additionalProperties: { type: 'string', maxLength: 3 } } },
      required: ['files'],
    })
  })
})

describe('other types', () => {
  test.each([
    undefined,
    'text/plain',
    'application/json;charset=utf-7',
    'application/jsonx',
    'application/json, text/plain',
    'multipart/form-data',
  ])('%s is refused', async (one) => {
    const headers: Record<string, string> = one === undefined ? {} : { 'content-type': one }
    await expect(readJson(posted(Buffer.from('{}'), headers), limits)).rejects.toEqual(refused('unsupported_media_type'))
  })

  test.each(['gzip', 'br', 'identity, gzip'])('encoded as %s', async (encoding) => {
    await expect(readJson(posted('{}', { ...type, 'content-encoding': encoding }), limits)).rejects.toEqual(
      refused('unsupported_media_type'),
    )
  })
})

describe('how much', () => {
  test('bytes: told ones are refused unread, others as they come', async () => {
    const small = { ...limits, json: 100 }
    let read = false
    const unread = new ReadableStream({ pull: () => void (read = true) }, { highWaterMark: 0 })
    await expect(readJson(posted(unread, { ...type, 'content-length': '101' }), small)).rejects.toEqual(refused('payload_too_large'))
    expect(read).toBe(false)
    await expect(readJson(posted(`"${'a'.repeat(99)}"`), small)).rejects.toEqual(refused('payload_too_large'))
    expect(await readJson(posted(`"${'a'.repeat(98)}"`), small)).toHaveLength(98)
  })

  test('levels: 32, no more', async () => {
    expect(await readJson(posted('['.repeat(32) + ']'.repeat(32)), limits)).toBeDefined()
    await expect(readJson(posted('['.repeat(33) + ']'.repeat(33)), limits)).rejects.toEqual(refused('invalid_json'))
    await expect(readJson(posted('['.repeat(30_000) + ']'.repeat(30_000)), limits)).rejects.toEqual(refused('invalid_json'))
    await expect(readJson(posted('{"a":'.repeat(1_000_000)), limits)).rejects.toEqual(refused('invalid_json'))
  })

  test('a million keys are refused before they are parsed', async () => {
    const keys = `{${Array.from({ length: 1_000_000 }, (_, at) => `"${at}":0`).join()}}`
    const parse = JSON.parse
    let parsed = 0
    JSON.parse = ((...given: Parameters<typeof parse>) => {
      parsed += 1
      return parse(...given) as unknown
    }) as typeof parse
    try {
      await expect(readJson(posted(keys), limits)).rejects.toEqual(refused('payload_too_large'))
    } finally {
      JSON.parse = parse
    }
    expect(parsed).toBe(0)
  })

  test('5,000 files are read', async () => {
    const files = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`${at}.py`, 'x']))
    expect(await readJson(posted(JSON.stringify({ files })), limits)).toEqual({ files })
  })

  test('others get their turn while a large one is looked through', async () => {
    let turns = 0
    const counting = (): void => {
      turns += 1
      handle = setImmediate(counting)
    }
    let handle = setImmediate(counting)
    await scanJson(Buffer.from(`["${'a\\n'.repeat(5)}",${'"bcd",'.repeat(900_000)}1]`), { jsonDepth: 9, jsonValues: 1e9 })
    clearImmediate(handle)
    expect(turns).toBeGreaterThan(3)
  })
})

/** The same, a sign at a time. */
function values(text: string): number {
  let [count, inside] = [0, false]
  for (let at = 0; at < text.length; at += 1) {
    if (inside && text[at] === '\\') at += 1
    else if (text[at] === '"') inside = !inside
    else if (!inside && (text[at] === ',' || text[at] === ':')) count += 1
  }
  return count
}

test('counts as a plain reading does, whatever stands in the texts', async () => {
  expect.hasAssertions()
  const text = string({ unit: constantFrom('"', '\\', 'a', ',', ':', '{', '[', '}', ']', '\n', 'é', '😀', 'u', '\\"') })
  await assert(
    asyncProperty(array(dictionary(text, oneof(text, array(text))), { maxLength: 5 }), async (given) => {
      const json = JSON.stringify(given)
      const exact = values(json)
      await scanJson(Buffer.from(json), { jsonDepth: 3, jsonValues: exact })
      if (exact > 0)
        await expect(scanJson(Buffer.from(json), { jsonDepth: 3, jsonValues: exact - 1 })).rejects.toEqual(refused('payload_too_large'))
    }),
    { numRuns: 500 },
  )
})

describe('how slowly', () => {
  const slow = { ...limits, bodyRate: 100, bodyRateMs: 50 }
  const never = (first = ''): ReadableStream =>
    new ReadableStream({ start: (controller) => void (first && controller.enqueue(Buffer.from(first))) })

  test('a body that stops is given up', async () => {
    await expect(readJson(posted(never('{"a":')), slow)).rejects.toEqual(refused('too_slow'))
    await expect(readJson(posted(never('{"a":'), { ...type, 'content-length': '20' }), slow)).rejects.toEqual(refused('too_slow'))
  })

  test('a body that drips too', async () => {
    let timer: NodeJS.Timeout
    const drips = new ReadableStream({
      start: (controller) => void (timer = setInterval(() => controller.enqueue(Buffer.from(' ')), 5)),
      cancel: () => clearInterval(timer),
    })
    await expect(readJson(posted(drips), slow)).rejects.toEqual(refused('too_slow'))
  })

  test('a body that comes as fast as it has to is read', async () => {
    let left = 8
    const steady = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        controller.enqueue(Buffer.from(left === 8 ? `"${'a'.repeat(199)}` : left === 1 ? `${'a'.repeat(199)}"` : 'a'.repeat(200)))
        left -= 1
        if (left === 0) controller.close()
      },
    })
    expect(await readJson(posted(steady), slow)).toHaveLength(8 * 200 - 2)
  })
})
