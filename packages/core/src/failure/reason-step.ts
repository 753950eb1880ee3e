import type { DockerfileInstruction, DockerfileStage, ParsedDockerfile } from '../dockerfile/parse.ts'
import type { Recipe } from '../dockerfile/recipe.ts'
import type { StepFacts } from '../driver/driver.ts'

export interface ReasonContext {
  readonly recipe: Recipe
  /** `parseDockerfile`, given since this folder is below the one it is in */
  readonly parse: (text: string) => ParsedDockerfile
}

/** The instruction that failed, as far as the facts tell. */
export interface Failed {
  /** `RUN`, `COPY`, ... */
  readonly keyword?: string
  /** the whole instruction on one line */
  readonly instruction?: string
  readonly line?: number
  readonly exitCode?: number
  /** what a RUN ran, without flags */
  readonly command?: string
}

/** From the line of the facts, else from the builder's words. */
export function instructionOf(facts: StepFacts, lines: readonly string[], { recipe, parse }: ReasonContext): Failed {
  const exitCode = facts.exitCode ?? exitCodeIn(facts.message)
  const all = recipe.kind === 'dockerfile' ? instructions(parse, recipe.text) : []
  const line = facts.line ?? excerptLine([...lines, ...facts.message.split('\n')])
  const titled = titleOf(facts)
  const found =
    all.find((each) => line !== undefined && each.line <= line && line <= each.endLine) ??
    named(all, titled) ??
    baseNamed(all, facts.message)
  const common = exitCode === undefined ? {} : { exitCode }
  if (found) return { ...common, ...described(found) }
  const text = titled ?? commandIn(facts.message)
  if (text === undefined) return line === undefined ? common : { ...common, line }
  const keyword = /^[A-Z]+(?= )/.exec(text)?.[0]
  const command = keyword === 'RUN' ? { command: text.slice(4).trim() } : {}
  return {
    ...common,
    instruction: text,
    ...(keyword === undefined ? {} : { keyword }),
    ...(line === undefined ? {} : { line }),
    ...command,
  }
}

export interface Command {
  readonly tool: string
  readonly verb?: string
}

/** The tool and the verb of what a RUN ran; of several commands the one of `wanted`, or the first that installs. */
export function commandOf(failed: Failed, wanted: Partial<Command> = {}): Command | undefined {
  if (failed.keyword !== 'RUN' || failed.command === undefined) return undefined
  const commands = failed.command
    .slice(0, 2000)
    .split(/&&|\|\||;|\|/)
    .map((text) =>
      text
        .trim()
        .split(/\s+/)
        .filter((word) => !/^\w+=/.test(word)),
    )
    .filter((words) => words[0] !== undefined && words[0] !== '' && !/^(rm|set|cd|export|echo|chown|mkdir)$/.test(words[0]))
  const same = commands.filter(([word]) => base(word!) === wanted.tool)
  const words =
    same.find((each) => each.includes(wanted.verb!)) ?? same[0] ?? commands.find(([word]) => tools.has(base(word!))) ?? commands[0]
  if (!words) return undefined
  const tool = base(words[0]!)
  if (tool === 'python' && words[1] === '-m' && words[2] === 'pip') return { tool: 'pip', verb: words[3] ?? 'install' }
  const verb = words.slice(1).find((word) => !word.startsWith('-'))
  return tools.has(tool) && verb !== undefined && /^[a-z][\w:.-]*$/i.test(verb) ? { tool, verb } : { tool }
}

const tools = new Set(['pip', 'pip3', 'uv', 'poetry', 'npm', 'pnpm', 'yarn', 'apt-get', 'apt', 'apk', 'python', 'npx'])

function base(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}

function instructions(parse: ReasonContext['parse'], text: string): DockerfileInstruction[] {
  try {
    const parsed = parse(text)
    return [...parsed.args, ...parsed.stages.flatMap((stage) => [fromOf(stage), ...stage.instructions])]
  } catch {
    return [] // a text that we cannot read is told by the builder's own words
  }
}

function fromOf({ from, line }: DockerfileStage): DockerfileInstruction {
  return { keyword: 'FROM', flags: [], rest: from.ref ?? from.text, heredocs: [], line, endLine: line }
}

/** The FROM whose image the builder's words name, where they are about no other instruction. */
function baseNamed(all: readonly DockerfileInstruction[], title: string | undefined, message: string): DockerfileInstruction | undefined {
  if (title !== undefined && !title.startsWith('FROM')) return undefined
  const words = message.split(/[\s"',]+/).map((word) => word.replace(/:$/, ''))
  return all.find(({ keyword, rest }) => keyword === 'FROM' && words.some((word) => word === rest || word.endsWith(`/${rest}`)))
}

function described(found: DockerfileInstruction): Failed {
  const flags = found.flags.map(({ name, value }) => `--${name}${value === undefined ? '' : `=${value}`} `).join('')
  const command = found.json?.join(' ') ?? found.rest
  const common = { keyword: found.keyword, instruction: `${found.keyword} ${flags}${found.rest}`.replace(/\s+/g, ' '), line: found.line }
  return found.keyword === 'RUN'
    ? { ...common, command: `${command} ${found.heredocs.map(({ text }) => text.replace(/\n/g, ' ; ')).join(' ')}`.trim() }
    : common
}

/** `[build 3/5] RUN x` and `Step 3/5 : RUN x` are titles of builders. */
function titleOf(facts: StepFacts): string | undefined {
  return facts.title?.replace(/^\[[^\]]*\]\s*/, '').replace(/^Step \d+\/\d+ : /, '')
}

/** An instruction by its text: builders print it with other spaces, flags and quotes. */
function named(all: readonly DockerfileInstruction[], title: string | undefined): DockerfileInstruction | undefined {
  if (title === undefined) return undefined
  const plain = (text: string): string => text.replace(/[\s\\"[\],]+/g, '')
  const wanted = plain(title)
  return all.find(({ keyword, rest, flags }) => {
    const withFlags = flags.map(({ name, value }) => `--${name}${value === undefined ? '' : `=${value}`}`).join('')
    return wanted === plain(keyword + rest) || wanted === plain(keyword + withFlags + rest)
  })
}

function commandIn(message: string): string | undefined {
  const match = /(?:The command '|executor failed running \[|process ")(?:\/bin\/sh -c )?(.*?)(?:' returned|\]: exit|" did not)/s.exec(
    message.slice(0, 10_000),
  )
  return match ? `RUN ${match[1]!}` : undefined
}

function exitCodeIn(message: string): number | undefined {
  const match = /(?:returned a non-zero code: |exit code: |exit status )(\d+)/.exec(message)
  return match ? Number(match[1]) : undefined
}

/** BuildKit marks the line in an excerpt: `  12 | >>> RUN x`. */
function excerptLine(lines: readonly string[]): number | undefined {
  const marked = lines.find((line) => /^\s*\d+ \| >>> /.test(line))
  return marked === undefined ? undefined : Number.parseInt(marked, 10)
}
