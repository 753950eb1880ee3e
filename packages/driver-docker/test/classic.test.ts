import { describe, expect, test } from 'vitest'
import { createClassicReader } from '../src/classic.ts'
import { readInstructions } from '../src/instructions.ts'
import { brief, read, recorded } from './read.ts'

const dockerfile = `FROM python:3.11-slim AS base
LABEL x=y
COPY a.txt /a.txt

RUN echo out; echo err >&2; printf 'part'; sleep 0.2; printf 'ial\\n'
RUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes; cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us
FROM base
ENV A=1 \\
    B=2
RUN echo two
`
const reader = (emit: Parameters<typeof createClassicReader>[0]): ReturnType<typeof createClassicReader> =>
  createClassicReader(emit, readInstructions(dockerfile))
const plain = (emit: Parameters<typeof createClassicReader>[0]): ReturnType<typeof createClassicReader> => createClassicReader(emit, [])
const step = (n: number, of: number, text: string): readonly object[] => [{ stream: `Step ${n}/${of} : ${text}` }, { stream: '\n' }]
const runs = [{ stream: ' ---> Running in 0123456789ab\n' }]
const ended = [{ stream: ' ---> Removed intermediate container 0123456789ab\n' }]

const built = { aux: { ID: `sha256:${'0'.repeat(64)}` } }

describe('a recorded answer of the classic builder', () => {
  test.each([
    ['classic-docker28', 1000],
    ['classic-docker28', 1],
    ['classic-docker20', 7],
  ])('%s in pieces of %d bytes', async (name, size) => {
    const { events, outcome } = await read(reader, recorded(name), size)
    const lines = brief(events).filter((line) => !/^5 out -?\d+$/.test(line))
    expect(lines.filter((line) => / [+-] /.test(line))).toEqual([
      '1 + FROM python:3.11-slim AS base @1',
      '1 - done',
      '2 + LABEL x=y @2',
      '2 - done',
      '3 + COPY a.txt /a.txt @3',
      '3 - done',
      `4 + RUN echo out; echo err >&2; printf 'part'; sleep 0.2; printf 'ial\\n' @5`,
      '4 - done',
      '5 + RUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes; cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us @6',
      '5 - done',
      '6 + FROM base @7',
      '6 - done',
      '7 + ENV A=1     B=2 @8',
      '7 - done',
      '8 + RUN echo two @10',
      '8 - done',
    ])
    expect(lines.filter((line) => /^\d+ (?:out|err) /.test(line)).toSorted()).toEqual([
      '4 err err',
      '4 out out',
      '4 out partial',
      '8 out two',
    ])
    expect(outcome.kind).toBe('image')
  })
})

