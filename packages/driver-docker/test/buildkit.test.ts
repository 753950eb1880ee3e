import type { StepEvent } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { createBuildkitReader } from '../src/buildkit.ts'
import { readInstructions } from '../src/instructions.ts'
import { fieldsOf } from '../src/protobuf.ts'
import { decodeTrace } from '../src/trace.ts'
import { brief, read, recorded } from './read.ts'

const dockerfile =
  'FROM python:3.11-slim\nCOPY a.txt /a.txt\nRUN --mount=type=cache,target=/x echo hi; echo err >&2; printf par; sleep 0.3; echo tial\nRUN <<EOF\necho here\nEOF\n'
const reader = (emit: (event: StepEvent) => void): ReturnType<typeof createBuildkitReader> =>
  createBuildkitReader(emit, readInstructions(dockerfile))

/** One protobuf field: bytes when given text or bytes, else a number. */
function field(number: number, value: string | Uint8Array | number): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128)
    if (rest < 128) return Buffer.from(bytes)
  }
}

interface Parts {
  readonly started?: boolean
  readonly completed?: boolean
  readonly cached?: boolean
  readonly error?: string
}

function vertex(digest: string, name: string, { started = true, completed = false, cached = false, error = '' }: Parts = {}): Buffer {
  const parts = [
    field(1, digest),
    field(2, 'sha256:input'),
    field(3, name),
    ...(cached ? [field(4, 1)] : []),
    ...(started ? [field(5, field(1, 5))] : []),
  ]
  return field(1, Buffer.concat([...parts, ...(completed ? [field(6, field(1, 6))] : []), ...(error === '' ? [] : [field(7, error)])]))
}

function log(digest: string, stream: number, text: string | Uint8Array): Buffer {
  return field(3, Buffer.concat([field(1, digest), field(2, field(1, 5)), field(3, stream), field(4, text)]))
}

function trace(...parts: readonly Buffer[]): object {
  return { id: 'moby.buildkit.trace', aux: Buffer.concat(parts).toString('base64') }
}

describe('a recorded answer of BuildKit', () => {
  test('of Engine 28', async () => {
    const { events, outcome } = await read(reader, recorded('buildkit-docker28'), 100)
    const lines = brief(events)
    expect(lines.filter((line) => line.includes(' + '))).toEqual([
      '1 + [internal] load remote build context',
      '2 + copy /context /',
      '3 + [internal] load metadata for docker.io/library/python:3.11-slim',
      '4 + [stage-0 1/4] FROM docker.io/library/python:3.11-slim @1',
      '5 + [stage-0 2/4] COPY a.txt /a.txt @2',
      '6 + [stage-0 3/4] RUN --mount=type=cache,target=/x echo hi; echo err >&2; printf par; sleep 0.3; echo tial @3',
      '7 + [stage-0 4/4] RUN <<EOF (echo here) @4',
      '8 + exporting to image',
    ])
    expect(lines.filter((line) => /^\d+ (?:out|err) /.test(line))).toEqual(['6 out hi', '6 err err', '6 out partial', '7 out here'])
    expect(lines.filter((line) => line.endsWith('- done') || line.endsWith('- cached'))).toHaveLength(8)
    expect(outcome).toMatchObject({ kind: 'image', id: 'sha256:d556ed972a751f2efc9c28c9f7f82ba87e96d2c2c2d8fad933495b23408a782a' })
  })

  test('of Engine 20.10, whose BuildKit does not know here-documents', async () => {
    const { outcome } = await read(reader, recorded('buildkit-docker20'))
    expect(outcome).toEqual({ kind: 'failed', facts: { message: 'dockerfile parse error line 5: unknown instruction: ECHO' } })
  })
})

describe('the BuildKit reader', () => {
  test('takes a vertex that comes many times once, and characters that are cut in two', async () => {
    const bytes = Buffer.from('ä\n')
    const answer = [
      trace(vertex('a', '[1/2] FROM x', { started: false })),
      trace(log('a', 1, bytes.subarray(0, 1)), vertex('a', '[1/2] FROM x')),
      trace(log('a', 1, bytes.subarray(1)), log('unknown', 1, 'lost')),
      trace(vertex('a', '[1/2] FROM x', { completed: true })),
      trace(vertex('a', '[1/2] FROM x', { started: true }), vertex('a', '[1/2] FROM x', { completed: true })),
    ]
    expect(brief((await read(reader, answer)).events)).toEqual(['1 + [1/2] FROM x', '1 out ä', '1 - done'])
  })

  test('finds the vertex that failed among those that were cancelled', async () => {
    const answer = [
      trace(vertex('a', '[a 1/1] RUN a'), vertex('b', '[b 1/1] RUN b')),
      trace(vertex('a', '[a 1/1] RUN a', { completed: true, error: 'context canceled' })),
      trace(vertex('b', '[b 1/1] RUN b', { completed: true, error: 'process "/bin/sh -c b" did not complete successfully: exit code: 3' })),
      { errorDetail: { message: 'failed to solve: rpc error: code = Unknown desc = process b: exit code: 3' }, error: 'x' },
    ]
    const { events, outcome } = await read(reader, answer)
    expect(outcome).toEqual({
      kind: 'failed',
      facts: {
        step: '2',
        title: '[b 1/1] RUN b',
        exitCode: 3,
        message: 'process "/bin/sh -c b" did not complete successfully: exit code: 3',
      },
    })
    expect(brief(events).at(-1)).toBe('2 - done 3 failed')
  })

  test('strips what the layers of the builder put before the reason', async () => {
    const { outcome } = await read(reader, [
      {
        error:
          'failed to solve with frontend dockerfile.v0: failed to create LLB definition: rpc error: code = Unknown desc = x: not found',
      },
    ])
    expect(outcome).toEqual({ kind: 'failed', facts: { message: 'x: not found' } })
  })

  test('learns what a base stood for', async () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const { outcome } = await read(reader, [
      trace(vertex('a', `[1/1] FROM docker.io/library/python:3@${digest}`)),
      { id: 'moby.image.id', aux: { ID: digest } },
    ])
    expect(outcome).toEqual({ kind: 'image', id: digest, bases: { 'docker.io/library/python:3': digest } })
  })

  test.each([
    ['/w=='],
    ['Cg=='],
    [Buffer.alloc(20, 0xff).toString('base64')],
    [Buffer.from([0x0a, 0xff, 0x01, 1]).toString('base64')],
    [Buffer.from([0x0b]).toString('base64')],
  ])('refuses %s', async (aux) => {
    await expect(read(reader, [{ id: 'moby.buildkit.trace', aux }])).rejects.toMatchObject({ code: 'driver_failed' })
  })
})

test('protobuf numbers, fixed fields and unknown ones', () => {
  const message = Buffer.concat([
    field(1, 300),
    field(2, 2 ** 40),
    Buffer.from([3 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8]),
    Buffer.from([4 * 8 + 5, 1, 2, 3, 4]),
    field(2000, 'x'),
  ])
  expect([...fieldsOf(message)].map(({ number, varint: value, bytes }) => [number, value, bytes.length])).toEqual([
    [1, 300, 0],
    [2, 2 ** 40, 0],
    [3, 0, 8],
    [4, 0, 4],
    [2000, 0, 1],
  ])
  expect(decodeTrace('')).toEqual({ vertexes: [], statuses: [], logs: [] })
})
