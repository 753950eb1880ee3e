import { parentPort } from 'node:worker_threads'
import { hashTask, hashHelpTask } from '../context/hash-task.ts'
import { closeTar, openTar, pullTar } from '../context/tar-task.ts'
import type { Findings } from '../findings/findings.ts'
import type { Config } from '../plan/config.ts'
import type { Planned } from '../plan/plan.ts'
import { fromDistant, type Distant } from '../source/distant.ts'
import { BuildError, toFailure } from '../failure/error.ts'
import { walkHelpTask, walkTask } from '../source/walk-task.ts'
import { closeDigest, openDigest, updateDigest } from './digest-task.ts'
import type { Answer, FromWorker, TaskInput, TaskName, TaskResult, ToWorker } from './threads.ts'

interface PlanInput {
  readonly source: Distant
  readonly config: Config
}

/** What a thread of Kiln can do. A task is called with its input and a way to ask for the help of another thread. */
const tasks: {
  readonly walk: typeof walkTask
  readonly walkHelp: typeof walkHelpTask
  readonly hash: typeof hashTask
  readonly hashHelp: typeof hashHelpTask
  readonly openTar: typeof openTar
  readonly pullTar: typeof pullTar
  readonly closeTar: typeof closeTar
  readonly openDigest: typeof openDigest
  readonly updateDigest: typeof updateDigest
  readonly closeDigest: typeof closeDigest
  readonly readyToPlan: () => Promise<void>
  readonly plan: (input: PlanInput) => Promise<Planned>
  readonly findings: (input: { readonly source: Distant }) => Promise<Findings>
} = {
  walk: walkTask,
  walkHelp: walkHelpTask,
  hash: hashTask,
  hashHelp: hashHelpTask,
  openTar,
  pullTar,
  closeTar,
  openDigest,
  updateDigest,
  closeDigest,
  // loaded when it is asked for: hashing needs no tables
  readyToPlan: async () => void (await (await import('./warm-up.ts')).warmUp()),
  plan: async ({ source, config }) => (await import('../plan/make-plan.ts')).plan(fromDistant(source), config),
  findings: async ({ source }) => (await import('../findings/findings.ts')).findings(fromDistant(source)),
}
export type Tasks = typeof tasks

/** Runs a task on another thread at the same time; undefined when there is none. */
export type Help = <K extends TaskName>(task: K, input: TaskInput<K>) => Promise<TaskResult<K> | undefined>

const waiting = new Map<number, (answer: Answer | undefined) => void>()
let asked = 0

parentPort?.on('message', (message: ToWorker) => {
  if ('helped' in message) hearHelp(message.helped, message.answer)
  else void carryOut(message.id, message.task, message.input)
})

async function carryOut(id: number, task: string, input: unknown): Promise<void> {
  try {
    const run = tasks[task as TaskName] as (input: unknown, help: Help) => unknown
    const value = await run(input, help)
    send({ id, answer: { ok: true, value } }, transfers(value))
  } catch (error) {
    send({ id, answer: { ok: false, failure: toFailure(error) } })
  }
}

const help: Help = async (task, input) => {
  const id = ++asked
  const answer = new Promise<Answer | undefined>((resolve) => waiting.set(id, resolve))
  send({ help: id, task, input })
  const heard = await answer
  if (heard?.ok === false) throw new BuildError(heard.failure.code, heard.failure.message, heard.failure)
  return heard?.value as never
}

function hearHelp(id: number, answer: Answer | undefined): void {
  waiting.get(id)?.(answer)
  waiting.delete(id)
}

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer)
}

/** Large results change hands instead of being copied. */
function transfers(value: unknown): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null) return []
  const buffers = Object.values(value).map((part: unknown) => (part instanceof Uint8Array ? part.buffer : undefined))
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer)
}
