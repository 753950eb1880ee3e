import type { Arg } from '../../plan/plan.ts'
import { asScript, type CommandPlace } from './command.ts'
import { importLine, lastName } from './facts.ts'
import { kindOf } from './kinds.ts'
import type { CallStatement, PythonModule } from './module.ts'
import type { Recognised } from './programs.ts'
import type { PythonFiles } from './scans.ts'
import { asPort, valueOf } from './values.ts'

/** Row 12 of `detection.md` 2.3: MCP servers. Over stdio they listen nowhere; over HTTP they are asked at their port. */
export function mcpOf(files: PythonFiles, file: string): Recognised | undefined {
  const module = files.module(file)
  const server = serverOf(module, files, file)
  if (!server) return lowLevel(module)
  const run = runOf(module, server.name)
  if (!run)
    return files.imported.has(file) || server.of !== undefined
      ? undefined
      : { command: overHttp(server), line: server.line, says: `${server.name} is an MCP server` }
  const transport = transportOf(files, file, run)
  if (transport === 'stdio')
    return {
      command: { framework: server.kind, port: null, argv: asScript },
      line: run.line,
      says: `${server.name}.run() speaks over stdio`,
    }
  const says = `${server.name}.run() speaks over HTTP`
  const host = valueOf(files, file, run.call.keywords.get('host') ?? server.host).literal
  const env = (port: number): Record<string, string> => ({ FASTMCP_HOST: '0.0.0.0', FASTMCP_PORT: String(port) })
  const port = asPort(valueOf(files, file, run.call.keywords.get('port') ?? server.port).literal) ?? 8000
  // the SDK itself listens on this machine only where the code says nothing else, and has no variable for it
  if (server.kind === 'mcp' && host === undefined && server.of === undefined)
    return { command: { ...overHttp(server, transport), port }, line: run.line, says }
  return { command: { framework: server.kind, port, argv: asScript, env }, line: run.line, says }
}

interface McpServer {
  readonly name: string
  readonly kind: 'mcp' | 'fastmcp'
  readonly line: number
  readonly of?: string
  readonly host?: PythonModule['assignments'][number]['value'] | undefined
  readonly port?: PythonModule['assignments'][number]['value'] | undefined
}

function serverOf(module: PythonModule, files: PythonFiles, file: string): McpServer | undefined {
  for (const { name, value, line, of } of module.assignments) {
    const kind = value.kind === 'call' ? kindOf(files, file, value) : undefined
    if (value.kind === 'call' && (kind === 'mcp' || kind === 'fastmcp'))
      return { name, kind, line, ...(of === undefined ? {} : { of }), host: value.keywords.get('host'), port: value.keywords.get('port') }
  }
  return fromElsewhere(module, files, file)
}

/** `from .server import mcp` with `mcp.run()` here. */
function fromElsewhere(module: PythonModule, files: PythonFiles, file: string): McpServer | undefined {
  for (const { call, line, of } of module.calls) {
    if (call.callee.kind !== 'name' || !/\.run(?:_async)?$/.test(call.callee.dotted)) continue
    const name = call.callee.dotted.replace(/\.run(?:_async)?$/, '')
    const kind = kindOf(files, file, { kind: 'name', dotted: name })
    if (kind === 'mcp' || kind === 'fastmcp') return { name, kind, line, ...(of === undefined ? {} : { of }) }
  }
  return undefined
}

const runs = /^run(?:_async|_stdio_async|_http_async|_sse_async|_streamable_http_async)?$/

/** `mcp.run(...)`, also inside `asyncio.run(...)`. */
function runOf(module: PythonModule, name: string): CallStatement | undefined {
  for (const one of module.calls) {
    const inner = [one.call, ...one.call.args].find((call) => {
      const callee = call.kind === 'call' ? call.callee : call
      return callee.kind === 'name' && callee.dotted.startsWith(`${name}.`) && runs.test(lastName(callee))
    })
    if (inner?.kind === 'call') return { ...one, call: inner }
    if (inner) return { ...one, call: { kind: 'call', callee: inner, args: [], keywords: new Map() } }
  }
  return undefined
}

function transportOf(files: PythonFiles, file: string, { call }: CallStatement): string {
  const method = lastName(call.callee)
  if (method === 'run_http_async' || method === 'run_streamable_http_async') return 'http'
  if (method === 'run_sse_async') return 'sse'
  const said = valueOf(files, file, call.keywords.get('transport') ?? call.args[0]).literal
  return typeof said === 'string' ? said : 'stdio'
}

function overHttp({ name, kind }: McpServer, transport = 'http'): Recognised['command'] {
  const method = transport === 'sse' ? 'sse_app' : kind === 'mcp' ? 'streamable_http_app' : 'http_app'
  const argv = ({ module, port }: CommandPlace): readonly Arg[] => [
    ...['python', '-m', 'uvicorn', `${module}:${name}.${method}`, '--factory'],
    ...['--host', '0.0.0.0', '--port', port],
  ]
  return { framework: kind, port: 8000, argv }
}

/** The SDK's own `Server` with its streams. */
function lowLevel(module: PythonModule): Recognised | undefined {
  const line = importLine(module, 'mcp.server.stdio')
  return line === undefined
    ? undefined
    : { command: { framework: 'mcp', port: null, argv: asScript }, line, says: 'is an MCP server over stdio' }
}
