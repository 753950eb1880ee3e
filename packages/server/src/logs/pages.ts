import type { Build } from '@kiln/core'
import type { LogForm } from './logs.ts'
import { gather, type Moment } from './moment.ts'

/** A piece of a log as the store has it. */
export interface Page {
  /** undefined: there is nothing after `after` */
  readonly moment: Moment | undefined
  /** the store had no more when this was read */
  readonly caughtUp: boolean
}

/** as many events as the store reads at once, so that none is read twice */
const pageEvents = 256
const pageBytes = 256 * 2 ** 10
/** bytes of full pages that are kept for others who replay the same log at the same time */
const keptBytes = 4 * 2 ** 20

export interface Pages {
  /** `log`: one name per log and form */
  read(log: string, build: Build, form: LogForm, after: number): Promise<Page>
}

/** Replays, page by page: nobody holds a whole log, and readers who come together share what is read. */
export function createPages(): Pages {
  const reading = new Map<string, Promise<Page>>()
  const kept = new Map<string, Page>()
  let size = 0
  const keep = (key: string, page: Page): void => {
    if (page.caughtUp || kept.has(key)) return
    kept.set(key, page)
    size += bytesOf(page)
    for (const [oldest, old] of kept) {
      if (size <= keptBytes) return
      kept.delete(oldest)
      size -= bytesOf(old)
    }
  }
  return {
    async read(log, build, form, after) {
      const key = `${log} ${after}`
      const known = kept.get(key)
      if (known) return known
      const work = reading.get(key) ?? readPage(build, form, after).finally(() => reading.delete(key))
      reading.set(key, work)
      const page = await work
      keep(key, page)
      return page
    },
  }
}

async function readPage(build: Build, form: LogForm, after: number): Promise<Page> {
  const written = gather(form)
  for await (const event of build.events({ after, follow: false })) {
    written.add(event)
    if (written.count >= pageEvents || written.size >= pageBytes) return { moment: written.take(), caughtUp: false }
  }
  return { moment: written.take(), caughtUp: true }
}

function bytesOf({ moment }: Page): number {
  return moment?.bytes.length ?? 0
}
