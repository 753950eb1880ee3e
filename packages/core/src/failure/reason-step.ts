import type { Recipe } from '../dockerfile/recipe.ts'
import type { StepFacts } from '../driver/driver.ts'

export interface ReasonContext {
  readonly recipe: Recipe
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
export function instructionOf(facts: StepFacts, lines: readonly string[], { recipe }: ReasonContext): Failed {
  const exitCode = facts.exitCode ?? exitCodeIn(facts.message)
  const all = recipe.kind === 'dockerfile' ? instructions(recipe.text) : []
  const line = facts.line ?? excerptLine([...lines, ...facts.message.split('\n')])
  const titled = titleOf(facts)
  const found =
    all.find((each) => line !== undefined && each.line <= line && line <= each.endLine) ??
    named(all, titled) ??
    baseNamed(all, titled, facts.message)
  const common = exitCode === undefined ? {} : { exitCode }
  if (found) return { ...common, ...described(found) }
  const text = titled ?? commandIn(facts.message)
  if (text === undefined) return line === undefined ? common : { ...common, line }
  const keyword = /^[A-Z]+(?= )/.exec(text)?.[0]
  const command = keyword === 'RUN' ? { command: commandOfRun(text.slice(4).trim()) } : {}
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
  // what follows -c is a program of its own, no verb
  const verb = words[1] === '-c' ? undefined : words.slice(1).find((word) => !word.startsWith('-'))
  return tools.has(tool) && verb !== undefined && /^[a-z][\w:.-]*$/i.test(verb) ? { tool, verb } : { tool }
}

const tools = new Set(['pip', 'pip3', 'uv', 'poetry', 'npm', 'pnpm', 'yarn', 'apt-get', 'apt', 'apk', 'python', 'npx'])

function base(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}

/** An instruction as far as telling it needs: this folder is below the one with the parser. */
interface Instruction {
  readonly keyword: string
  /** on one line, `--mount=x ` and the like at the front */
  readonly flags: string
  readonly rest: string
  readonly line: number
  readonly endLine: number
}

function instructions(text: string): Instruction[] {
  const result: Instruction[] = []
  let parts: string[] = []
  let line = 0
  for (const [at, each] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(each)) continue
    if (parts.length === 0) line = at + 1
    parts.push(each.replace(/\\\s*$/, ' '))
    if (/\\\s*$/.test(each)) continue
    result.push(instruction(parts.join('').replace(/\s+/g, ' ').trim(), line, at + 1))
    parts = []
  }
  return result
}

function instruction(text: string, line: number, endLine: number): Instruction {
  const [, keyword = '', flags = '', rest = ''] = /^(\S+) ?((?:--\S+ )*)(.*)$/.exec(text) ?? []
  return { keyword: keyword.toUpperCase(), flags, rest, line, endLine }
}

/** The FROM whose image the builder's words name, where they are about no other instruction. */
function baseNamed(all: readonly Instruction[], title: string | undefined, message: string): Instruction | undefined {
  if (title !== undefined && !title.startsWith('FROM')) return undefined
  const words = message.split(/[\s"',]+/).map((word) => word.replace(/:$/, ''))
  return all.find(({ keyword, rest }) => {
    const ref = rest.split(' ')[0]!
    return keyword === 'FROM' && words.some((word) => word === ref || word.endsWith(`/${ref}`))
  })
}

function described({ keyword, flags, rest, line }: Instruction): Failed {
  const common = { keyword, instruction: `${keyword} ${flags}${rest}`, line }
  return keyword === 'RUN' ? { ...common, command: commandOfRun(rest) } : common
}

/** The JSON form is a command without its quotes. */
function commandOfRun(rest: string): string {
  return rest.startsWith('[') ? rest.replace(/^\[\s*"|"\s*\]$/g, '').replace(/"\s*,\s*"/g, ' ') : rest
}

/** `[build 3/5] RUN x` and `Step 3/5 : RUN x` are titles of builders. */
function titleOf(facts: StepFacts): string | undefined {
  return facts.title?.replace(/^\[[^\]]*\]\s*/, '').replace(/^Step \d+\/\d+ : /, '')
}

/** An instruction by its text: builders print it with other spaces, flags and quotes. */
function named(all: readonly Instruction[], title: string | undefined): Instruction | undefined {
  if (title === undefined) return undefined
  const plain = (text: string): string => text.replace(/[\s\\"[\],]+/g, '')
  const wanted = plain(title)
  return all.find(({ keyword, rest, flags }) => wanted === plain(keyword + rest) || wanted === plain(keyword + flags + rest))
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
