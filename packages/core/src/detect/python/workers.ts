import type { Arg } from '../../plan/plan.ts'
import { asScript, type Command, type CommandPlace } from './command.ts'
import type { PythonFrameworkName } from './framework-names.ts'
import { callOf, decoratedBy, importLine, isCallOf, lastName, methodCall } from './facts.ts'
import type { Kind } from './frameworks.ts'
import { kindOf } from './kinds.ts'
import type { PythonModule } from './module.ts'
import type { Recognised } from './programs.ts'
import type { PythonFiles } from './scans.ts'

/** Row 11 of `detection.md` 2.3: programs that fetch their work, and bots. But for voice bots they listen nowhere. */
export function workerOf(files: PythonFiles, file: string): Recognised | undefined {
  const module = files.module(file)
  return pipecat(module, file) ?? queue(module, files, file) ?? actors(module) ?? settings(module) ?? own(module)
}

/** pipecat's runner serves the bot of the file that is run; it listens on this machine only unless told otherwise. */
function pipecat(module: PythonModule, file: string): Recognised | undefined {
  const started = callOf(module, 'pipecat.runner.run.main')
  const bot = module.functions.find(({ name, async }) => name === 'bot' && async)
  const runner = importLine(module, 'pipecat.runner') ?? (bot && importLine(module, 'pipecat'))
  const address = (place: CommandPlace): readonly Arg[] => ['--host', '0.0.0.0', '--port', place.port]
  const common = { framework: 'pipecat', port: 7860 } as const
  if (started)
    return {
      command: { ...common, argv: (place) => [...place.script, ...address(place)] },
      line: started.line,
      says: "calls pipecat's runner",
    }
  if (!bot || runner === undefined || file.includes('/')) return undefined
  const argv = (place: CommandPlace): readonly Arg[] => ['python', '-m', 'pipecat.runner.run', ...address(place)]
  return { command: { ...common, argv }, line: bot.line, says: 'bot() is a pipecat bot' }
}

type Queue = 'celery' | 'huey' | 'faststream' | 'faust' | 'taskiq'

/** An object that a program of the framework is given by `module:name`. */
const queues: Readonly<Record<Queue, (target: { readonly module: string; readonly name: string }) => readonly string[]>> = {
  celery: ({ module, name }) => ['-m', 'celery', '-A', `${module}:${name}`, 'worker', '--loglevel', 'INFO'],
  huey: ({ module, name }) => ['-m', 'huey.bin.huey_consumer', `${module}.${name}`],
  faststream: ({ module, name }) => ['-m', 'faststream', 'run', `${module}:${name}`],
  faust: ({ module, name }) => ['-m', 'faust', '-A', `${module}:${name}`, 'worker', '--loglevel', 'info'],
  taskiq: ({ module, name }) => ['-m', 'taskiq', 'worker', `${module}:${name}`],
}

function queue(module: PythonModule, files: PythonFiles, file: string): Recognised | undefined {
  for (const { name, value, line, of } of module.assignments) {
    const kind = of === undefined && value.kind === 'call' ? kindOf(files, file, value) : undefined
    if (isQueue(kind))
      return {
        command: silent(kind, ({ module: dotted }) => ['python', ...queues[kind]({ module: dotted, name })]),
        line,
        says: `${name} is a ${kind} application`,
      }
  }
  return undefined
}

function isQueue(kind: Kind | undefined): kind is Queue {
  return typeof kind === 'string' && Object.hasOwn(queues, kind)
}

function actors(module: PythonModule): Recognised | undefined {
  const line = decoratedBy(module, 'dramatiq.actor')
  return line === undefined
    ? undefined
    : { command: silent('dramatiq', (place) => ['python', '-m', 'dramatiq', place.module]), line, says: 'has dramatiq actors' }
}

function settings(module: PythonModule): Recognised | undefined {
  const found = importLine(module, 'arq') === undefined ? undefined : module.classes.find(({ name }) => name === 'WorkerSettings')
  return (
    found && {
      command: silent('arq', (place) => ['python', '-m', 'arq', `${place.module}.WorkerSettings`]),
      line: found.line,
      says: 'has the WorkerSettings of arq',
    }
  )
}

interface Calling {
  readonly framework: PythonFrameworkName
  readonly from: string
  /** full names that are called */
  readonly calls?: readonly string[]
  /** methods that start it */
  readonly methods?: readonly string[]
  readonly words?: readonly string[]
}

/** Programs that start themselves: `python file`. */
const callings: readonly Calling[] = [
  { framework: 'livekit', from: 'livekit.agents', calls: ['livekit.agents.cli.run_app'], words: ['start'] },
  { framework: 'temporal', from: 'temporalio.worker', calls: ['temporalio.worker.Worker'] },
  { framework: 'rq', from: 'rq', calls: ['rq.Worker', 'rq.SimpleWorker', 'rq.worker.Worker'] },
  { framework: 'prefect', from: 'prefect', calls: ['prefect.serve'], methods: ['serve'] },
  { framework: 'apscheduler', from: 'apscheduler.schedulers.blocking', methods: ['start'] },
  { framework: 'pika', from: 'pika', methods: ['start_consuming'] },
  { framework: 'discord', from: 'discord', methods: ['run', 'start'] },
  { framework: 'telegram', from: 'telegram.ext', methods: ['run_polling', 'start_polling'] },
  { framework: 'telegram', from: 'aiogram', methods: ['start_polling', 'run_polling'] },
  { framework: 'telegram', from: 'telebot', methods: ['infinity_polling', 'polling'] },
  { framework: 'slack', from: 'slack_bolt.adapter.socket_mode', methods: ['start', 'start_async'] },
]

function own(module: PythonModule): Recognised | undefined {
  for (const calling of callings) {
    const line = importLine(module, calling.from) === undefined ? undefined : callLine(module, calling)
    const argv = (place: CommandPlace): readonly Arg[] => [...place.script, ...(calling.words ?? [])]
    if (line !== undefined)
      return { command: silent(calling.framework, calling.words ? argv : asScript), line, says: `starts a ${calling.framework} worker` }
  }
  return undefined
}

function callLine(module: PythonModule, { calls = [], methods = [] }: Calling): number | undefined {
  const made = module.assignments.find(
    ({ value }) => isCallOf(module, value, calls) || (value.kind === 'call' && isCallOf(module, receiver(value), calls)),
  )
  const called = module.calls.find(
    ({ call }) => isCallOf(module, call, calls) || isCallOf(module, receiver(call), calls) || namesIt(module, call, calls),
  )
  return called?.line ?? made?.line ?? methodCall(module, ...methods)?.line
}

type Call = PythonModule['calls'][number]['call']

function receiver(call: Call): Call['callee'] {
  return call.callee.kind === 'attribute' ? call.callee.of : call.callee
}

/** `asyncio.run(serve(...))` and the like, around the call that counts. */
function namesIt(module: PythonModule, call: Call, calls: readonly string[]): boolean {
  return /^(?:run|gather|run_until_complete)$/.test(lastName(call.callee)) && call.args.some((one) => isCallOf(module, one, calls))
}

function silent(framework: PythonFrameworkName, argv: Command['argv']): Command {
  return { framework, port: null, argv }
}
