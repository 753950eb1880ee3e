import type { Evidence } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { lineOf } from '../places.ts'
import type { NodeFiles } from './files.ts'

/** Packages whose application another program may listen for: it has a `fetch`, or is a function of request and response. */
const applications = new Set([
  ...[
    'hono',
    '@hono/zod-openapi',
    'hono/quick',
    'hono/tiny',
    'elysia',
    'h3',
    'itty-router',
    'express',
    'koa',
    'fastify',
    'polka',
    'restana',
    'connect',
  ],
])

/** An application that the file exports and nobody listens for: `export default app`, `export default { fetch }`. */
export function exportedApp(tree: Tree, files: NodeFiles, file: string): Evidence | undefined {
  const text = tree.text(file) ?? ''
  if (!/\bexport\s+default\b|\bmodule\.exports\s*=/.test(text)) return undefined
  if (files.reach(file).some((one) => listens(tree, files, one))) return undefined
  const uses = files.imports(file).some(({ module, optional }) => !optional && applications.has(module))
  if (!uses) return undefined
  const scan = files.scan(file)
  const name = scan.defaultName ?? /\bmodule\.exports\s{0,9}=\s{0,9}(\w{1,99})[ \t]{0,9};?[ \t]{0,9}$/m.exec(text)?.[1] ?? 'default'
  const made = scan.creations.find((one) => one.name === name)
  const object = scan.exportsDefault && made === undefined ? /\bexport\s+default\s*\{[^{}]{0,500}\bfetch\b/.exec(text) : null
  if (!made && !object) return undefined
  const line = made?.line ?? lineOf(text, object![0])
  const says = made ? `exports ${made.new ? 'new ' : ''}${made.callee}(…), and nothing listens` : 'exports a fetch, and nothing listens'
  return { rule: 'node.start.export', file, ...(line === undefined ? {} : { line }), says }
}

/** The calls by which programs begin to listen. */
export const serving: RegExp = /(?:^|\.)(?:listen|serve|startFlowServer|startStandaloneServer|startServer)$/
export const mayServe: RegExp = /\b(?:listen|serve|startFlowServer|startStandaloneServer|startServer)\s*\(/

function listens(tree: Tree, files: NodeFiles, file: string): boolean {
  return mayServe.test(tree.text(file) ?? '') && files.scan(file).calls.some(({ callee }) => serving.test(callee))
}

/** Calls that make a program of a file, by the package it imports: agents and servers that listen by themselves. */
const starters: readonly { readonly module: string; readonly call: RegExp; readonly port: number }[] = [
  { module: '@voltagent/core', call: /\bnew\s+VoltAgent\s*\(/, port: 3141 },
  { module: 'fastmcp', call: /\.start\s*\(\s*\{[^}]{0,300}(?:httpStream|sse)/, port: 8080 },
  { module: 'mcp-framework', call: /\bnew\s+MCPServer\s*\(\s*\{[^}]{0,300}(?:http-stream|sse)/, port: 8080 },
  { module: '@genkit-ai/express', call: /\bstartFlowServer\s*\(/, port: 3400 },
  { module: 'probot', call: /\brun\s*\(/, port: 3000 },
]

/** A file that serves by a call of its framework, and the port it has without another. */
export function startsFramework(
  tree: Tree,
  files: NodeFiles,
  file: string,
): { readonly evidence: Evidence; readonly port: number } | undefined {
  const text = tree.text(file) ?? ''
  for (const { module, call, port } of starters) {
    const found = text.includes(module) ? call.exec(text) : null
    if (!found || !files.imports(file).some((one) => one.module === module)) continue
    const line = lineOf(text, found[0])
    return { port, evidence: { rule: 'node.start.agent', file, ...(line === undefined ? {} : { line }), says: `${module} serves` } }
  }
  return undefined
}

/** Packages whose programs wait for work and listen on no port, with the call that begins it. */
const workers: readonly { readonly module: string; readonly call: RegExp }[] = [
  { module: '@modelcontextprotocol/sdk/server/stdio.js', call: /\bStdioServerTransport\s*\(/ },
  { module: 'fastmcp', call: /\.start\s*\(/ },
  { module: 'mcp-framework', call: /\.start\s*\(/ },
  { module: '@temporalio/worker', call: /\bWorker\.create\s*\(/ },
  { module: 'inngest/connect', call: /\bconnect\s*\(/ },
  { module: 'bullmq', call: /\bnew\s+Worker\b/ },
  { module: 'discord.js', call: /\.login\s*\(/ },
  { module: 'telegraf', call: /\.launch\s*\(/ },
  { module: 'grammy', call: /\.start\s*\(|\brun\s*\(/ },
  { module: 'node-telegram-bot-api', call: /\bnew\s+TelegramBot\s*\(/ },
  { module: '@slack/bolt', call: /\bsocketMode\s*:\s*true/ },
  { module: 'kafkajs', call: /\.run\s*\(/ },
  { module: 'amqplib', call: /\.consume\s*\(/ },
  { module: 'graphile-worker', call: /\brun\s*\(/ },
  { module: '@hatchet-dev/typescript-sdk', call: /\.worker\s*\(/ },
  { module: 'node-cron', call: /\.schedule\s*\(/ },
  { module: '@livekit/agents', call: /\brunApp\s*\(/ },
]

/** A program that waits for work: nothing it reaches listens. */
export function worksAlone(tree: Tree, files: NodeFiles, file: string): Evidence | undefined {
  const reached = files.reach(file)
  if (reached.some((one) => listens(tree, files, one) || startsFramework(tree, files, one))) return undefined
  for (const one of reached) {
    const text = tree.text(one) ?? ''
    const modules = new Set(files.imports(one).map(({ module }) => module))
    const found = workers.find(({ module, call }) => modules.has(module) && call.test(text))
    if (!found) continue
    const line = lineOf(text, found.call.exec(text)![0])
    return {
      rule: 'node.port.worker',
      file: one,
      ...(line === undefined ? {} : { line }),
      says: `a program of ${found.module} waits for work and listens on no port`,
    }
  }
  return undefined
}
