import { shown } from '../failure/error.ts'
import { didYouMean } from '../plan/did-you-mean.ts'
import { invalid, scan, shellWords, type Directive, type Heredoc, type LogicalLine } from './scan.ts'
import { expand, platformArguments } from './variables.ts'

export interface ParsedDockerfile {
  /** decoded, without a byte order mark */
  readonly text: string
  /** `# syntax=`, `# check=` and `# escape=` at the top */
  readonly directives: ReadonlyMap<string, Directive>
  /** ARG instructions before the first FROM */
  readonly args: readonly DockerfileInstruction[]
  readonly stages: readonly DockerfileStage[]
}

export interface DockerfileStage {
  /** from 0 */
  readonly index: number
  readonly name?: string
  /** 1-based, of the FROM */
  readonly line: number
  readonly from: {
    /** as written */
    readonly text: string
    /** with the defaults of ARG put in; absent where an argument without a value is part of it */
    readonly ref?: string
    /** the earlier stage it names */
    readonly stage?: number
    readonly platform?: string
  }
  /** those after the FROM */
  readonly instructions: readonly DockerfileInstruction[]
}

export interface DockerfileInstruction {
  /** upper case; for ONBUILD the instruction it holds is in `onbuild` */
  readonly keyword: string
  readonly flags: readonly Flag[]
  /** what follows the flags, continuations joined */
  readonly rest: string
  /** the words of the JSON form, where it is one */
  readonly json?: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly line: number
  readonly endLine: number
  readonly onbuild?: DockerfileInstruction
}

export interface Flag {
  readonly name: string
  readonly value?: string
}

/**
 * Reads a Dockerfile as Docker does, as far as what it needs can be told from it; commands are not looked into.
 * `args` are build arguments, for the references of FROM. Throws `invalid_dockerfile` with `data.line`.
 */
export function parseDockerfile(input: string | Uint8Array, args: Readonly<Record<string, string>> = {}): ParsedDockerfile {
  const { text, directives, lines } = scan(input)
  const instructions = lines.map((line) => instruction(line, line.text))
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM')
  const before = first === -1 ? instructions : instructions.slice(0, first)
  const early = before.find(({ keyword }) => keyword !== 'ARG')
  if (early) throw invalid(`${early.keyword} comes before the first FROM`, early.line)
  if (first === -1) throw instructions.length === 0 ? invalid('holds no instruction', 1) : invalid('has no FROM', instructions[0]!.line)
  return { text, directives, args: before, stages: stages(instructions.slice(first), globals(before, args)) }
}

/** Instructions of a Dockerfile; MAINTAINER is old, and still read. */
const keywords = new Set([
  ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN'],
  ...['SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
])

function instruction(line: LogicalLine, text: string): DockerfileInstruction {
  const keyword = /^\S+/.exec(text)![0].toUpperCase()
  if (!keywords.has(keyword)) throw unknown(keyword, line.line)
  const { flags, rest } = takeFlags(text.slice(keyword.length).trim())
  if (rest === '' && keyword !== 'CMD' && keyword !== 'ENTRYPOINT') throw invalid(`${keyword} needs an argument`, line.line)
  const common = { keyword, flags, rest, heredocs: line.heredocs, line: line.line, endLine: line.endLine }
  if (keyword === 'ONBUILD') return { ...common, onbuild: instruction(line, rest) }
  const json = jsonWords(rest)
  return json === undefined ? common : { ...common, json }
}

function unknown(keyword: string, line: number): Error {
  const meant = didYouMean(keyword, [...keywords])
  return invalid(`unknown instruction "${shown(keyword, 30)}"${meant === undefined ? '' : `, did you mean ${meant}?`}`, line)
}

/** Flags stand first and begin with two dashes; `--` alone ends them. */
function takeFlags(text: string): { readonly flags: readonly Flag[]; readonly rest: string } {
  const flags: Flag[] = []
  let rest = text
  for (;;) {
    const match = /^--([a-z][a-z0-9-]*)(?:=((?:"[^"]*"|'[^']*'|\S)*))?(?=\s|$)\s*/i.exec(rest)
    if (!match) return { flags, rest: rest.replace(/^--\s+/, '') }
    const name = match[1]!.toLowerCase()
    flags.push(match[2] === undefined ? { name } : { name, value: match[2].replace(/["']/g, '') })
    rest = rest.slice(match[0].length)
  }
}

function jsonWords(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

function globals(args: readonly DockerfileInstruction[], given: Readonly<Record<string, string>>): Map<string, string> {
  const values = new Map<string, string>()
  for (const { rest } of args) {
    for (const pair of shellWords(rest)) {
      const [, name, text] = /^([^=]+)(?:=(.*))?$/s.exec(pair) ?? []
      if (name === undefined) continue
      const value = Object.hasOwn(given, name) ? given[name] : text === undefined ? undefined : expand(unquoted(text), values)
      if (value !== undefined) values.set(name, value)
    }
  }
  return values
}

function stages(instructions: readonly DockerfileInstruction[], values: ReadonlyMap<string, string>): DockerfileStage[] {
  const result: { -readonly [K in keyof DockerfileStage]: DockerfileStage[K] }[] = []
  for (const each of instructions) {
    const current = result.at(-1)
    if (each.keyword === 'FROM') result.push(stage(each, result, values))
    else if (current) current.instructions = [...current.instructions, each]
  }
  return result
}

function stage(from: DockerfileInstruction, earlier: readonly DockerfileStage[], values: ReadonlyMap<string, string>): DockerfileStage {
  const words = from.rest.split(/\s+/)
  if (words.length !== 1 && !(words.length === 3 && words[1]!.toLowerCase() === 'as'))
    throw invalid('FROM needs an image, or an image AS a name', from.line)
  const ref = expand(unquoted(words[0]!), values)
  const named = earlier.find(({ name }) => name !== undefined && name === ref?.toLowerCase())
  const platform = from.flags.find(({ name }) => name === 'platform')?.value
  if (ref === '') throw invalid(`FROM ${shown(words[0]!)} names no image: the argument is empty`, from.line)
  return {
    index: earlier.length,
    line: from.line,
    ...(words[2] === undefined ? {} : { name: stageName(words[2], from.line) }),
    from: {
      text: words[0]!,
      ...(ref === undefined ? {} : { ref }),
      ...(named === undefined ? {} : { stage: named.index }),
      ...(platform === undefined ? {} : { platform }),
    },
    instructions: [],
  }
}

function stageName(text: string, line: number): string {
  const name = text.toLowerCase()
  if (!/^[a-z][a-z0-9-_.]*$/.test(name)) throw invalid(`"${shown(text)}" cannot be the name of a stage`, line)
  return name
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2')
}

/** Whether a text reads an argument that only BuildKit sets, such as TARGETARCH. */
export function readsPlatform(text: string): boolean {
  return platformArguments.some((name) => new RegExp(`\\$(?:${name}\\b|\\{${name}\\b)`).test(text))
}
