import { memoryStore } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { files } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { jsonLines } from '../../src/observe/logger.ts'
import { createTracing } from '../../src/observe/tracing.ts'
import { ask, serve } from '../fixtures/api.ts'

describe('/readyz', () => {
  test('names the drivers and where images go', async () => {
    await using served = serve({ images: 'pushed to ghcr.io/me' })
    const ready = await served.handler(new Request('http://kiln/readyz'))
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', drivers: [{ name: 'fake', ready: true }], images: 'pushed to ghcr.io/me' },
    ])
    expect((await served.handler(new Request('http://kiln/healthz'))).status).toBe(200)
  })

  test('without a builder it is 503 and says why, while the process is healthy', async () => {
    const driver = fakeDriver({ probe: { ready: false, code: 'driver_unreachable', message: 'no socket', hint: 'start it' } })
    await using served = serve({}, { drivers: [driver] })
    const answer = await served.handler(new Request('http://kiln/readyz'))
    // to anybody: no text of the builder's own, in which its address may stand
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'unready', why: ['no_driver'], drivers: [{ name: 'fake', ready: false, code: 'driver_unreachable' }] },
    ])
    expect((await served.handler(new Request('http://kiln/healthz'))).status).toBe(200)
  })

  test('a full disk and a broken store are 503', async () => {
    const store = memoryStore()
    await using served = serve(
      { dataDir: '/', limits: { diskFloor: Number.MAX_SAFE_INTEGER, diskShare: 2 } },
      { store: { ...store, writable: async () => Promise.reject(new Error('gone')) } },
    )
    expect(await (await served.handler(new Request('http://kiln/readyz'))).json()).toMatchObject({
      why: ['store_unavailable', 'disk_full'],
    })
  })

  test('draining', async () => {
    await using served = serve()
    served.handler.drain()
    const answer = await served.handler(new Request('http://kiln/readyz'))
    expect([answer.status, await answer.json()]).toMatchObject([503, { status: 'draining' }])
  })

  test('drivers are asked once in two seconds, however many ask', async () => {
    const driver = fakeDriver()
    let [probes, now] = [0, 1000]
    const probe = driver.probe.bind(driver)
    driver.probe = async (...given) => {
      probes += 1
      return probe(...given)
    }
    await using served = serve({ now: () => now }, { drivers: [driver], now: () => (now += 60_000) })
    const before = probes
    await Promise.all(Array.from({ length: 20 }, () => served.handler(new Request('http://kiln/readyz'))))
    expect(probes - before).toBe(1)
  })
})

describe('/metrics', () => {
  test('is not there unless asked for', async () => {
    await using served = serve()
    expect((await served.handler(new Request('http://kiln/metrics'))).status).toBe(404)
  })

  test('requests, times, builds and the queue', async () => {
    await using served = serve({ metrics: true })
    for (const path of ['/one/things/1', '/one/things/2', '/one/broken']) await served.handler(ask(path))
    await using source = await files({ 'main.py': 'print(1)' })
    const build = await served.engine.for('acme').build({ name: 'x', source })
    expect(build.reuse).toBe('none')
    const answer = await served.handler(new Request('http://kiln/metrics'))
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(text).toContain('kiln_http_requests_total{api="one",operation="thing",status="200"} 2')
    expect(text).toContain('kiln_http_requests_total{api="one",operation="broken",status="500"} 1')
    expect(text).toContain('kiln_http_request_duration_seconds_bucket{le="+Inf",api="one",operation="thing"} 2')
    expect(text).toContain('kiln_http_request_duration_seconds_count{api="one",operation="thing"} 2')
    expect(text).toContain('kiln_runs_queued 1')
    expect(text).toContain('# TYPE kiln_http_request_duration_seconds histogram')
    expect(text).not.toContain('acme')
  })
})

test('log lines are JSON as pino writes them, errors with their stack', () => {
  const lines: string[] = []
  jsonLines(
    (line) => lines.push(line),
    () => 7,
  ).error({ err: new Error('no', { cause: new Error('why') }), path: '/x' }, 'failed')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/\n$/)
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 50,
    time: 7,
    path: '/x',
    msg: 'failed',
    err: { type: 'Error', message: 'no', stack: expect.any(String), cause: { message: 'why' } },
  })
})

describe('spans', () => {
  const route = { method: 'GET', path: '/things', operationId: 'things' } as never

  test('are made where the host has OpenTelemetry', async () => {
    const spans: object[] = []
    const span = {
      setAttribute: (name: string, value: unknown) => spans.push({ [name]: value }),
      recordException: () => spans.push({ exception: true }),
      setStatus: (status: object) => spans.push(status),
      end: () => spans.push({ end: true }),
    }
    let provider: object = { getDelegateTracer: () => undefined }
    const trace = {
      getTracerProvider: () => provider,
      getTracer: () => ({
        startActiveSpan: (name: string, _options: object, work: (one: object) => unknown) => (spans.push({ name }), work(span)),
      }),
    }
    const tracing = createTracing(async () => ({ trace, SpanKind: { SERVER: 1 }, SpanStatusCode: { ERROR: 2 } }) as never)
    await new Promise(setImmediate)
    expect(tracing.active).toBe(false)
    provider = { getDelegateTracer: () => ({}) }
    expect(tracing.active).toBe(true)
    provider = {}
    expect(tracing.active).toBe(true)
    await tracing.span('one', route, 'id', async () => new Response(null, { status: 204 }))
    expect(spans).toEqual([{ name: 'one things' }, { 'http.response.status_code': 204 }, { end: true }])
    await expect(tracing.span('one', route, 'id', async () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    expect(spans.slice(4)).toEqual([{ exception: true }, { code: 2 }, { end: true }])
  })

  test('and cost nothing where it does not', async () => {
    const tracing = createTracing(async () => Promise.reject(new Error('ERR_MODULE_NOT_FOUND')))
    await new Promise(setImmediate)
    expect(tracing.active).toBe(false)
  })
})
