import type { Evidence, Finding } from '../detection.ts'
import { lineOf } from '../places.ts'
import type { Tree } from '../tree.ts'
import type { Entry } from './entries.ts'
import { lastName } from './facts.ts'
import type { PythonModule } from './module.ts'
import type { PythonFiles } from './scans.ts'
import { asPort, valueOf, type Value } from './values.ts'

type Port = { readonly value: number | null; readonly evidence: Evidence }

/** The port that the program listens on: of its code, of its framework, of a Dockerfile, else 8080; null for one that listens nowhere. */
export function portOf(tree: Tree, files: PythonFiles, entry: Entry): Finding<number | null> {
  const { command, file } = entry
  const standard: Port = { value: 8080, evidence: { rule: 'port.default', says: 'nothing in the code names a port' } }
  if (command?.port === null) {
    const says = `${command.framework ?? 'the program'} listens nowhere`
    return { value: null, evidence: { ...entry.evidence, rule: 'python.port.none', says }, lost: [standard], override: 'port' }
  }
  const framework: Port[] = command
    ? [
        {
          value: command.port,
          evidence: {
            ...entry.evidence,
            rule: 'python.port.framework',
            says: `${command.framework ?? 'the command'} listens on ${command.port}`,
          },
        },
      ]
    : []
  const code = command && !command.codePort ? undefined : inCode(files, file)
  const exposed = exposedPort(tree)
  const [first, ...lost] = [...(code ? [code] : []), ...framework, ...(exposed ? [exposed] : []), standard]
  return { ...first, lost, override: 'port' }
}

function inCode(files: PythonFiles, entry: string): Port | undefined {
  for (const file of new Set([entry, ...files.program])) {
    const read = file === entry || (files.mentions(file, serverCall) && files.imported.has(file))
    const found = read ? portIn(files, file) : undefined
    if (found) return found
  }
  return argumentPort(files, entry)
}

const serverNames =
  'run|serve|HTTPServer|ThreadingHTTPServer|TCPServer|make_server|run_app|run_simple|WSGIServer|Config|start_server|create_server|launch|listen|TCPSite'
const servers = new RegExp(`^(?:${serverNames})$`)
const serverCall = new RegExp(`(?:${serverNames})[ \\t]*\\(`)

type Call = PythonModule['calls'][number]['call']

function portIn(files: PythonFiles, file: string): Port | undefined {
  const module = files.module(file)
  const made = [...module.calls, ...module.assignments.map(({ value, line }) => ({ call: value, line }))].toSorted(
    (a, b) => a.line - b.line,
  )
  for (const { call, line } of made) {
    for (const one of call.kind === 'call' ? withInner(call) : []) {
      const said = servers.test(lastName(one.callee)) ? portArgument(files, file, one) : {}
      const port = asPort(said.literal)
      if (port === undefined) continue
      const says =
        said.variable === undefined ? `${nameOf(one)}(…) listens on ${port}` : `${nameOf(one)}(…) listens on ${said.variable}, else ${port}`
      return { value: port, evidence: { rule: 'python.port.call', file, line, says } }
    }
  }
  return undefined
}

/** `uvicorn.Server(uvicorn.Config(app, port=…))`, `HTTPServer(…).serve_forever()` */
function withInner(call: Call): readonly Call[] {
  const parts = [...(call.callee.kind === 'attribute' ? [call.callee.of] : []), ...call.args]
  return [call, ...parts.flatMap((one) => (one.kind === 'call' ? withInner(one) : []))]
}

function portArgument(files: PythonFiles, file: string, { callee, args, keywords }: Call): Value {
  const named = keywords.get('port') ?? keywords.get('server_port') ?? keywords.get('http_port')
  if (named !== undefined) return valueOf(files, file, named)
  if (lastName(callee) === 'listen' && args[0]?.kind !== 'text') return valueOf(files, file, args[0])
  const [first, second] = args
  if (first?.kind === 'list') return valueOf(files, file, first.items[1])
  return typeof valueOf(files, file, first).literal === 'string' ? valueOf(files, file, second) : {}
}

function nameOf({ callee }: Call): string {
  return callee.kind === 'name' ? callee.dotted : lastName(callee)
}

/** `parser.add_argument("--port", default=8000)` */
function argumentPort(files: PythonFiles, file: string): Port | undefined {
  for (const { call, line } of files.module(file).calls) {
    if (lastName(call.callee) !== 'add_argument' || !call.args.some((one) => one.kind === 'text' && one.text === '--port')) continue
    const port = asPort(valueOf(files, file, call.keywords.get('default')).literal)
    if (port !== undefined)
      return { value: port, evidence: { rule: 'python.port.argument', file, line, says: `--port is ${port} by default` } }
  }
  return undefined
}

/** What a Dockerfile of the source says, even where it is not used. */
function exposedPort(tree: Tree): Port | undefined {
  const text = tree.text('Dockerfile') ?? ''
  const said = [...text.matchAll(/^[ \t]*EXPOSE[ \t]+(\d{1,5})(?:\/tcp)?[ \t]*$/gim)].map((found) => found[1]!)
  const port = new Set(said).size === 1 ? asPort(said[0]) : undefined
  if (port === undefined) return undefined
  const line = lineOf(text, `EXPOSE ${said[0]}`)
  return {
    value: port,
    evidence: { rule: 'port.expose', file: 'Dockerfile', ...(line === undefined ? {} : { line }), says: `the Dockerfile exposes ${port}` },
  }
}
