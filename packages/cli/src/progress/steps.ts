import { isFinal, type BuildEvent, type StepEvent } from '@kiln/core'

/** A step as far as it is known. */
export interface Step {
  /** from 1, in the order of the first word about them */
  readonly number: number
  title: string
  startedAt: number
  /** ms, once it has finished */
  took?: number
  cached: boolean
  exitCode?: number
  /** of a step that did not do its work */
  outcome?: 'failed' | 'stopped'
  moved?: Extract<StepEvent, { type: 'progress' }>
  /** the last lines */
  readonly tail: string[]
}

const tailLines = 20

/** The steps of a build, told by its events. */
export interface Steps {
  /** takes an event in; gives the step it is about */
  take(event: BuildEvent | StepEvent, at: number): Step | undefined
  /** Ends the steps that are open when the build has ended with `state`, and gives them; none where `event` is no such end. */
  cutOff(event: BuildEvent): readonly Step[]
  running(): readonly Step[]
  /** of the step that failed, else of the last one */
  failedTail(): readonly string[]
}

export function createSteps(): Steps {
  const steps = new Map<string, Step>()
  let attempt = 0
  const stepOf = (id: string, at: number): Step => {
    const known = steps.get(id)
    if (known) return known
    const made: Step = { number: steps.size + 1, title: id, startedAt: at, cached: false, tail: [] }
    steps.set(id, made)
    return made
  }
  return {
    take(event, at) {
      if (event.type === 'state') return undefined
      if ('attempt' in event && event.attempt !== attempt) {
        steps.clear() // what a lost attempt had begun is not going on
        attempt = event.attempt
      }
      const step = stepOf(event.step, at)
      update(step, event, at)
      return step
    },
    cutOff(event) {
      if (event.type !== 'state' || !isFinal(event.state)) return []
      const open = [...steps.values()].filter((step) => step.took === undefined)
      for (const step of open) {
        step.took = Math.max(0, event.at - step.startedAt)
        if (event.state !== 'succeeded') step.outcome = event.state === 'failed' && step === open.at(-1) ? 'failed' : 'stopped'
      }
      return open
    },
    running: () => [...steps.values()].filter((step) => step.took === undefined),
    failedTail: () => failed([...steps.values()])?.tail ?? [],
  }
}

function update(step: Step, event: Exclude<BuildEvent | StepEvent, { type: 'state' }>, at: number): void {
  switch (event.type) {
    case 'step-started':
      step.title = event.title
      step.startedAt = at
      break
    case 'log':
      step.tail.push(event.text)
      if (step.tail.length > tailLines) step.tail.shift()
      break
    case 'step-finished':
      step.took = at - step.startedAt
      step.cached = event.cached
      if (event.exitCode !== undefined) step.exitCode = event.exitCode
      if (event.outcome !== undefined) step.outcome = event.outcome
      break
    case 'progress':
      step.moved = event
      break
    case 'notice':
      break
  }
}

function failed(steps: readonly Step[]): Step | undefined {
  return (
    steps.findLast(hasFailed) ?? steps.findLast(({ outcome }) => outcome === 'stopped') ?? steps.findLast(({ tail }) => tail.length > 0)
  )
}

export function hasFailed({ exitCode = 0, outcome }: Step): boolean {
  return outcome === 'failed' || (exitCode !== 0 && outcome !== 'stopped')
}
