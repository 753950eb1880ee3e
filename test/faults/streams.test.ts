// R11: a log that is cut at any byte, by its reader, by a drain and by kill -9, is joined without a gap or a repeat.
import { get } from 'node:http'
import { expect, test } from 'vitest'
import { buildBody, headersOf, newLedger, read, send, type Submit } from './ledger.ts'
import { amount, figure, random } from './numbers.ts'
import { place, scripted } from './served.ts'

test('R11: a log that is cut is joined byte by byte, across restarts', async () => {
  const [cuts, restarts] = [amount(30, 500), amount(2, 10)]
  const chance = random()
  using at = place()
  const submit: Submit = {
    key: 'r11',
    tenant: 'acme',
    body: buildBody('r11', 'r11', { ms: String(cuts * 100), lines: String(cuts * 40), wide: '100' }),
  }
  const words = { lease: 3000, graceMs: 100 }
  let served = await scripted(at, words)
  try {
    await send(served.url, newLedger(), submit)
    let [joined, made, restarted] = [Buffer.alloc(0), 0, 0]
    for (let last: string | undefined; ; made++) {
      if (restarted < restarts && made >= ((restarted + 1) * cuts) / (restarts + 1)) {
        // attempts are bounded: a drain hands the run back, only two of the three others may be lost
        served.kill(restarted % 5 === 1 && restarted < 7 ? 'SIGKILL' : 'SIGTERM')
        await served.ended
        served = await scripted(at, words)
        restarted += 1
      }
      const most = made < cuts ? chance(2 * 40 * 220) : Number.POSITIVE_INFINITY
      joined = Buffer.concat([joined, await piece(served.url, `/kiln/v1/builds/${submit.id}/events`, last, most)])
      last = /.*^id: (\d+)$/ms.exec(joined.subarray(-4000).toString())?.[1] ?? last
      if (/"type":"state","state":"(succeeded|failed)"/.test(joined.subarray(-600).toString())) break
    }
    const stored = (await read(served.url, `/kiln/v1/builds/${submit.id}/events`, 'acme')).text
    const { state } = JSON.parse((await read(served.url, `/kiln/v1/builds/${submit.id}`, 'acme')).text) as { state: string }
    const gaps = [...stored.matchAll(/^id: (\d+)$/gm)].filter(([, id], index) => Number(id) !== index).length
    figure(
      `R11: ${made} cuts, ${restarted} restarts, ${joined.length} bytes joined, ${joined.toString() === stored ? 'equal' : 'NOT equal'} to the stored log, ${gaps} gaps, the build ${state} (seed ${chance.seed})`,
    )
    expect(joined.toString() === stored).toBe(true)
    expect([gaps, state]).toEqual([0, 'succeeded'])
    expect(made).toBeGreaterThanOrEqual(cuts)
  } finally {
    await served[Symbol.asyncDispose]()
  }
})

/** The whole blocks of a stream behind an event; after `max` bytes the connection is gone. */
async function piece(url: string, path: string, after: string | undefined, max: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  await new Promise<void>((resolve) => {
    const headers = { ...headersOf('acme'), ...(after !== undefined && { 'last-event-id': after }) }
    const asked = get(url + path, { headers, agent: false }, (answer) => {
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        if (size < max) chunks.push(chunk.subarray(0, max - size))
        size += chunk.length
        if (size >= max) asked.destroy()
      })
      answer.on('close', resolve).on('error', () => undefined)
    })
    asked.on('error', () => resolve())
  })
  const all = Buffer.concat(chunks)
  const end = all.lastIndexOf('\n\n')
  return end < 0 ? Buffer.alloc(0) : all.subarray(0, end + 2)
}
