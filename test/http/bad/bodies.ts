// Cases 11, 12 and 16 to 18: JSON bodies.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { chunked, type Reply } from '../wire.ts'
import { good, jsonWrites } from './everywhere.ts'
import { each, form, json, scaleForm, type Row } from './row.ts'

export const bodies: readonly Row[] = [
  ...each(
    {
      none: '',
      'text/plain': 'text/plain',
      'utf-7': 'application/json;charset=utf-7',
      form: 'application/x-www-form-urlencoded',
      'two types': 'application/json, text/plain',
    },
    (type) => ({
      id: 11,
      what: 'a JSON body of another type',
      ask: (world) =>
        Promise.all(
          Object.values(jsonWrites).map((path) =>
            world.ask({ path, method: 'POST', body: JSON.stringify(good), headers: type === '' ? [] : [['content-type', type]] }),
          ),
        ),
      status: 415,
      code: 'unsupported_media_type',
    }),
  ),
  { id: 11, what: 'a form of Scale that says it is JSON', ask: json('/v5/builds', good), status: 415, code: 'unsupported_media_type' },
  {
    id: 12,
    what: 'a JSON body with Content-Encoding: gzip, a bomb',
    ask: (world) =>
      Promise.all(
        Object.values(jsonWrites).map((path) =>
          world.ask({
            path,
            method: 'POST',
            body: gzipSync(Buffer.alloc(2 ** 24)),
            headers: [
              ['content-type', 'application/json'],
              ['content-encoding', 'gzip'],
            ],
          }),
        ),
      ),
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    id: 12,
    what: 'a form with Content-Encoding: gzip',
    ask: form('/v5/builds', scaleForm(), {
      headers: [
        ['content-type', 'multipart/form-data; boundary=a-boundary-of-ours'],
        ['content-encoding', 'gzip'],
      ],
    }),
    status: 415,
    code: 'unsupported_media_type',
  },
  ...each(
    {
      'invalid UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      'a byte order mark': Buffer.from(`\uFEFF${JSON.stringify(good)}`),
      'half a pair': Buffer.from(String.raw`{"name":"\ud800","files":{}}`),
      'a comma at the end': Buffer.from('{"name":"web",}'),
      NaN: Buffer.from('{"name":NaN}'),
      nothing: Buffer.from(' '),
      'two documents': Buffer.from('{}{}'),
      'a comment': Buffer.from('{"name":"web"/**/}'),
    },
    (body) => ({
      id: 16,
      what: 'no JSON',
      ask: (world) =>
        Promise.all(
          Object.values(jsonWrites).map((path) =>
            world.ask({ path, method: 'POST', body, headers: [['content-type', 'application/json']] }),
          ),
        ),
      status: 400,
      code: 'invalid_json',
    }),
  ),
  ...each({ null: 'null', '[]': '[]', 'a text': '"x"', 'a number': '7', 'an empty body': '' }, (body) => ({
    id: 16,
    what: 'JSON that is no object',
    ask: (world) => Promise.all(Object.values(jsonWrites).map((path) => world.ask(json(path, body)))),
    status: 400,
    then: ({ json: { code } }) => expect(['invalid_json', 'invalid_input']).toContain(code),
  })),
  {
    id: 17,
    what: 'a key twice: the last one counts, in all places',
    ask: json('/api/v1/builds', `{"name":"first","name":"last","files":${JSON.stringify(good.files)}}`),
    status: 202,
    then: ({ json: { image } }) => expect(image).toContain('/last'),
  },
  ...each({ 'in objects': ['{"a":', '}'], 'in lists': ['[', ']'] }, ([begin, end]) => ({
    id: 18,
    what: '33 levels',
    ask: (world) =>
      Promise.all(
        Object.values(jsonWrites).map((path) =>
          world.ask(json(path, `{"name":"web","files":{"a":"b"},"x":${begin!.repeat(32)}1${end!.repeat(32)}}`)),
        ),
      ),
    status: 400,
    code: 'invalid_json',
  })),
  {
    id: 18,
    what: 'a million levels',
    ask: (world) => Promise.all(Object.values(jsonWrites).map((path) => world.ask(json(path, '['.repeat(1_000_000))))),
    status: 400,
    code: 'invalid_json',
  },
  ...each({ 'that is told': false, 'in chunks': true }, (inChunks) => ({
    id: 18,
    what: 'a body of 26 MiB',
    async ask(world) {
      const body = Buffer.from(JSON.stringify({ ...good, files: { a: 'x'.repeat(26 * 2 ** 20) } }))
      const replies: Reply[] = []
      for (const path of Object.values(jsonWrites))
        replies.push(
          await world.ask({
            path,
            method: 'POST',
            body: inChunks ? chunked(body) : body,
            headers: [['content-type', 'application/json'], ...(inChunks ? ([['transfer-encoding', 'chunked']] as const) : [])],
          }),
        )
      return replies
    },
    status: 413,
    code: 'payload_too_large',
  })),
]
