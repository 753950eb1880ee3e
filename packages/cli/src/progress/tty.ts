import type { Io } from '../io.ts'
import { noticeLine } from '../overview.ts'
import { liveRegion } from '../terminal/live-region.ts'
import { noStyles, stylesFor, type Styles } from '../terminal/style.ts'
import { cutTo, plainText } from '../terminal/text.ts'
import { bytes, seconds } from '../terminal/units.ts'
import { finishedWord } from './plain.ts'
import { createSteps, hasFailed, type Step } from './steps.ts'
import type { Progress } from './progress.ts'

/** ms between two drawings */
const rhythm = 100
/** last lines shown of each running step */
const peek = 4

/** Finished steps go into the scrollback; below them the running ones with their last lines, drawn again as they move. */
export function ttyProgress(io: Io): Progress {
  const styles = stylesFor(io, io.stderr)
  const region = liveRegion(io.stderr)
  const steps = createSteps()
  const above: string[] = []
  let ended = false
  let waiting: string | undefined = 'reading the source'
  const live = (): readonly string[] =>
    waiting === undefined ? steps.running().flatMap((step) => runningLines(step, io, styles)) : [styles.faint(waiting)]
  // All drawing is done here, so that a burst of events is one redraw.
  const draw = (): void => {
    if (!ended) region.draw(live(), above.splice(0))
  }
  const timer = setInterval(draw, rhythm)
  timer.unref()
  return {
    accepted({ record, reuse }, notices, why) {
      waiting = reuse === 'none' ? 'waiting for a worker' : 'looking at the earlier build'
      above.push(
        `${styles.bold(record.name)} ${styles.faint(record.id)}`,
        ...[...notices.map((notice) => noticeLine(notice, styles)), ...why].map((line) => `  ${line}`),
      )
    },
    event(event) {
      if (event.attempt > 0) waiting = undefined
      const step = steps.take(event, event.at)
      if (step && event.type === 'step-finished') above.push(finishedLine(step, io.stderr.columns, styles))
      for (const open of steps.cutOff(event)) above.push(finishedLine(open, io.stderr.columns, styles))
      if (event.type === 'notice') above.push(noticeLine(event.notice, styles))
    },
    moved: (event) => void steps.take(event, io.now()),
    say: (text) => void above.push(styles.yellow(text)),
    ended() {
      if (ended) return
      region.draw([], above.splice(0))
      ended = true
      clearInterval(timer)
    },
  }
}

function finishedLine(step: Step, columns: number, styles: Styles): string {
  const mark = hasFailed(step) ? styles.red('✖') : step.outcome === 'stopped' ? styles.yellow('■') : styles.green('✔')
  const room = columns - finishedWord(step, noStyles).length - 4
  return `${mark} ${cutTo(plainText(step.title), Math.max(8, room))} ${finishedWord(step, styles)}`
}

function runningLines(step: Step, io: Io, styles: Styles): readonly string[] {
  const { columns } = io.stderr
  const elapsed = seconds(io.now() - step.startedAt)
  const more = step.moved ? `  ${movedText(step.moved)}` : ''
  const title = cutTo(plainText(step.title), columns - elapsed.length - more.length - 6)
  const lines = step.tail.slice(-peek).map((line) => styles.faint(cutTo(`    ${plainText(line)}`, columns - 1)))
  return [`${styles.cyan('▸')} ${title} ${elapsed}${styles.faint(more)}`, ...lines]
}

function movedText({ done, total, unit }: NonNullable<Step['moved']>): string {
  const text = (count: number): string => (unit === 'bytes' ? bytes(count) : String(count))
  return total === undefined ? text(done) : `${text(done)} / ${text(total)}`
}
