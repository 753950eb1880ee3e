import type { StepEvent } from '@kiln/core'
import type { Instruction } from './instructions.ts'
import type { Message } from './messages.ts'
import { imageIdIn, messageOfError, type AnswerReader, type Outcome } from './reader.ts'
import { startStep, type Step } from './steps.ts'

const stepLine = /^Step (\d+)\/(\d+) : (.*)$/s
const runningLine = /^ ---> Running in ([0-9a-f]{12,64})\n$/
const removedLine = /^(?: ---> Removed|Removing) intermediate container ([0-9a-f]{12,64})\n$/
// the builder wraps what a step writes to its standard error in red
const [red, plain] = ['\u001B[91m', '\u001B[0m']

/**
 * Reads the answer of the classic builder: lines such as `Step 2/5 : RUN ...` and ` ---> Using cache` between the output of
 * the steps. While a container runs everything is its output, so that a program does not pass its own lines off as the builder's
 * by chance. One that prints that its own container (it knows the id) was removed can end its section and make up steps: the
 * stream has no other mark. That changes what is shown, never the outcome, which comes in messages of their own.
 */
export function createClassicReader(emit: (event: StepEvent) => void, instructions: readonly Instruction[]): AnswerReader {
  let step: Step | undefined
  let [container, cached, id]: [string | undefined, boolean, string | undefined] = [undefined, false, undefined]
  let failure: Message | undefined

  const begin = (number: string, title: string): void => {
    step?.finish({ cached })
    ;[cached, id] = [false, undefined] // the image of a stage is not yet the result
    step = startStep(isMark(title) ? silent : emit, { id: number, title: title.trim(), line: lineOf(instructions, Number(number), title) })
  }
  const say = (text: string): void => {
    const wrapped = text.startsWith(red) && text.endsWith(plain)
    step ??= startStep(emit, { id: '0', title: 'docker build' })
    step.log(wrapped ? 'err' : 'out', wrapped ? text.slice(red.length, -plain.length) : text)
  }
  const builderSays = (text: string): void => {
    const [, number, , title] = stepLine.exec(text) ?? []
    if (number !== undefined && title !== undefined && Number(number) === expected(step)) return begin(number, title)
    if (text === ' ---> Using cache\n') cached = true
    else if (runningLine.test(text)) container = runningLine.exec(text)![1]
    else if (!isChatter(text)) say(text)
  }

  return {
    get container() {
      return container
    },
    take(message) {
      id = imageIdIn(message) ?? id
      if (messageOfError(message) !== undefined) failure = message
      if (message.status !== undefined) showTransfer(message, say, step)
      if (message.stream === undefined) return
      if (container === undefined) builderSays(message.stream)
      else if (removedLine.exec(message.stream)?.[1] === container) container = undefined
      else say(message.stream)
    },
    end(): Outcome {
      const exitCode = failure?.errorDetail?.code
      step?.finish({ cached, exitCode, outcome: failure ? 'failed' : id === undefined ? 'stopped' : undefined })
      if (failure === undefined) return id === undefined ? { kind: 'nothing' } : { kind: 'image', id, bases: {} }
      return {
        kind: 'failed',
        facts: { ...whereOf(step), ...(exitCode === undefined ? {} : { exitCode }), message: messageOfError(failure)! },
      }
    },
  }
}

/** A pull's or download's state: bytes as progress, words as log. */
function showTransfer(message: Message, say: (text: string) => void, step: Step | undefined): void {
  const { current, total } = message.progressDetail ?? {}
  if (typeof current === 'number') step?.progress(message.id ?? '', current, typeof total === 'number' && total > 0 ? total : undefined)
  else if (message.progressDetail === undefined) say(`${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`)
}

export function whereOf(step: Step | undefined): { readonly step?: string; readonly title?: string; readonly line?: number } {
  if (step === undefined) return {}
  return { step: step.id, title: step.title, ...(step.line === undefined ? {} : { line: step.line }) }
}

function expected(step: Step | undefined): number {
  return step === undefined ? 1 : Number(step.id) + 1
}

/** The builder's lines that say nothing to people. */
function isChatter(text: string): boolean {
  return text === '\n' || /^ ---> [0-9a-f]{12,64}\n$/.test(text) || removedLine.test(text) || /^Successfully (?:built|tagged) /.test(text)
}

/** The labels by which we find our own again come as steps behind the last instruction: nobody wrote them. */
function isMark(title: string): boolean {
  return /^LABEL kiln\.(?:attempt|owner|ref|run|tenant)=/.test(title.trimStart())
}
function silent(): void {}

/** The n-th step is the n-th instruction; labels of ours come behind the last one. */
function lineOf(instructions: readonly Instruction[], number: number, title: string): number | undefined {
  const instruction = instructions[number - 1]
  return instruction !== undefined && title.trimStart().toUpperCase().startsWith(instruction.word) ? instruction.line : undefined
}
