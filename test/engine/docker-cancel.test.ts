import { docker } from '@kiln/driver-docker'
import { testJob } from '@kiln/testkit/driver'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ask, containers, engines, run } from './docker-engine.ts'

const { host, all, registry } = await engines()
const owner = 'docker-cancel-test'

/** Processes of this machine whose command line holds the text; the rig's engines run their steps here. */
function processes(text: string): number {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
  return commands.filter((command) => command.startsWith('sleep') && command.includes(text)).length
}

describe.each(Object.entries(all))('a cancel on %s', (_name, engine) => {
  test.each([
    ['classic', []],
    ['BuildKit', ['buildkit']],
  ])('ends the step, its process and its container (%s)', async (_builder, needs) => {
    await using driver = docker({ host: engine, owner })
    const before = await containers(engine)
    const seconds = String(100_000 + Math.floor(Math.random() * 800_000))
    const stop = new AbortController()
    const job = testJob({ dockerfile: `FROM python:3.11-slim\nRUN echo begun && sleep ${seconds}\n`, needs, own: true })
    const during = { processes: 0, containers: 0 }
    const ran = await run(driver, job, stop.signal, (event) => {
      if (event.type !== 'log' || event.text !== 'begun') return
      void (async () => {
        await expect.poll(() => processes(seconds)).toBeGreaterThan(registry === undefined ? -1 : 0)
        during.processes = processes(seconds)
        during.containers = [...(await containers(engine))].filter((id) => !before.has(id)).length
        stop.abort('cancel')
      })()
    })
    expect(ran.error).toBe('cancel')
    expect(processes(seconds)).toBe(0)
    const added = [...(await containers(engine))].filter((id) => !before.has(id))
    const bodies = await Promise.all(added.map(async (id) => (await ask(engine, `/containers/${id}/json`)).body))
    expect(bodies.filter((body) => body.includes(seconds))).toEqual([])
    expect(needs.length > 0 || during.containers > 0).toBe(true)
    expect(ran.events.at(-1)).toMatchObject({ type: 'step-finished' })
  })
})

describe('reap', () => {
  test('removes the container a dead engine or driver left, of this owner and attempt only', async () => {
    await using driver = docker({ host, owner })
    const mark = (run_: string, who: string): string =>
      `1.${Buffer.from(run_).toString('hex')}.${Buffer.from(who).toString('hex')}.kiln.invalid:127.0.0.1`
    const make = async (extra: string): Promise<string> => {
      const reply = await create(host, { Image: 'python:3.11-slim', Cmd: ['true'], HostConfig: { ExtraHosts: [extra] } })
      return (JSON.parse(reply) as { Id: string }).Id
    }
    const [lost, held, others] = [
      await make(mark('lost', owner)),
      await make(mark('held', owner)),
      await make(mark('lost', 'somebody-else')),
    ]
    await driver.reap(async (id) => id === 'held', {})
    const left = await containers(host)
    expect([lost, held, others].map((id) => left.has(id))).toEqual([false, true, true])
    for (const id of [held, others]) await ask(host, `/containers/${id}`, 'DELETE')
  })

  test('a build carries the mark that reap looks for', async () => {
    await using driver = docker({ host, owner })
    const job = testJob({ dockerfile: 'FROM python:3.11-slim\nRUN grep kiln.invalid /etc/hosts\n', cache: 'refresh' })
    const { lines } = await run(driver, job)
    expect(lines).toEqual([
      expect.stringContaining(`1.${Buffer.from(job.run).toString('hex')}.${Buffer.from(owner).toString('hex')}.kiln.invalid`),
    ])
    await driver.reap(async () => false, {})
  })
})

async function create(engine: string, body: object): Promise<string> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const headers = { host: 'docker', 'content-type': 'application/json' }
    const asking = request(
      { socketPath: engine.replace('unix://', ''), path: '/containers/create', method: 'POST', headers, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () => resolve(text))
      },
    )
    asking.on('error', reject).end(JSON.stringify(body))
  })
}
