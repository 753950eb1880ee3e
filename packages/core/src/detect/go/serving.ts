import type { Config } from '../../plan/config.ts'
import type { Finding, Notice } from '../detection.ts'
import { portFinding, type Found } from '../overridden.ts'
import type { GoToken } from '../../infer/go-lexer.ts'
import { goFrameworks } from './framework-names.ts'
import type { GoFiles } from './programs.ts'

export function goFramework(files: GoFiles, reached: readonly string[]): Found<string> | undefined {
  for (const { path, name } of goFrameworks)
    for (const file of reached) {
      const found = files.read(file).imports.find((one) => one.path === path || one.path.startsWith(`${path}/`))
      if (found) return { value: name, evidence: { rule: 'go.framework.import', file, line: found.line, says: `imports ${found.path}` } }
    }
  return undefined
}

export interface GoPort {
  readonly port: Finding<number | null>
  readonly notices: readonly Notice[]
}

/** The port that the code names, else 8080; null for a program that serves nothing. */
export function goPort(files: GoFiles, reached: readonly string[], config: Config): GoPort {
  const told = reached.flatMap((file) => addresses(files.read(file).tokens, file))
  const fallback = reached.flatMap((file) => variables(files.read(file).tokens, file))
  const named = told[0] ?? fallback[0]
  const serves = reached.some((file) => servesIn(files.read(file).tokens))
  const standard: Found<number | null> = serves
    ? { value: 8080, evidence: { rule: 'port.default', says: 'nothing in the code names a port' } }
    : { value: null, evidence: { rule: 'go.port.none', says: 'nothing in the code serves' } }
  const local = told.find((one) => one.local)
  const found = named ? { value: named.value, evidence: named.evidence } : standard
  const lost = named ? [standard] : []
  const notices = local && named === told[0] ? [localNotice(local)] : []
  return { port: portFinding(config, found, lost), notices }
}

const listening = /^(?:ListenAndServe|ListenAndServeTLS|Listen|ListenTLS|Run|RunTLS|Start|StartTLS|StartServer|Serve|ServeTLS)$/
const serving = /^(?:ListenAndServe|ListenAndServeTLS|Listen|ListenTLS|ServeTLS|StartServer)$/

function servesIn(tokens: readonly GoToken[]): boolean {
  return tokens.some(
    ({ kind, text }, at) =>
      kind === 'name' &&
      tokens[at + 1]?.text === '(' &&
      tokens[at - 1]?.text === '.' &&
      (serving.test(text) || (/^(?:Run|Start|Serve)$/.test(text) && serverText(tokens[at - 2]?.text ?? ''))),
  )
}

/** `r.Run()` of gin and `e.Start(…)` of echo, as people call their routers. */
function serverText(name: string): boolean {
  return /^(?:r|e|g|h|app|router|engine|server|srv|s|echo|gin|http|api)$/i.test(name)
}

type Address = Found<number> & { readonly local: boolean; readonly text: string }

/** `http.ListenAndServe(":3000", …)`, `app.Listen(":3000")`, `net.Listen("tcp", ":50051")`, `Addr: ":8080"`. */
function addresses(tokens: readonly GoToken[], file: string): Address[] {
  return tokens.flatMap(({ kind, text, line }, at) => {
    const [, host, port] = kind === 'text' ? (/^([\w.-]{0,253}):(\d{1,5})$/.exec(text) ?? []) : []
    if (host === undefined || !isPort(Number(port))) return []
    const callee = calleeOf(tokens, at)
    if (callee === undefined) return []
    const evidence = { rule: 'go.port.listen', file, line, says: callee === 'Addr' ? `Addr is "${text}"` : `${callee}("${text}")` }
    return [{ value: Number(port), evidence, text, local: host === '127.0.0.1' || host === 'localhost' }]
  })
}

/** The call that a text is the first or second argument of, when it is one that listens; or the field `Addr`. */
function calleeOf(tokens: readonly GoToken[], at: number): string | undefined {
  if (tokens[at - 1]?.text === ':' && tokens[at - 2]?.text === 'Addr') return 'Addr'
  const open =
    tokens[at - 1]?.text === '('
      ? at - 1
      : tokens[at - 1]?.text === ',' && tokens[at - 2]?.kind === 'text' && tokens[at - 3]?.text === '('
        ? at - 3
        : -1
  const name = open === -1 ? undefined : tokens[open - 1]
  return name?.kind === 'name' && listening.test(name.text) ? name.text : undefined
}

/** `os.Getenv("PORT")` with the number that stands in for it: a further argument, or an assignment close by. */
function variables(tokens: readonly GoToken[], file: string): Found<number>[] {
  return tokens.flatMap(({ kind, text, line }, at) => {
    if (kind !== 'text' || !/^(?:[A-Z]+_)?PORT$/.test(text) || tokens[at - 1]?.text !== '(') return []
    const near = tokens.slice(at + 1, at + 40)
    const other = near.find(
      (one) => (one.kind === 'text' || one.kind === 'number') && /^:?\d{2,5}$/.test(one.text) && isPort(Number(one.text.replace(':', ''))),
    )
    // the plan sets PORT, so without a number of its own the program follows
    if (text !== 'PORT' && !other) return []
    const value = other ? Number(other.text.replace(':', '')) : 8080
    return [{ value, evidence: { rule: 'go.port.env', file, line, says: `reads ${text}${other ? `, else ${value}` : ''}` } }]
  })
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535
}

function localNotice({ evidence: { file, line }, text }: Address): Notice {
  const message = `${text}: the program listens on this machine only, so nothing reaches it from outside the container. Listen on 0.0.0.0.`
  return { code: 'binds_locally', message, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
}
