import { shown } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { NodeFiles } from '../node/files.ts'
import type { RuntimeFacts } from '../runtime-facts.ts'
import { textAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { noEntrypoint } from '../unit-errors.ts'
import { readDenoCommand, type DenoCommand } from './command.ts'
import type { DenoConfig } from './config.ts'

/** What Deno runs, and how sure that is. */
export interface DenoProgram {
  readonly file: string
  readonly verb: 'run' | 'serve'
  /** as the task has them; undefined where the rights are ours to find */
  readonly options?: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly evidence: Evidence
  readonly lost: readonly { readonly file: string; readonly evidence: Evidence }[]
  readonly byName: boolean
  /** the task that makes the file, where the source lacks it */
  readonly made?: string
  readonly notices: readonly Notice[]
}

export interface DenoContext {
  readonly tree: Tree
  readonly files: NodeFiles
  readonly factsOf: (file: string) => RuntimeFacts
  readonly deno: DenoConfig | undefined
  readonly config: Config
}

/** First hit wins: the option, the Procfile, the task, a file that serves, a usual name, what is exported. */
export function denoProgram(context: DenoContext): DenoProgram | undefined {
  return given(context) ?? fromProcfile(context) ?? fromTask(context) ?? fromFiles(context) ?? fromExports(context)
}

function given(context: DenoContext): DenoProgram | undefined {
  const file = context.config.entrypoint?.replace(/^\.\//, '')
  if (file === undefined) return undefined
  if (context.tree.has(file)) return plain(context, file, { rule: 'config.entrypoint', file, says: 'the configuration names it' }, false)
  throw noEntrypoint(context.tree, file, 'not in the source', [])
}

function fromProcfile(context: DenoContext): DenoProgram | undefined {
  const lines = (context.tree.text('Procfile') ?? '').split(/\r?\n/)
  const at = lines.findIndex((line) => /^web:\s*\S/.test(line))
  const text = lines[at]?.replace(/^web:\s*/, '')
  const command = text === undefined ? undefined : readDenoCommand(text, taskOf(context))
  return (
    command &&
    ofCommand(context, command, { rule: 'deno.start.procfile', file: 'Procfile', line: at + 1, says: `web is "${shown(text!, 150)}"` })
  )
}

function fromTask(context: DenoContext): DenoProgram | undefined {
  const { deno } = context
  for (const name of ['start', 'serve', 'prod', 'preview']) {
    const task = deno?.task(name)
    const command = task && readDenoCommand(task.text, taskOf(context))
    if (!task || !command) continue
    const place = task.line === undefined ? {} : { line: task.line }
    const found = ofCommand(context, command, {
      rule: 'deno.start.task',
      file: deno!.file,
      ...place,
      says: `the task ${name} is "${shown(task.text, 150)}"`,
    })
    if (found) return found
  }
  return undefined
}

function taskOf({ deno }: DenoContext): (name: string) => string | undefined {
  return (name) => deno?.task(name)?.text
}

function ofCommand(context: DenoContext, command: DenoCommand, evidence: Evidence): DenoProgram | undefined {
  const { file, verb, options, args, env, before, dev } = command
  const made = context.tree.has(file) ? undefined : 'build'
  if (file === '' || (made !== undefined && context.deno?.task('build') === undefined)) return undefined
  const place = {
    ...(evidence.file === undefined ? {} : { file: evidence.file }),
    ...(evidence.line === undefined ? {} : { line: evidence.line }),
  }
  const left = [...(dev === undefined ? [] : [dev]), ...before]
  const message = `The image runs \`deno ${verb} … ${file}\`, without ${left.map((one) => shown(one, 60)).join(' and ')}.`
  const notices = left.length === 0 ? [] : [{ code: dev === undefined ? 'script_hook' : 'dev_server', message, ...place }]
  return { file, verb, options, args, env, evidence, lost: [], byName: false, ...(made === undefined ? {} : { made }), notices }
}

const names = ['main', 'server', 'app', 'index', 'mod', 'start', 'bot', 'agent', 'run', 'api', 'worker']

function rank(file: string): number {
  const parts = file.split('/')
  const name = names.indexOf(parts.at(-1)!.replace(/\.[^.]+$/, ''))
  const place = ['', 'src', 'app', 'server'].indexOf(parts.slice(0, -1).join('/'))
  return name === -1 || place === -1 ? 1000 : place * 100 + name
}

/** A file that serves before one that is only called like a program. */
function fromFiles(context: DenoContext): DenoProgram | undefined {
  const { files, factsOf } = context
  const likely = files.program.filter((file) => rank(file) < 1000 || !file.includes('/')).toSorted((a, b) => rank(a) - rank(b))
  const serving = likely.filter((file) =>
    factsOf(file).serves.some(({ callee }) => /^(?:Deno\.serve|Deno\.listen|serve|\w+\.listen)$/.test(callee)),
  )
  const exporting = likely.filter((file) => rank(file) < 1000 && factsOf(file).exported?.callee === 'export default')
  const named = likely.filter((file) => rank(file) < 1000)
  const imported = new Set(files.program.flatMap((file) => files.reach(file).slice(1)))
  const only = likely.filter((file) => !imported.has(file))
  const [first, ...lost] =
    serving.length > 0 ? serving : exporting.length > 0 ? exporting : named.length > 0 ? named : only.length === 1 ? only : []
  if (first === undefined) return undefined
  const byName = serving.length === 0 && exporting.length === 0
  return {
    ...plain(context, first, fileEvidence(context, first), byName),
    lost: lost.map((file) => ({ file, evidence: fileEvidence(context, file) })),
  }
}

function fileEvidence({ factsOf }: DenoContext, file: string): Evidence {
  const { serves, exported } = factsOf(file)
  const serving = serves[0]
  if (serving) return { rule: 'deno.start.serve', file, line: serving.line, says: `${serving.callee}(…)` }
  if (exported) return { rule: 'deno.start.export', file, line: exported.line, says: 'exports what `deno serve` serves' }
  return { rule: 'deno.start.name', file, says: 'a usual name for the program' }
}

function fromExports(context: DenoContext): DenoProgram | undefined {
  const { deno, tree } = context
  const path = (textAt(deno?.value, 'exports') ?? textAt(deno?.value, 'exports', '.'))?.replace(/^\.\//, '')
  if (path === undefined || !tree.has(path)) return undefined
  return plain(context, path, { rule: 'deno.start.exports', file: deno!.file, says: `exports is ${shown(path)}` }, true)
}

/** A file that only exports its `fetch` is served, others are run. */
function plain({ factsOf }: DenoContext, file: string, evidence: Evidence, byName: boolean): DenoProgram {
  const { serves, exported } = factsOf(file)
  const verb = serves.length === 0 && exported !== undefined ? 'serve' : 'run'
  return { file, verb, args: [], env: {}, evidence, lost: [], byName, notices: [] }
}
