// A driver that does what the labels of a job say, and writes down outside of the data directory what it did: who publishes twice, or
// runs an attempt again, is found out however often the process dies.
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BuildError, type Built, type Digest, type Driver, type Images, type Job, type StepEvent } from '@kiln/core'
import { fakeDriver, readContext } from '@kiln/testkit/driver'
import { reached } from './failpoints.ts'

/** `ms` of work, `lines` of log meanwhile, `lose`: attempts that end with a lost builder, `wide`: bytes of a line. */
export function scriptedDriver(outside: string): Driver {
  const images = imagesIn(outside)
  const note = (...words: readonly (string | number)[]): void => appendFileSync(join(outside, 'journal'), `${words.join(' ')}\n`)
  return {
    ...fakeDriver({ name: 'scripted' }),
    images: {
      ...images,
      async tag(ref, as) {
        reached('tag: not moved')
        const digest = images.read(ref)
        if (digest === undefined) throw new BuildError('driver_lost', `There is no image ${ref}.`)
        images.write(as, digest)
        note('publish', attemptOf(ref), as, digest)
        reached('tag: moved')
      },
    },
    async build(job, io) {
      note('start', `${job.run}-${job.attempt}`, process.pid, job.tenant)
      try {
        return await work(job, io, images)
      } finally {
        note('end', `${job.run}-${job.attempt}`, process.pid, job.tenant)
      }
    },
    async reap() {},
  }
}

async function work(
  job: Job,
  io: { readonly signal: AbortSignal; emit(event: StepEvent): void },
  images: ReturnType<typeof imagesIn>,
): Promise<Built> {
  const { ms = '20', lines = '2', lose = '0', wide = '0' } = job.labels
  reached('driver: started')
  io.emit({ step: '1', type: 'step-started', title: 'RUN work' })
  await readContext(job, io.signal)
  reached('driver: context read')
  for (let line = 0; line < Number(lines); line++) {
    io.emit({ step: '1', type: 'log', stream: 'out', text: `${process.pid} ${job.attempt} ${line} ${'x'.repeat(Number(wide))}` })
    await sleep(Number(ms) / Number(lines), undefined, { signal: io.signal }).catch(() => undefined)
    if (io.signal.aborted) reached('driver: stopping')
    io.signal.throwIfAborted()
  }
  if (job.attempt <= Number(lose)) throw new BuildError('driver_lost', 'The builder went away.')
  const ref = 'ref' in job.output ? job.output.ref : ''
  const digest: Digest = `sha256:${createHash('sha256').update(`${job.run}-${job.attempt}`).digest('hex')}`
  images.write(ref, digest)
  reached('driver: image made')
  io.emit({ step: '1', type: 'step-finished', cached: false })
  return { digest, digestKind: 'config', ref, bases: {}, builder: `pid ${process.pid}` }
}

function attemptOf(ref: string): string {
  return /:attempt-(.+)$/.exec(ref)?.[1] ?? '-'
}

/** Images that outlive the process, as those of a builder do. */
function imagesIn(outside: string): Images & { read(ref: string): Digest | undefined; write(ref: string, digest: Digest): void } {
  const file = (ref: string): string => join(outside, 'images', createHash('sha256').update(ref).digest('hex'))
  const read = (ref: string): Digest | undefined => {
    try {
      return readFileSync(file(ref), 'utf8') as Digest
    } catch {
      return undefined
    }
  }
  return {
    read,
    write(ref, digest) {
      writeFileSync(`${file(ref)}.${process.pid}`, digest)
      renameSync(`${file(ref)}.${process.pid}`, file(ref))
    },
    resolve: async (ref) => read(ref),
    tag: async () => {},
    untag: async (ref) => rmSync(file(ref), { force: true }),
  }
}
