/** A tool of a start script that is a file of a package: `next start` is `node node_modules/next/dist/bin/next start`. */
export interface Tool {
  readonly file: string
  readonly env?: Readonly<Record<string, string>>
}

const files: Readonly<Record<string, Tool>> = {
  next: { file: 'node_modules/next/dist/bin/next' },
  'remix-serve': { file: 'node_modules/@remix-run/serve/dist/cli.js' },
  'react-router-serve': { file: 'node_modules/@react-router/serve/bin.cjs' },
  strapi: { file: 'node_modules/@strapi/strapi/bin/strapi.js', env: { HOST: '0.0.0.0' } },
  keystone: { file: 'node_modules/@keystone-6/core/bin/cli.js' },
  medusa: { file: 'node_modules/@medusajs/cli/cli.js' },
  fastify: { file: 'node_modules/fastify-cli/cli.js', env: { FASTIFY_ADDRESS: '0.0.0.0' } },
  elizaos: { file: 'node_modules/@elizaos/cli/dist/index.js' },
  'rw-server': { file: 'node_modules/@redwoodjs/api-server/dist/bin.js' },
  probot: { file: 'node_modules/probot/bin/probot.js' },
}

/** The tool of this name; those that watch files or build are none of a server. */
export function toolOf(name: string, args: readonly string[]): Tool | undefined {
  if (args.some((arg) => /^(?:dev|develop|build|export|lint|--watch|-w)$/.test(arg))) return undefined
  return Object.hasOwn(files, name) ? files[name] : undefined
}

/** A server of files in a start script: its directory, and whether it answers other paths with index.html. */
export function siteScript(words: readonly string[]): { readonly out: string; readonly fallback: boolean } | undefined {
  const [tool = '', ...args] = words
  if (!['serve', 'http-server', 'sirv', 'sirv-cli', 'local-web-server', 'live-server'].includes(tool)) return undefined
  const withValue = new Set(['-l', '--listen', '-p', '--port', '-c', '--config', '-a', '--host', '-H'])
  const place = args.find((arg, at) => !arg.startsWith('-') && !withValue.has(args[at - 1] ?? '') && !/^\d+$/.test(arg))
  const out = (place ?? '.').replace(/^\.\//, '').replace(/\/$/, '')
  if (out.startsWith('/') || out.split('/').includes('..')) return undefined
  return { out: out === '' ? '.' : out, fallback: args.some((arg) => /^(?:-s|--single|--spa)$/.test(arg)) }
}

/** Words in front of a command that a container has no use for: `dotenv -e .env -- node x`, `pm2-runtime start x.js`. */
export function withoutWrapper(words: readonly string[]): readonly string[] {
  const [tool = '', ...args] = words
  const dashes = args.indexOf('--')
  if (/^(?:dotenvx?|dotenv-flow|doppler|infisical|genkit|varlock|op|portless)$/.test(tool) && dashes !== -1)
    return withoutWrapper(args.slice(dashes + 1))
  if (/^(?:dotenv|dotenv-flow|env-cmd)$/.test(tool)) return withoutWrapper(afterOptions(args))
  if (/^pm2(?:-runtime|-docker)?$/.test(tool)) {
    const file = args.find((arg) => /\.[cm]?[jt]s$/.test(arg) && !/ecosystem|\.config\./.test(arg))
    return file === undefined ? words : ['node', file]
  }
  return words
}

function afterOptions(args: readonly string[]): readonly string[] {
  let at = 0
  while (at < args.length && args[at]!.startsWith('-')) at += /^(?:-e|-f|-r|-c|--environments|--file)$/.test(args[at]!) ? 2 : 1
  return args.slice(at)
}
