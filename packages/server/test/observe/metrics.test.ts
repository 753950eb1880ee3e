import { hash } from 'node:crypto'
import { failing, hanging } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { built, request, world, type World } from '../native/world.ts'

async function numbers(at: World): Promise<ReadonlyMap<string, number>> {
  const text = await (await at.handler(new Request('http://localhost/metrics'))).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

test('runs are counted by final state, whosever they are', async () => {
  await using at = world({
    handler: { metrics: true },
    build: (job, io) => (job.tenant === 'other' ? failing({ message: 'no', exitCode: 1 })(job, io) : hanging(job, io)),
  })
  await built(at, {}, 'other')
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  await at.ask('POST', `/builds/${id}/cancel`)
  await (await at.engine.for('acme').get(id))!.result()
  await expect.poll(async () => (await numbers(at)).get('kiln_runs_ended_total{state="cancelled"}')).toBe(1)
  const all = await numbers(at)
  expect(all.get('kiln_runs_ended_total{state="failed"}')).toBe(1)
  expect(all.get('kiln_runs_ended_total{state="succeeded"}')).toBe(0)
  // as many series as there are states, and no name of a tenant or build
  expect([...all.keys()].filter((name) => name.startsWith('kiln_runs_ended_total'))).toHaveLength(5)
  expect([...all.keys()].join('\n')).not.toMatch(/acme|other|web/)
})

test('open log streams', async () => {
  await using at = world({ handler: { metrics: true }, build: hanging })
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  expect((await numbers(at)).get('kiln_log_streams')).toBe(0)
  const streams = await Promise.all([at.ask('GET', `/builds/${id}/events`), at.ask('GET', `/builds/${id}/events`)])
  expect((await numbers(at)).get('kiln_log_streams')).toBe(2)
  await streams[0].response.body!.cancel()
  expect((await numbers(at)).get('kiln_log_streams')).toBe(1)
  await at.ask('POST', `/builds/${id}/cancel`)
  await streams[1].text()
  expect((await numbers(at)).get('kiln_log_streams')).toBe(0)
})

test('bytes of uploads, not of those that were refused', async () => {
  await using at = world({ handler: { metrics: true, limits: { upload: 1000 } } })
  const put = (bytes: number, tenant: string) => {
    const body = new Uint8Array(bytes)
    const headers = { 'content-type': 'application/octet-stream' }
    return at.ask('PUT', `/uploads/sha256:${hash('sha256', body, 'hex')}`, { body, headers, as: tenant })
  }
  expect((await put(700, 'acme')).status).toBe(201)
  expect((await put(30, 'other')).status).toBe(201)
  expect((await put(2000, 'other')).status).toBe(413)
  expect((await numbers(at)).get('kiln_upload_bytes_total')).toBe(730)
})
