// R3, R6, R13 and R18 with `kiln serve` as it is shipped, the docker driver and real containers.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal, type BuildRecord } from '@kiln/core'
import { afterAll, expect, test } from 'vitest'
import { ask, containers, engines } from '../../engine/docker-engine.ts'
import { noPrivateEngine, privateEngine } from '../../engine/docker-private.ts'
import { amount, figure, quantile, random } from '../numbers.ts'
import { kilnServe, newKey, place, until, type Place, type Served } from '../served.ts'

const { host, registry = '' } = await engines()
const tenant = `faults-${crypto.randomUUID().slice(0, 8)}`
const obstacle = registry === '' ? 'not the rig: no registry to get the base image from' : noPrivateEngine()

afterAll(async () => {
  const all = JSON.parse((await ask(host, '/images/json')).body) as { RepoTags: string[] | null }[]
  const tags = all.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(`/${tenant}`))
  for (const tag of tags) await ask(host, `/images/${tag}`, 'DELETE')
})

test.concurrent('R3: kiln serve killed while containers build', async () => {
  const [count, kills] = [amount(2, 4), amount(1, 3)]
  using at = place()
  const seconds = Array.from({ length: count }, () => unique())
  const waits: number[] = []
  let ids: readonly string[] = []
  let killed = 0
  const options = ['--concurrency', '4']
  for (let kill = 1; kill <= kills; kill++) {
    await using served = await kilnServe(at, options, { DOCKER_HOST: host })
    const kiln = await client(served, at)
    if (kill === 1) ids = await Promise.all(seconds.map((time) => kiln.build(`RUN echo begun && sleep ${time}`)))
    for (const id of ids) {
      await until(`attempt ${kill} of ${id} sleeps`, 90_000, async () => begins(await kiln.events(id)) >= kill)
      if (kill > 1) waits.push(Date.now() - killed)
    }
    served.kill('SIGKILL')
    await served.ended
    killed = Date.now()
  }
  await using served = await kilnServe(at, options, { DOCKER_HOST: host })
  const kiln = await client(served, at)
  if (kills < 3) {
    for (const id of ids) {
      await until('another attempt', 60_000, async () => begins(await kiln.events(id)) > kills)
      waits.push(Date.now() - killed)
    }
    await Promise.all(ids.map((id) => kiln.cancel(id)))
  }
  const ends = await Promise.all(ids.map((id) => kiln.end(id, 90_000)))
  const codes = ends.map(({ state, error }) => error?.code ?? state)
  await until('no process of a step is left', 60_000, () => seconds.every((time) => sleepers(time) === 0))
  figure(
    `R3 (containers): ${kills} kills of kiln serve, ${count} builds: begun again p99 ${quantile(waits, 0.99)} ms after the kill (lease 30 s), then ${[...new Set(codes)].join(', ')}, 0 steps left`,
  )
  expect(Math.max(...waits)).toBeLessThan(45_000)
  expect([...new Set(codes)]).toEqual([kills < 3 ? 'cancelled' : 'worker_lost'])
})

test.concurrent('R6: the connection to the builder is dropped, and is silent', async () => {
  using at = place()
  await using proxy = await proxyTo(host.replace('unix://', ''))
  await using served = await kilnServe(at, ['--timeout', '25s', '--grace', '1s'], { DOCKER_HOST: proxy.host })
  const kiln = await client(served, at)
  const decided = async (what: 'drop' | 'silence'): Promise<string> => {
    const time = unique()
    const id = await kiln.build(`RUN echo begun && sleep ${time}`)
    await until('it sleeps', 60_000, async () => begins(await kiln.events(id)) > 0)
    const came = performance.now()
    proxy[what]()
    const { error, state } = await kiln.end(id, 60_000)
    const took = Math.round(performance.now() - came)
    proxy.mend()
    await until('no process of the step is left', 60_000, () => sleepers(time) === 0)
    return `${what} ${error?.code ?? state} after ${took} ms`
  }
  const told = [await decided('drop'), await decided('silence')]
  const again = await kiln.end(await kiln.build(`RUN echo ${unique()}`), 60_000)
  figure(`R6: ${told.join(', ')} (its time was 25 s); the next build ${again.state}`)
  expect(again.state).toBe('succeeded')
  expect(told[0]).toMatch(/^drop driver_(lost|unreachable) /)
  expect(told[1]).toMatch(/^silence (timed_out|driver_lost|driver_unreachable) /)
})

