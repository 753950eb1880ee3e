import { BuildError, shown } from '../failure/error.ts'
import type { Argv, Group, Instruction, Mount, Script, Stage } from './instruction.ts'
import { comment, expanded, isPlain, json, printable, sourcePath, value } from './quote.ts'

/** The text of a Dockerfile. Throws `invalid_plan` for what a Dockerfile cannot say. */
export function print(script: Script<Instruction>): string {
  const text = [comment(script.title), ...script.stages.map(stage)].join('\n')
  const long = text.split('\n').findIndex((each) => new TextEncoder().encode(each).length > longestLine)
  if (long !== -1) throw new BuildError('invalid_plan', `line ${long + 1} of the Dockerfile would have more than ${longestLine} bytes`)
  return text
}

/** The classic builder reads lines of less than 64 KiB. */
const longestLine = 65_000

function stage(from: Stage<Instruction>): string {
  const name = from.name === undefined ? '' : ` AS ${from.name}`
  return [`FROM ${reference(from.base)}${name}\n`, ...from.groups.map(group)].join('\n')
}

function group(from: Group<Instruction>): string {
  const lines = from.instructions.map((instruction) => `${line(instruction)}\n`)
  return [from.why === undefined ? '' : remark(from.why), ...lines].join('')
}

/** A comment in lines of a width that one can read. */
function remark(why: string): string {
  const lines = why.replace(/(.{60,100}?) (?=.{20})/g, '$1\n').split('\n')
  return lines.map((each) => `${comment(each)}\n`).join('')
}

function line(from: Instruction): string {
  switch (from.kind) {
    case 'arg':
      return `ARG ${key(from.name, 'ARG')}=${value(from.value, from.name)}`
    case 'env':
      return `ENV ${pairs(from.values, 'ENV')}`
    case 'label':
      return `LABEL ${pairs(from.values, 'LABEL')}`
    case 'path':
      return `ENV PATH="${expanded(from.directory)}:$PATH"`
    case 'workdir':
      return `WORKDIR ${expanded(from.path)}`
    case 'user':
      return `USER ${expanded(from.user)}`
    case 'expose':
      return `EXPOSE ${port(from.port)}`
    case 'entrypoint':
      return `ENTRYPOINT ${json(from.argv)}`
    case 'cmd':
      return `CMD ${json(from.argv)}`
    case 'copy':
      return copy(from)
    case 'run':
      return run(from)
  }
}

function pairs(values: Readonly<Record<string, string>>, instruction: 'ENV' | 'LABEL'): string {
  const all = Object.entries(values).map(([name, text]) => `${key(name, instruction)}=${value(text, name)}`)
  return all.join(' \\\n    ')
}

function key(name: string, instruction: 'ARG' | 'ENV' | 'LABEL'): string {
  const grammar = instruction === 'LABEL' ? /^[A-Za-z0-9][A-Za-z0-9._/-]*$/ : /^[A-Za-z_][A-Za-z0-9_.-]*$/
  if (!grammar.test(name)) throw new BuildError('invalid_plan', `"${shown(name)}" cannot be a name for ${instruction}`)
  return name
}

function copy(from: Extract<Instruction, { kind: 'copy' }>): string {
  const flags = [
    ...(from.from === undefined ? [] : [`--from=${from.from}`]),
    ...(from.chown === undefined ? [] : [`--chown=${from.chown}`]),
  ]
  const to = from.sources.length > 1 && !from.to.endsWith('/') ? `${from.to}/` : from.to
  const words = [...from.sources.map(sourcePath), expanded(to)]
  // a leading dash would be read as a flag
  const plain = words.every(isPlain) && !words.some((word) => word.startsWith('-'))
  return ['COPY', ...flags, plain ? words.join(' ') : json(words)].join(' ')
}

function run(from: Extract<Instruction, { kind: 'run' }>): string {
  const why = from.why === undefined ? '' : remark(from.why)
  const flags = from.mounts.map((each) => `${mount(each)} \\\n    `).join('')
  return `${why}RUN ${flags}${commands(from.commands)}`
}

function mount(from: Mount): string {
  return from.kind === 'cache'
    ? `--mount=type=cache,id=${from.id},target=${from.target},sharing=${from.sharing}`
    : `--mount=type=secret,id=${secretId(from.id)},required=true`
}

function secretId(id: string): string {
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(id)) throw new BuildError('invalid_plan', `"${shown(id)}" cannot be the id of a secret`)
  return id
}

/** Plain where a shell and no shell mean the same, for readers; otherwise the form that no shell sees. */
function commands(all: readonly Argv[]): string {
  if (all.every(isPlainCommand)) return chain(all.map((argv) => argv.join(' ')))
  if (all.length === 1 && all[0]![0] !== '') return json(all[0]!)
  throw new BuildError('invalid_plan', `a shell would not read "${shown(all.map((argv) => argv.join(' ')).join(' && '))}" as it stands`)
}

function chain(all: readonly string[]): string {
  const short = all.join(' && ')
  return short.length <= 110 ? short : all.join(' \\\n && ')
}

/** Known programs and paths only: a shell has words of its own. */
const programs = new Set([
  'apt-get',
  'bun',
  'chown',
  'go',
  'ln',
  'mkdir',
  'node',
  'npm',
  'pip',
  'pnpm',
  'poetry',
  'python',
  'rm',
  'useradd',
  'uv',
  'yarn',
])
function isPlainCommand(argv: Argv): boolean {
  return argv[0] !== undefined && (programs.has(argv[0]) || argv[0].startsWith('/')) && argv.every(isPlain)
}

function port(number: number): string {
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new BuildError('invalid_plan', `port: ${number} is no port`)
  return String(number)
}

/** A name of an image with tag and digest; the grammar of https://github.com/distribution/reference, with room for any registry. */
function reference(ref: string): string {
  const grammar = /^[a-z0-9][A-Za-z0-9.-]*(:\d{1,5}(?=\/))?(\/[a-z0-9._-]+)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/
  if (!grammar.test(ref) || ref.length > 512) throw new BuildError('invalid_plan', `"${shown(ref)}" is no reference of an image`)
  return printable(ref, 'a reference')
}
