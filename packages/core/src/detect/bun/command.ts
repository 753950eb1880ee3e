/** `bun FILE`, `bun run FILE` taken apart. */
export interface BunCommand {
  readonly options: readonly string[]
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly before: readonly string[]
  /** an option for developers that was left out */
  readonly dev?: string
}

/** Reads a script that ends in a call of Bun; undefined for other programs, shells, pipes, and Bun's other commands. */
export function readBunCommand(text: string, scriptOf: (name: string) => string | undefined, depth = 0): BunCommand | undefined {
  const parts = text.split('&&').map((part) => part.trim())
  const last = parts.at(-1)!
  if (/[|;<>`&]|\$\(/.test(last)) return undefined
  const words = last.match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')) ?? []
  const env: Record<string, string> = {}
  let at = words[0] === 'cross-env' ? 1 : 0
  for (let pair; (pair = /^([A-Za-z_]\w*)=(.*)$/.exec(words[at] ?? '')); at++) env[pair[1]!] = pair[2]!
  const [tool, ...rest] = words.slice(at)
  if (tool !== 'bun' || rest.some((word) => word.includes('$'))) return undefined
  const found = afterOptions(rest)
  // `bun test` is Bun's own, `bun run test` a script
  if (found.file === '' || (commands.has(found.file) && !rest.includes('run'))) return undefined
  const script = /\.[cm]?[jt]sx?$/.test(found.file) ? undefined : scriptOf(found.file)
  if (script !== undefined) {
    const inner = depth < 5 ? readBunCommand(script, scriptOf, depth + 1) : undefined
    return inner && { ...inner, env: { ...inner.env, ...env }, before: [...parts.slice(0, -1), ...inner.before] }
  }
  return { ...found, env, before: parts.slice(0, -1) }
}

const commands = new Set(
  'install i add remove update build test x create init link pm publish upgrade exec repl patch outdated audit'.split(' '),
)
const withValue = new Set([
  '-r',
  '--preload',
  '--env-file',
  '--cwd',
  '-c',
  '--config',
  '--tsconfig-override',
  '--conditions',
  '--port',
  '-d',
  '--define',
])

/** Options stand before the file, and before or after `run`. */
function afterOptions(words: readonly string[]): Pick<BunCommand, 'options' | 'file' | 'args' | 'dev'> {
  const options: string[] = []
  let at = 0
  for (; at < words.length && (words[at]!.startsWith('-') || (words[at] === 'run' && !options.includes('run'))); at++) {
    options.push(words[at]!)
    if (withValue.has(words[at]!)) options.push(words[++at] ?? '')
  }
  const dev = options.find((option) => /^--(?:watch|hot|inspect(?:-brk|-wait)?|no-clear-screen)(?:=|$)/.test(option))
  return {
    options: options.filter((option) => option !== 'run' && !/^--(?:watch|hot|inspect|no-clear-screen|bun$)/.test(option)),
    file: (words[at] ?? '').replace(/^\.\//, ''),
    args: words.slice(at + 1),
    ...(dev === undefined ? {} : { dev }),
  }
}