test.concurrent('R6: the builder is killed', async ({ skip }) => {
  skip(obstacle !== undefined, obstacle)
  const kills = amount(1, 4)
  using at = place()
  await using engine = await privateEngine({ registry })
  await using served = await kilnServe(at, ['--grace', '1s'], { DOCKER_HOST: engine.host })
  const kiln = await client(served, at)
  const told: string[] = []
  for (let kill = 0; kill < kills; kill++) {
    const id = await kiln.build(`RUN echo begun && sleep ${unique()}`)
    await until('it sleeps', 90_000, async () => begins(await kiln.events(id)) > 0)
    const came = performance.now()
    await engine.kill()
    const { error, state } = await kiln.end(id, 60_000)
    told.push(`${error?.code ?? state} after ${Math.round(performance.now() - came)} ms`)
    await engine.start()
    const again = await kiln.end(await kiln.build(`RUN echo ${unique()}`), 90_000)
    told.push(`the next one ${again.state}`)
    await until('its containers are reaped', 90_000, async () => (await containers(engine.host)).size === 0)
  }
  figure(`R6: ${kills} times dockerd killed: ${told.join(', ')}, 0 containers left`)
  expect(told.filter((one) => !/^(driver_(lost|unreachable) after|the next one succeeded)/.test(one))).toEqual([])
})

test.concurrent('R13: kiln serve restarted in turn while containers build', async () => {
  const restarts = amount(2, 8)
  using at = place()
  const ids: string[] = []
  const exits: number[] = []
  const start = (): Promise<Served> => kilnServe(at, ['--grace', '3s'], { DOCKER_HOST: host })
  const running = [await start(), await start()]
  const key = await newKey(at, tenant)
  try {
    for (let turn = 0; turn < restarts; turn++) {
      const one = clientWith(running[(turn + 1) % 2]!, key)
      const other = clientWith(running[turn % 2]!, key)
      ids.push(...(await Promise.all([one, other].map((kiln) => kiln.build(`RUN echo ${unique()} && sleep ${turn % 2 === 0 ? 1 : 6}`)))))
      await sleep(1500)
      const came = performance.now()
      running[turn % 2]!.kill('SIGTERM')
      expect(await running[turn % 2]!.ended).toBe(0)
      exits.push(performance.now() - came)
      running[turn % 2] = await start()
    }
    const kiln = clientWith(running[0]!, key)
    const states = await Promise.all(ids.map(async (id) => (await kiln.end(id, 90_000)).state))
    figure(
      `R13 (containers): ${restarts} rolling restarts of kiln serve, ${ids.length} builds, ${states.filter((state) => state !== 'succeeded').length} failed, exit 0 within ${quantile(exits, 1)} ms (grace 3 s)`,
    )
    expect(states.filter((state) => state !== 'succeeded')).toEqual([])
    expect(Math.max(...exits)).toBeLessThan(8000)
  } finally {
    for (const one of running) await one[Symbol.asyncDispose]()
  }
})

test.concurrent('R18: containers of cancelled builds go', async () => {
  const count = amount(4, 30)
  const chance = random()
  using at = place()
  await using served = await kilnServe(at, ['--concurrency', '3'], { DOCKER_HOST: host })
  const kiln = await client(served, at)
  const took: number[] = []
  let [done, logged] = [0, 0]
  const one = async (): Promise<void> => {
    while ((done += 1) <= count) {
      const time = unique()
      const id = await kiln.build(`RUN echo begun && sleep ${time}`)
      await sleep(chance(4000))
      const had = begins(await kiln.events(id))
      const came = performance.now()
      await kiln.cancel(id)
      const { state } = await kiln.end(id, 20_000)
      expect(state).toBe('cancelled')
      await until('the process is gone', 20_000, () => sleepers(time) === 0)
      took.push(performance.now() - came)
      const events = await kiln.events(id, 10_000)
      expect(events.match(/"state":"cancelled"/g)).toHaveLength(1)
      expect(begins(events)).toBeGreaterThanOrEqual(had)
      logged += begins(events)
    }
  }
  await Promise.all([one(), one(), one()])
  figure(
    `R18 (containers): ${count} cancelled at random times: ended and their processes gone within ${quantile(took, 1)} ms, ${logged} had begun and kept their logs (seed ${chance.seed})`,
  )
  expect(quantile(took, 1)).toBeLessThan(10_000)
})

