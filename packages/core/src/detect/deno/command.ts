/** `deno run …` and `deno serve …` taken apart. */
export interface DenoCommand {
  readonly verb: 'run' | 'serve'
  /** options of Deno itself, without those for developers */
  readonly options: readonly string[]
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** commands that stand before it */
  readonly before: readonly string[]
  /** an option for developers that was left out */
  readonly dev?: string
}

const withValue = new Set([
  '--port',
  '--host',
  '-c',
  '--config',
  '--import-map',
  '-L',
  '--log-level',
  '--seed',
  '--cert',
  '--location',
  '-p',
])

/** Reads a task or a line of a Procfile; undefined for other programs, shells and pipes. `taskOf`: what `deno task NAME` stands for. */
export function readDenoCommand(text: string, taskOf: (name: string) => string | undefined, depth = 0): DenoCommand | undefined {
  const parts = text.split('&&').map((part) => part.trim())
  const last = parts.at(-1)!
  if (/[|;<>`&]|\$\(/.test(last)) return undefined
  const words = last.match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')) ?? []
  const env: Record<string, string> = {}
  let at = 0
  for (let pair; (pair = /^([A-Za-z_]\w*)=(.*)$/.exec(words[at] ?? '')); at++) env[pair[1]!] = pair[2]!
  const [tool, verb = '', ...rest] = words.slice(at)
  if (tool !== 'deno' || rest.some((word) => word.includes('$'))) return undefined
  if (verb === 'task') {
    const next = rest.length === 1 && depth < 5 ? taskOf(rest[0]!) : undefined
    const found = next === undefined ? undefined : readDenoCommand(next, taskOf, depth + 1)
    return found && { ...found, env: { ...found.env, ...env }, before: [...parts.slice(0, -1), ...found.before] }
  }
  if (verb !== 'run' && verb !== 'serve') return undefined
  return { verb, ...afterOptions(rest), env, before: parts.slice(0, -1) }
}

function afterOptions(words: readonly string[]): Pick<DenoCommand, 'options' | 'file' | 'args' | 'dev'> {
  let at = 0
  while (at < words.length && words[at]!.startsWith('-')) at += withValue.has(words[at]!) ? 2 : 1
  const options = words.slice(0, at)
  const dev = options.find((option) => /^--(?:watch|watch-hmr|watch-exclude|inspect(?:-brk|-wait)?)(?:=|$)/.test(option))
  return {
    options: options.filter((option) => !/^--(?:watch|inspect)/.test(option)),
    file: (words[at] ?? '').replace(/^\.\//, ''),
    args: words.slice(at + 1),
    ...(dev === undefined ? {} : { dev }),
  }
}
