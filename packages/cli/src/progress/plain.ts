import type { BuildEvent } from '@kiln/core'
import type { Io, Screen } from '../io.ts'
import { noticeLine } from '../overview.ts'
import { wantsColour } from '../terminal/mode.ts'
import { stylesFor, type Styles } from '../terminal/style.ts'
import { colouredText, plainText } from '../terminal/text.ts'
import { seconds } from '../terminal/units.ts'
import { createSteps, hasFailed, type Step } from './steps.ts'
import type { Progress } from './progress.ts'

/** One line after the other, each with the number of its step: for files, pipes, CI and programs. */
export function plainProgress(io: Io, screen: Screen): Progress {
  const styles = stylesFor(io, screen)
  const lines = plainLines(styles, wantsColour(io.env, screen))
  const write = (text: string): void => screen.write(`${text}\n`)
  return {
    accepted({ record }, notices, why) {
      write(`build ${record.id} of ${record.image}`)
      for (const line of [...notices.map((notice) => noticeLine(notice, styles)), ...why]) write(`  ${line}`)
    },
    event: (event) => lines(event).forEach(write),
    moved: () => {},
    say: write,
    ended: () => {},
  }
}

/** The lines of each event; also what `builds logs` prints. */
export function plainLines(styles: Styles, colour: boolean): (event: BuildEvent) => readonly string[] {
  const steps = createSteps()
  const text = colour ? colouredText : plainText
  let attempt = 0
  return (event) => {
    const again = event.attempt > 1 && event.attempt !== attempt ? [styles.yellow(`attempt ${event.attempt}`)] : []
    attempt = event.attempt
    const step = steps.take(event, event.at)
    const cut = steps.cutOff(event).map((open) => `${styles.faint(`#${open.number}`)} ${finishedWord(open, styles)}`)
    if (cut.length > 0) return [...again, ...cut]
    return step === undefined ? again : [...again, ...stepLines(event, step, styles, text)]
  }
}

function stepLines(event: BuildEvent, step: Step, styles: Styles, text: (line: string) => string): readonly string[] {
  const head = styles.faint(`#${step.number}`)
  switch (event.type) {
    case 'step-started':
      return [`${head} ${styles.bold(plainText(event.title))}`]
    case 'log':
      return [`${head} ${styles.faint(seconds(event.at - step.startedAt))} ${text(event.text)}`]
    case 'step-finished':
      return [`${head} ${finishedWord(step, styles)}`]
    case 'notice':
      return [`${head} ${noticeLine(event.notice, styles)}`]
    case 'state':
      return []
  }
}

/** `CACHED`, `done 1.2s`, `FAILED 1.2s, exit code 1` or `stopped 1.2s` */
export function finishedWord(step: Step, styles: Styles): string {
  if (step.cached) return styles.cyan('CACHED')
  const took = seconds(step.took ?? 0)
  if (hasFailed(step)) return styles.red(`FAILED ${took}${step.exitCode ? `, exit code ${step.exitCode}` : ''}`)
  return step.outcome === 'stopped' ? styles.yellow(`stopped ${took}`) : `${styles.green('done')} ${took}`
}
