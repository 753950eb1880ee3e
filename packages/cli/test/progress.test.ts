import { describe, expect, test } from 'vitest'
import type { BuildEvent } from '@kiln/core'
import { plainLines } from '../src/progress/plain.ts'
import { ttyProgress } from '../src/progress/tty.ts'
import { liveRegion } from '../src/terminal/live-region.ts'
import { noStyles } from '../src/terminal/style.ts'
import { fakeScreen } from './fake-io.ts'
import { terminalOf } from './terminal.ts'

const at = 1_800_000_000_000
const one = { seq: 1, at, attempt: 1, step: '1' }
const events: readonly BuildEvent[] = [
  { seq: 0, at, attempt: 0, type: 'state', state: 'queued' },
  { ...one, type: 'step-started', title: 'FROM python', line: 1 },
  { ...one, at: at + 400, type: 'step-finished', cached: true },
  { ...one, step: '2', at: at + 400, type: 'step-started', title: 'RUN pip install', line: 2 },
  { ...one, step: '2', at: at + 1500, type: 'log', stream: 'out', text: 'Collecting x' },
  { ...one, step: '2', at: at + 2400, type: 'step-finished', cached: false, exitCode: 1 },
]

describe('plain', () => {
  test('is a line per event with the number of its step', () => {
    const lines = plainLines(noStyles, false)
    expect(events.flatMap((event) => lines(event))).toEqual([
      '#1 FROM python',
      '#1 CACHED',
      '#2 RUN pip install',
      '#2 1.1s Collecting x',
      '#2 FAILED 2.0s, exit code 1',
    ])
  })

  test('a step without an exit code that failed, was stopped, or is open at the end of a build is not done', () => {
    const end = { seq: 9, at: at + 2400, attempt: 1, type: 'state' } as const
    const after = (...more: readonly BuildEvent[]): readonly string[] => {
      const lines = plainLines(noStyles, false)
      return [...events.slice(0, 5), ...more].flatMap((event) => lines(event)).slice(4)
    }
    const finished = { ...one, step: '2', at: at + 2400, type: 'step-finished', cached: false } as const
    expect(after({ ...finished, outcome: 'failed' }, { ...end, state: 'failed' })).toEqual(['#2 FAILED 2.0s'])
    expect(after({ ...finished, outcome: 'stopped' }, { ...end, state: 'timed_out' })).toEqual(['#2 stopped 2.0s'])
    expect(after({ ...end, state: 'failed' })).toEqual(['#2 FAILED 2.0s'])
    expect(after({ ...end, state: 'timed_out' })).toEqual(['#2 stopped 2.0s'])
    expect(after(finished, { ...end, state: 'succeeded' })).toEqual(['#2 done 2.0s'])
  })

  test('a second attempt says so and counts anew', () => {
    const lines = plainLines(noStyles, false)
    for (const event of events) lines(event)
    expect(lines({ ...one, attempt: 2, type: 'step-started', title: 'FROM python' })).toEqual(['attempt 2', '#1 FROM python'])
  })
})

describe('tty', () => {
  test('leaves finished steps in the scrollback and nothing of the running ones, in a terminal of any width', () => {
    for (const columns of [40, 80, 200]) {
      const screen = fakeScreen(true)
      screen.columns = columns
      const progress = ttyProgress({ env: { NO_COLOR: '1' }, stderr: screen, now: () => at + 2000 } as never)
      for (const event of events) progress.event(event)
      progress.ended()
      expect(terminalOf(screen.text(), columns)).toEqual([
        expect.stringMatching(/^✔ FROM python CACHED$/),
        expect.stringMatching(/^✖ RUN pip ins(tall|…) FAILED 2\.0s, exit code 1$/),
      ])
      expect(screen.text()).not.toContain('\u001b[?1049h')
    }
  })

  test('a build that was cancelled leaves its open step as stopped', () => {
    const screen = fakeScreen(true)
    const progress = ttyProgress({ env: { NO_COLOR: '1' }, stderr: screen, now: () => at + 2000 } as never)
    for (const event of events.slice(0, 5)) progress.event(event)
    progress.event({ seq: 9, at: at + 2400, attempt: 1, type: 'state', state: 'cancelled' })
    progress.ended()
    expect(terminalOf(screen.text(), 80)).toEqual(['✔ FROM python CACHED', '■ RUN pip install stopped 2.0s'])
  })

  test('draws the running step with its last four lines', async () => {
    const screen = fakeScreen(true)
    const progress = ttyProgress({ env: { NO_COLOR: '1' }, stderr: screen, now: () => at + 9000 } as never)
    for (const event of events.slice(0, 4)) progress.event(event)
    for (const n of [1, 2, 3, 4, 5]) progress.event({ ...one, step: '2', at: at + 500, type: 'log', stream: 'out', text: `line ${n}` })
    progress.moved({ step: '2', type: 'progress', done: 1500, total: 3000, unit: 'bytes' })
    await expect.poll(() => screen.text()).not.toBe('')
    expect(terminalOf(screen.text(), 80)).toEqual([
      '✔ FROM python CACHED',
      '▸ RUN pip install 8.6s  1.5 kB / 3.0 kB',
      '    line 2',
      '    line 3',
      '    line 4',
      '    line 5',
    ])
    progress.ended()
    expect(terminalOf(screen.text(), 80)).toEqual(['✔ FROM python CACHED'])
  })
})

describe('the live region', () => {
  test('is erased whole after the terminal was made narrower', () => {
    const screen = fakeScreen(true)
    const region = liveRegion(screen)
    region.draw(['x'.repeat(60), 'short'])
    screen.columns = 20
    region.draw(['after'])
    expect(screen.text()).toContain('\u001b[4A\r\u001b[0J')
  })

  test('is never higher than the terminal', () => {
    const screen = fakeScreen(true)
    liveRegion(screen).draw(Array.from({ length: 100 }, (_, n) => `line ${n}`))
    expect(screen.text().trimEnd().split('\n')).toHaveLength(23)
  })
})
