import { docker, type DockerOptions } from '@kiln/driver-docker'
import { StepFailure, type Built, type Driver, type Job, type StepEvent } from '@kiln/core'
import { testJob, type JobParts } from '@kiln/testkit/driver'
import { request } from 'node:http'
// @ts-expect-error the rig runs before anything is installed: plain JavaScript
import { findEngine, rigStatus } from '../rig/rig.mjs'

export interface Engines {
  /** DOCKER_HOST of the engine the tests use */
  readonly host: string
  /** every engine of the rig that answers, by name; at least the one above */
  readonly all: Readonly<Record<string, string>>
  /** host:port of a registry that the engines may push to without TLS */
  readonly registry: string | undefined
}

/** The engines these tests run on; throws with the one line that says what is missing. */
export async function engines(): Promise<Engines> {
  const found = (await findEngine({ start: false })) as { host: string; registry?: string } | { missing: string }
  if ('missing' in found) throw new Error(found.missing)
  const status = (await rigStatus()) as { engines: Record<string, { host: string }>; registry?: string }
  const rig = Object.fromEntries(Object.entries(status.engines).map(([name, { host }]) => [name, host]))
  const isRig = Object.values(rig).includes(found.host)
  return { host: found.host, all: isRig ? rig : { engine: found.host }, registry: found.registry }
}

export interface Ran {
  readonly built?: Built
  readonly error?: unknown
  readonly events: readonly StepEvent[]
  /** every line of log */
  readonly lines: readonly string[]
}

/** Builds once and keeps everything that happened. */
export async function run(
  driver: Driver,
  job: Job,
  signal: AbortSignal = new AbortController().signal,
  watch: (event: StepEvent) => void = () => undefined,
): Promise<Ran> {
  const events: StepEvent[] = []
  const emit = (event: StepEvent): void => {
    events.push(event)
    watch(event)
  }
  const ended = await driver.build(job, { signal, emit }).then(
    (built) => ({ built }),
    (error: unknown) => ({ error }),
  )
  return { ...ended, events, lines: events.flatMap((event) => (event.type === 'log' ? [event.text] : [])) }
}

/** The same with a driver of its own, which is reaped and closed. */
export async function build(options: DockerOptions, parts: JobParts): Promise<Ran> {
  await using driver = docker(options)
  const ran = await run(driver, testJob(parts))
  await driver.reap(async () => false, {})
  return ran
}

export function factsOf(ran: Ran): StepFailure['facts'] {
  if (ran.error instanceof StepFailure) return ran.error.facts
  throw new Error(`no StepFailure: ${String(ran.error)} ${JSON.stringify(ran.built)}`)
}

/** A question to an engine of unix:// that goes past the driver. */
export function ask(host: string, path: string, method = 'GET'): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath: host.replace('unix://', ''), path, method, headers: { host: 'docker' }, agent: false },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => (body += text))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body })).on('error', reject)
      },
    )
    asking.on('error', reject).end()
  })
}

/** The ids of all containers, running or not. */
export async function containers(host: string): Promise<ReadonlySet<string>> {
  const list = JSON.parse((await ask(host, '/containers/json?all=1')).body) as readonly { Id: string }[]
  return new Set(list.map(({ Id }) => Id))
}