interface Client {
  build(instruction: string): Promise<string>
  cancel(id: string): Promise<void>
  /** events so far, or to the end of the build; for so many ms */
  events(id: string, ms?: number): Promise<string>
  end(id: string, ms: number): Promise<BuildRecord>
}

async function client(served: Served, at: Place): Promise<Client> {
  return clientWith(served, await newKey(at, tenant))
}

function clientWith(served: Served, key: string): Client {
  const { url } = served
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/kiln/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}\n${served.log()}`)
    return answer
  }
  const record = async (id: string): Promise<BuildRecord> => (await (await call('GET', `/builds/${id}`)).json()) as BuildRecord
  return {
    async build(instruction) {
      const files = { Dockerfile: `FROM debian:bookworm-slim\n${instruction}\n` }
      const answer = await call('POST', '/builds', { name: 'web', source: { files }, dockerfile: 'Dockerfile' })
      return ((await answer.json()) as { id: string }).id
    },
    cancel: async (id) => void (await (await call('POST', `/builds/${id}/cancel`)).text()),
    async events(id, ms = 100) {
      const leave = new AbortController()
      const answer = await fetch(`${url}/kiln/v1/builds/${id}/events`, {
        headers: { authorization: `Bearer ${key}` },
        signal: leave.signal,
      })
      setTimeout(() => leave.abort(), ms).unref()
      let text = ''
      try {
        for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk
      } catch {
        // left
      }
      return text
    },
    async end(id, ms) {
      await until(`an end of ${id}`, ms, async () => isFinal((await record(id)).state), 100)
      return record(id)
    },
  }
}

/** How many attempts have come to their sleep. */
function begins(events: string): number {
  return events.match(/"text":"begun"/g)?.length ?? 0
}

/** Seconds that nobody else sleeps: the command line tells the process. */
function unique(): string {
  return String(100_000_000 + Math.floor(Math.random() * 800_000_000))
}

/** Processes of this machine that sleep so long; the rig's engines run their steps here. */
function sleepers(seconds: string): number {
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
  return commands.filter((command) => command.startsWith('sleep') && command.includes(seconds)).length
}

interface Proxy extends AsyncDisposable {
  readonly host: string
  /** every connection is gone, and no new one is taken */
  drop(): void
  /** connections stay, and nothing comes through any more */
  silence(): void
  mend(): void
}

async function proxyTo(socket: string): Promise<Proxy> {
  const dir = mkdtempSync(join(tmpdir(), 'kiln-faults-proxy-'))
  const open = new Set<Socket>()
  let state: 'good' | 'dropped' | 'silent' = 'good'
  const destroyAll = (): void => {
    for (const one of open) one.destroy()
  }
  const server = createServer((near) => {
    if (state === 'dropped') return void near.destroy()
    open.add(near)
    near.on('error', () => undefined).on('close', () => open.delete(near))
    if (state === 'silent') return
    const far = createConnection(socket)
    open.add(far)
    far.on('error', () => near.destroy()).on('close', () => open.delete(far))
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  const path = join(dir, 'docker.sock')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    host: `unix://${path}`,
    drop() {
      state = 'dropped'
      destroyAll()
    },
    silence() {
      state = 'silent'
      for (const one of open) one.unpipe().pause()
    },
    mend() {
      state = 'good'
      destroyAll()
    },
    async [Symbol.asyncDispose]() {
      destroyAll()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
