import { siteScript, toolOf, withoutWrapper, type Tool } from './tools.ts'

/** A script of package.json that starts one Node program, taken apart; or why it cannot be. */
export type StartScript =
  | {
      readonly kind: 'node'
      /** options of node itself */
      readonly options: readonly string[]
      /** the file as written; empty for `node .` */
      readonly file: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
      /** commands that stand before it, such as `tsc` */
      readonly before: readonly string[]
      /** a tool for developers that was left out, such as `nodemon` */
      readonly dev?: string
      /** written for a loader of TypeScript: tsx, ts-node */
      readonly loader: boolean
    }
  /** a server of files: the directory it serves */
  | { readonly kind: 'site'; readonly out: string; readonly fallback: boolean }
  | { readonly kind: 'other'; readonly tool: string }

const loaders = new Set(['tsx', 'ts-node', 'ts-node-esm', 'swc-node'])

/** Reads `node x`, with what people put around it. */
export function readStartScript(script: string): StartScript {
  const parts = script.split('&&').map((part) => part.trim())
  const last = parts.at(-1)!
  const words = last.match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')) ?? []
  const env: Record<string, string> = {}
  let at = words[0] === 'cross-env' || words[0] === 'env' ? 1 : 0
  for (let pair; (pair = /^([A-Za-z_]\w*)=(.*)$/.exec(words[at] ?? '')); at++) env[pair[1]!] = pair[2]!
  const bare = withoutWrapper(withoutRunner(words.slice(at)))
  if (/[|;<>`&]|\$\(/.test(last) || bare.some((word) => word.includes('$'))) return { kind: 'other', tool: bare[0] ?? '' }
  const site = siteScript(bare)
  if (site) return { kind: 'site', ...site }
  const tool = toolOf(bare[0] ?? '', bare.slice(1))
  if (tool) return { ...ofTool(tool, bare.slice(1)), env: { ...tool.env, ...env }, before: parts.slice(0, -1) }
  const found = readCommand(bare)
  return found ? { kind: 'node', ...found, env, before: parts.slice(0, -1) } : { kind: 'other', tool: bare[0] ?? '' }
}

function withoutRunner(words: readonly string[]): readonly string[] {
  if (words[0] === 'npx' || words[0] === 'pnpx' || words[0] === 'bunx') return words[1]?.startsWith('-') ? words.slice(2) : words.slice(1)
  return /^(?:pnpm|yarn)$/.test(words[0] ?? '') && words[1] === 'exec' ? words.slice(2) : words
}

function ofTool(
  { file }: Tool,
  args: readonly string[],
): Pick<Extract<StartScript, { kind: 'node' }>, 'kind' | 'options' | 'file' | 'args' | 'loader'> {
  return { kind: 'node', options: [], file, args, loader: false }
}

/** The script that a start script only calls (`npm run start:prod`), with what stands around; at most 5 deep. */
export function resolvedScript(text: string, scriptOf: (name: string) => string | undefined, depth = 0): string {
  const parts = text.split('&&').map((part) => part.trim())
  const called = /^(?:npm|pnpm|yarn|bun)(?: run)? ([\w:.-]+)$/.exec(parts.at(-1)!)?.[1]
  const next = called === undefined || depth >= 5 ? undefined : scriptOf(called)
  if (next === undefined) return text
  const hook = scriptOf(`pre${called!}`)
  return [...parts.slice(0, -1), ...(hook === undefined ? [] : [hook]), resolvedScript(next, scriptOf, depth + 1)].join(' && ')
}

type Command = Pick<Extract<StartScript, { kind: 'node' }>, 'options' | 'file' | 'args' | 'dev' | 'loader'>

function readCommand([tool = '', ...rest]: readonly string[]): Command | undefined {
  if (tool === 'node') return readNode(rest)
  if (tool === 'nodemon') return { ...afterOptions(rest), loader: false, dev: 'nodemon' }
  if (!loaders.has(tool)) return undefined
  const watching = rest[0] === 'watch' || rest.includes('--watch')
  const found = afterOptions(rest[0] === 'watch' ? rest.slice(1) : rest)
  return { ...found, options: [], loader: true, ...(watching ? { dev: `${tool} watch` } : {}) }
}

function readNode(words: readonly string[]): Command {
  const { options, file, args } = afterOptions(words)
  const watching = options.some((option) => option.startsWith('--watch'))
  const loader = options.some(
    (option, at) =>
      /^--(?:import|loader|experimental-loader|require)(?:=(?:tsx|ts-node).*)?$|^-r$/.test(option) &&
      /tsx|ts-node/.test(option.includes('=') ? option : (options[at + 1] ?? '')),
  )
  const kept = loader ? withoutLoader(options) : options
  return {
    options: kept.filter((option) => !option.startsWith('--watch')),
    file,
    args,
    loader,
    ...(watching ? { dev: 'node --watch' } : {}),
  }
}

function withoutLoader(options: readonly string[]): string[] {
  return options.filter(
    (option, at) =>
      !/tsx|ts-node/.test(option) &&
      !(/^(?:--(?:import|loader|experimental-loader|require)|-r)$/.test(option) && /tsx|ts-node/.test(options[at + 1] ?? '')),
  )
}

const withValue = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '--env-file',
  '--env-file-if-exists',
  '-w',
  '--ext',
  '-e',
  '--tsconfig',
])

function afterOptions(words: readonly string[]): { options: string[]; file: string; args: string[] } {
  let at = 0
  while (at < words.length && words[at]!.startsWith('-')) at += withValue.has(words[at]!) ? 2 : 1
  const file = (words[at] ?? '').replace(/^\.\//, '').replace(/\/$/, '')
  return { options: words.slice(0, at), file: file === '.' ? '' : file, args: words.slice(at + 1) }
}
