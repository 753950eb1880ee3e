import { BuildError, type StepEvent, type StepFacts } from '@kiln/core'
import { StringDecoder } from 'node:string_decoder'
import { whereOf } from './classic.ts'
import type { Instruction } from './instructions.ts'
import { imageIdIn, messageOfError, type AnswerReader, type Outcome } from './reader.ts'
import { startStep, type Step } from './steps.ts'
import { decodeTrace, type Trace, type Vertex } from './trace.ts'

interface Known {
  readonly step: Step
  readonly decoders: Readonly<Record<'out' | 'err', StringDecoder>>
  error: string
}

/** Reads the answer of BuildKit in the engine: the same vertex comes many times, and its newest state counts. */
export function createBuildkitReader(emit: (event: StepEvent) => void, instructions: readonly Instruction[]): AnswerReader {
  const known = new Map<string, Known>()
  const bases: Record<string, string> = {}
  const unplaced = [...instructions]
  let [id, failure]: [string | undefined, string | undefined] = [undefined, undefined]

  const stepOf = (vertex: Vertex): Known => {
    const found = known.get(vertex.digest)
    if (found !== undefined) return found
    const step = startStep(emit, { id: String(known.size + 1), title: vertex.name, line: takeLine(unplaced, vertex.name) })
    const fresh: Known = { step, decoders: { out: new StringDecoder(), err: new StringDecoder() }, error: '' }
    known.set(vertex.digest, fresh)
    return fresh
  }
  const finish = ({ digest, cached, error }: Vertex): void => {
    const { step, decoders } = known.get(digest)!
    if (step.done) return
    for (const stream of ['out', 'err'] as const) step.log(stream, decoders[stream].end())
    step.finish({ cached, exitCode: exitCodeIn(error), outcome: error === '' ? undefined : isCancel(error) ? 'stopped' : 'failed' })
  }
  // beginnings, what was said, ends: one trace can hold all three of a vertex, in any order
  const takeTrace = ({ vertexes, logs, statuses }: Trace): void => {
    for (const vertex of vertexes) {
      Object.assign(bases, baseIn(vertex.name))
      if (vertex.started || vertex.completed) stepOf(vertex).error ||= vertex.error
    }
    const running = (digest: string): Known | undefined => (known.get(digest)?.step.done === false ? known.get(digest) : undefined)
    for (const { vertex, stream, bytes } of logs) {
      const at = running(vertex)
      at?.step.log(stream, at.decoders[stream].write(Buffer.from(bytes)))
    }
    for (const { vertex, id: part, current, total } of statuses) if (total > 0) running(vertex)?.step.progress(part, current, total)
    for (const vertex of vertexes) if (vertex.completed) finish(vertex)
  }

  return {
    take(message) {
      id = imageIdIn(message) ?? id
      failure = messageOfError(message) ?? failure
      if (message.id === 'moby.buildkit.trace' && typeof message.aux === 'string') takeTrace(decoded(message.aux))
    },
    end(): Outcome {
      const done = failure === undefined && id !== undefined
      for (const { step, error } of known.values())
        step.finish({ cached: false, outcome: done ? undefined : error !== '' && !isCancel(error) ? 'failed' : 'stopped' })
      if (failure !== undefined) return { kind: 'failed', facts: factsOf([...known.values()], failure) }
      return id === undefined ? { kind: 'nothing' } : { kind: 'image', id, bases }
    },
  }
}

/** The first vertex that failed by itself: when one fails the others report that they were cancelled. */
function factsOf(known: readonly Known[], failure: string): StepFacts {
  const culprit = known.find(({ error }) => error !== '' && !isCancel(error))
  const message = withoutPrefixes(culprit?.error || failure)
  const exitCode = exitCodeIn(message)
  return { ...whereOf(culprit?.step), ...(exitCode === undefined ? {} : { exitCode }), message }
}

function isCancel(error: string): boolean {
  return /context canceled|Canceled/.test(error)
}

function withoutPrefixes(message: string): string {
  const prefix =
    /^(?:failed to build: |failed to solve(?: with frontend [\w.]+)?: |rpc error: code = \w+ desc = |failed to create LLB definition: |dockerfile\.v0: )/
  let text = message
  while (prefix.test(text)) text = text.replace(prefix, '')
  return text
}

function exitCodeIn(error: string): number | undefined {
  const code = /exit code: (\d+)/.exec(error)?.[1]
  return code === undefined ? undefined : Number(code)
}

/** `[stage-0 2/4] RUN ...` is the first instruction with that text that has no step yet. */
function takeLine(unplaced: Instruction[], name: string): number | undefined {
  const text = /^\[[^\]]*\d+\/\d+\] (.*)$/s.exec(name)?.[1]?.replace(/\s+/g, ' ').trim()
  if (text === undefined) return undefined
  const at = unplaced.findIndex(({ word, rest }) => isSame(`${word} ${rest}`, text))
  return at < 0 ? undefined : unplaced.splice(at, 1)[0]?.line
}

function isSame(instruction: string, text: string): boolean {
  if (instruction === text) return true
  // FROM shows the full reference, a here-document its beginning
  if (text.startsWith('FROM '))
    return instruction.startsWith('FROM ') && text.slice(5).split('@')[0]!.endsWith(instruction.slice(5).split(' ')[0]!)
  return instruction.includes('<<') && text.startsWith(`${instruction} (`)
}

/** `[1/2] FROM docker.io/library/python:3.11@sha256:...` tells what a base stood for. */
function baseIn(name: string): Readonly<Record<string, string>> {
  const [, ref, digest] = /^\[[^\]]*\] FROM (\S+?)@(sha256:[0-9a-f]{64})$/.exec(name) ?? []
  return ref === undefined || digest === undefined ? {} : { [ref]: digest }
}

function decoded(text: string): Trace {
  try {
    return decodeTrace(text)
  } catch (error) {
    throw new BuildError('driver_failed', 'The Docker Engine sends progress that is not of BuildKit.', { cause: error })
  }
}
