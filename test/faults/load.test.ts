// R14, R16 and R18: a tenant with a long queue, uploads that break off, cancels at any moment.
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { finalStates, type BuildRecord } from '@kiln/core'
import { expect, test } from 'vitest'
import { buildBody, builds, headersOf, newLedger, read, send, settled } from './ledger.ts'
import { amount, figure, quantile, random } from './numbers.ts'
import { journal, leftovers, openFiles, place, residentMib, scripted, until, type Served } from './served.ts'

test('R14: one build of a tenant does not wait for the thousands of another', async () => {
  const count = amount(300, 10_000)
  using at = place()
  await using served = await scripted(at, { concurrency: 2, perTenant: 2 })
  const long = { ms: '250', lines: '1' }
  const memory: number[] = []
  const ledger = newLedger()
  let sent = 0
  const more = async (): Promise<void> => {
    for (let n = (sent += 1); n <= count; n = sent += 1) {
      await send(served.url, ledger, { key: `a-${n}`, tenant: 'a', body: buildBody(`a-${n}`, `a ${n}`, long) })
      if (n % Math.ceil(count / 20) === 0) memory.push(residentMib(served.pid))
    }
  }
  await Promise.all(Array.from({ length: 20 }, more))
  const waited: number[] = []
  for (let n = 0; n < 5; n++) {
    await send(served.url, newLedger(), { key: `b-${n}`, tenant: 'b', body: buildBody(`b-${n}`, `b ${n}`, long) })
    // slots that became free from the accept to the start
    const before = journal(at).filter(([what]) => what === 'end').length
    const startsOfB = (): number => journal(at).findIndex((line, index) => isStart(line, 'b') && countB(journal(at).slice(0, index)) === n)
    await until('B begins', 60_000, () => startsOfB() >= 0, 10)
    const lines = journal(at).slice(0, startsOfB())
    waited.push(lines.filter(([what]) => what === 'end').length - before)
  }
  const half = memory.slice(memory.length / 2)
  const growth = Math.max(...half) - Math.max(...memory.slice(0, memory.length / 2))
  figure(
    `R14: ${ledger.submits.filter(({ id }) => id).length} builds of A wait: 5 of B began after ${waited.join(', ')} free slots; ${Math.round(Math.max(...memory))} MiB at most, ${Math.round(growth)} MiB more in the second half of the queue than in the first`,
  )
  expect(Math.max(...waited)).toBeLessThanOrEqual(2)
  expect(ledger.submits.every(({ id }) => id !== undefined)).toBe(true)
  expect(growth).toBeLessThan(64)
})

function isStart([what, , , tenant]: readonly string[], of: string): boolean {
  return what === 'start' && tenant === of
}

function countB(lines: readonly (readonly string[])[]): number {
  return lines.filter((line) => isStart(line, 'b')).length
}

test('R16: uploads that break off leave nothing', async () => {
  const count = amount(80, 1000)
  const chance = random()
  using at = place()
  await using served = await scripted(at)
  // what is opened once and kept
  for (const way of ways) await (await way(served, Buffer.alloc(1000, 'x'))).send(Number.POSITIVE_INFINITY)
  await sleep(300)
  const before = openFiles(served.pid)
  let done = 0
  const abort = async (): Promise<void> => {
    while ((done += 1) <= count) {
      const body = Buffer.alloc(10_000 + Math.floor(chance(500_000)), 'a')
      const one = await ways[done % ways.length]!(served, body)
      await one.send(Math.floor(chance(one.bytes)))
    }
  }
  await Promise.all(Array.from({ length: 8 }, abort))
  await until('no temporary file is left', 60_000, () => leftovers(at).length === 0)
  await until('files are closed', 60_000, () => openFiles(served.pid) <= before)
  const after = openFiles(served.pid)
  const total = (await builds(served.url, 'acme')).length
  figure(
    `R16: ${count} uploads cut at a random byte: ${leftovers(at).length} temporary files, ${after} open files (${before} before), ${total} builds (seed ${chance.seed})`,
  )
  expect(total).toBe(0)
  expect((await read(served.url, '/readyz', 'acme')).status).toBe(200)
  expect(served.log()).not.toMatch(/"level":50/)
})

interface Upload {
  readonly bytes: number
  /** so many bytes of the body, then the connection is gone */
  send(cut: number): Promise<void>
}

/** A raw upload, an archive with its build, the form of Scale, and the presigned form of Pipecat. */
const ways: readonly ((served: Served, body: Buffer) => Promise<Upload>)[] = [
  async ({ url }, body) => sending('PUT', `${url}/kiln/v1/uploads/sha256:${'0'.repeat(64)}`, body, 'application/octet-stream'),
  async ({ url }, body) => sending('POST', `${url}/kiln/v1/builds/archive?name=web`, body, 'application/x-tar'),
  async ({ url }, body) => form(`${url}/v5/builds`, { agent_name: `a${crypto.randomUUID()}`, image_name: 'web' }, 'context_archive', body),
  async ({ url }, body) => {
    const { uploadUrl, uploadFields } = await uploadUrlOf(url)
    return form(uploadUrl, uploadFields, 'file', body)
  },
]