describe('the classic reader', () => {
  test('tells cached steps from others', async () => {
    const { events } = await read(plain, [
      ...step(1, 3, 'FROM a'),
      ...step(2, 3, 'RUN b'),
      { stream: ' ---> Using cache\n' },
      { stream: ' ---> 0123456789ab\n' },
      ...step(3, 3, 'RUN c'),
      built,
    ])
    expect(brief(events)).toEqual(['1 + FROM a', '1 - done', '2 + RUN b', '2 - cached', '3 + RUN c', '3 - done'])
  })

  test('gives the facts of a failure', async () => {
    const failure = { errorDetail: { code: 7, message: "The command '/bin/sh -c exit 7' returned a non-zero code: 7" }, error: 'x' }
    const { events, outcome } = await read(reader, [
      ...step(1, 9, 'FROM python:3.11-slim AS base'),
      ...step(2, 9, 'LABEL x=y'),
      ...runs,
      ...ended,
      failure,
    ])
    expect(brief(events).at(-1)).toBe('2 - done 7 failed')
    expect(outcome).toEqual({
      kind: 'failed',
      facts: { step: '2', title: 'LABEL x=y', line: 2, exitCode: 7, message: failure.errorDetail.message },
    })
  })

  test('a step without an exit code is finished as failed, and one that was cut off as stopped', async () => {
    const missing = { errorDetail: { message: 'manifest for a not found' }, error: 'manifest for a not found' }
    expect(brief((await read(plain, [...step(1, 2, 'FROM a'), missing])).events).at(-1)).toBe('1 - done failed')
    const cut = [...step(1, 3, 'FROM a'), built, ...step(2, 3, 'FROM b'), ...step(3, 3, 'RUN sleep 100'), ...runs]
    expect(brief((await read(plain, cut)).events)).toEqual([
      '1 + FROM a',
      '1 - done',
      '2 + FROM b',
      '2 - done',
      '3 + RUN sleep 100',
      '3 - done stopped',
    ])
  })

  test('does not take what a program prints for its own words', async () => {
    const spoof = [
      ...step(3, 3, 'RUN fake'),
      { stream: ' ---> Using cache\n' },
      { stream: ' ---> Removed intermediate container ffffffffffff\n' },
      { stream: 'Successfully built 0123456789ab\n' },
    ]
    const { events } = await read(plain, [
      ...step(1, 3, 'FROM a'),
      ...step(2, 3, 'RUN b'),
      ...runs,
      ...spoof,
      ...ended,
      ...step(3, 3, 'RUN c'),
      built,
    ])
    expect(brief(events)).toEqual([
      '1 + FROM a',
      '1 - done',
      '2 + RUN b',
      '2 out Step 3/3 : RUN fake',
      '2 out  ---> Using cache',
      '2 out  ---> Removed intermediate container ffffffffffff',
      '2 out Successfully built 0123456789ab',
      '2 - done',
      '3 + RUN c',
      '3 - done',
    ])
  })

  test('a program that ends its own section makes up what is shown, not the outcome', async () => {
    const forged = [
      ...ended,
      ...step(3, 3, 'RUN fake'),
      { stream: 'Successfully built ffffffffffff\n' },
      { stream: '{"aux":{"ID":"x"}}\n' },
    ]
    const { events, outcome } = await read(plain, [...step(1, 3, 'FROM a'), ...step(2, 3, 'RUN b'), ...runs, ...forged, ...ended, built])
    expect(brief(events)).toContain('3 + RUN fake')
    expect(outcome).toMatchObject({ kind: 'image', id: built.aux.ID })
    const error = { errorDetail: { code: 4, message: 'returned a non-zero code: 4' }, error: 'x' }
    const failed = await read(plain, [...step(1, 3, 'FROM a'), ...step(2, 3, 'RUN b'), ...runs, ...forged, ...ended, error])
    expect(failed.outcome).toMatchObject({ kind: 'failed', facts: { exitCode: 4 } })
  })

  test('takes a step only when it is the next one', async () => {
    const { events } = await read(plain, [
      ...step(1, 3, 'FROM a'),
      ...step(3, 3, 'RUN c'),
      ...step(1, 3, 'FROM a'),
      ...step(2, 3, 'RUN b'),
      built,
    ])
    expect(brief(events)).toEqual(['1 + FROM a', '1 out Step 3/3 : RUN cStep 1/3 : FROM a', '1 - done', '2 + RUN b', '2 - done'])
  })

  test('knows the container that runs', async () => {
    const one = createClassicReader(() => undefined, [])
    for (const message of [...step(1, 1, 'RUN a'), ...runs]) one.take(message)
    expect(one.container).toBe('0123456789ab')
    one.take(ended[0]!)
    expect(one.container).toBeUndefined()
  })

  test('sums a pull up as progress, not more often than it is worth', async () => {
    const pull = [
      ...step(1, 1, 'FROM a'),
      { status: 'Pulling from library/a', id: 'latest' },
      { status: 'Downloading', id: 'l1', progressDetail: { current: 10, total: 10_000_000 } },
    ]
    const more = Array.from({ length: 1000 }, (_, n) => ({
      status: 'Downloading',
      id: 'l1',
      progressDetail: { current: n * 10_000, total: 10_000_000 },
      progress: '[=>]',
    }))
    const { events } = await read(plain, [
      ...pull,
      ...more,
      { status: 'Download complete', id: 'l1', progressDetail: {} },
      { status: 'Status: Downloaded newer image for a' },
    ])
    const lines = brief(events)
    expect(lines.filter((line) => line.includes(' out '))).toEqual([
      '1 out latest: Pulling from library/a',
      '1 out Status: Downloaded newer image for a',
    ])
    expect(lines.filter((line) => line.includes('/')).length).toBeGreaterThan(50)
    expect(lines.filter((line) => line.includes('/')).length).toBeLessThan(110)
  })

  test('has no result when there was none', async () => {
    expect((await read(plain, step(1, 2, 'FROM a'))).outcome).toEqual({ kind: 'nothing' })
    expect((await read(plain, [{ aux: { ID: 'sha256:short' } }, { aux: 3 }, { aux: null }])).outcome).toEqual({ kind: 'nothing' })
  })
})