/** On a connection of its own, which is closed: kept ones would count as open files. */
function uploadUrlOf(url: string): Promise<{ readonly uploadUrl: string; readonly uploadFields: Record<string, string> }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/v1/builds/upload-url`, { method: 'POST', headers: headersOf('acme'), agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('end', () => resolve(JSON.parse(text) as { uploadUrl: string; uploadFields: Record<string, string> }))
    })
    asked.on('error', reject).end('{}')
  })
}

function form(url: string, fields: Readonly<Record<string, string>>, file: string, body: Buffer): Upload {
  const heads = Object.entries(fields).map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  const head = `${heads.join('')}--x\r\nContent-Disposition: form-data; name="${file}"; filename="a.tar.gz"\r\nContent-Type: application/gzip\r\n\r\n`
  return sending('POST', url, Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n--x--\r\n')]), 'multipart/form-data; boundary=x')
}

function sending(method: string, url: string, body: Buffer, type: string): Upload {
  const sent = (cut: number): Promise<void> =>
    new Promise((resolve) => {
      const headers = { ...headersOf('acme'), 'x-api-key': 'acme', 'content-type': type, 'content-length': body.length }
      const asked = request(url, { method, headers, agent: false }, (answer) => answer.resume())
      asked.on('error', () => undefined).on('close', resolve)
      if (cut >= body.length) asked.end(body)
      else asked.write(body.subarray(0, cut), () => setTimeout(() => asked.destroy(), 2))
    })
  return { bytes: body.length, send: sent }
}

test('R18: a cancel at any moment ends in one final state', async () => {
  const count = amount(100, 1000)
  const chance = random()
  using at = place()
  await using served = await scripted(at, { concurrency: 16, perTenant: 16 })
  const took: number[] = []
  const ledger = newLedger()
  let done = 0
  const one = async (): Promise<void> => {
    for (let n = (done += 1); n <= count; n = done += 1) {
      // half of them end by themselves at about that time, half never
      const labels = n % 2 === 0 ? { ms: '150', lines: '15' } : { ms: '600000', lines: '60000' }
      const submit = { key: `r18-${n}`, tenant: 'acme', body: buildBody(`r18-${n}`, `r18 ${n}`, labels) }
      await send(served.url, ledger, submit)
      const { id } = submit as { id?: string }
      await sleep(chance(400))
      const came = performance.now()
      const asked = await fetch(`${served.url}/kiln/v1/builds/${id}/cancel`, { method: 'POST', headers: headersOf('acme') })
      expect(asked.status).toBe(202)
      await until('an end', 60_000, async () => finalStates.includes((await recordOf(served, id!)).state as never), 20)
      took.push(performance.now() - came)
    }
  }
  await Promise.all(Array.from({ length: 12 }, one))
  await settled(served, 'acme', 60_000)
  const records = await builds(served.url, 'acme')
  const lines = journal(at)
  const running = lines.filter(([what]) => what === 'start').length - lines.filter(([what]) => what === 'end').length
  let [finals, logged, silent] = [0, 0, 0]
  for (const record of records) {
    const events = (await read(served.url, `/kiln/v1/builds/${record.id}/events`, 'acme')).text
    if ([...events.matchAll(/"type":"state","state":"(succeeded|failed|cancelled|timed_out|expired)"/g)].length === 1) finals += 1
    if (events.includes('"type":"log"')) logged += 1
    else if (record.startedAt !== undefined && record.state === 'succeeded') silent += 1
  }
  const states = Object.groupBy(records, ({ state }) => state)
  const told = Object.entries(states).map(([state, all]) => `${all.length} ${state}`)
  figure(
    `R18: ${count} cancels at random times: ${told.join(', ')}; ${finals} with exactly one final state, ended within ${quantile(took, 1)} ms, ${running} still running, ${logged} with their logs kept (seed ${chance.seed})`,
  )
  expect([records.length, finals, running, silent]).toEqual([count, count, 0, 0])
  expect(Object.keys(states).toSorted()).toEqual(['cancelled', 'succeeded'])
  expect(quantile(took, 1)).toBeLessThan(10_000)
  expect(logged).toBeGreaterThan(0)
})

async function recordOf(served: Served, id: string): Promise<BuildRecord> {
  return JSON.parse((await read(served.url, `/kiln/v1/builds/${id}`, 'acme')).text) as BuildRecord
}
