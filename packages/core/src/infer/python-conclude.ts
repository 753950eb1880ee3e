import type { Grade, Notice } from '../detect/detection.ts'
import { Gathered, type Wanted } from './gather.ts'
import type { Import, InferOptions, Inference } from './infer.ts'
import { knownPypi } from './known.ts'
import type { PythonFacts } from './python-facts.ts'
import { judging, required, type Context, type Part, type Verdict } from './python-judge.ts'
import type { PythonImport } from './python-lexer.ts'
import type { LocalModules } from './python-local.ts'
import { commands, ownFiles, type Mention } from './python-mentions.ts'
import { readRequirement } from './python-packages.ts'
import { standardLibrary } from './python-stdlib.ts'
import { needsOf, type Use } from './python-uses.ts'

/** What the facts of a program's files come to: its packages, what is not known, and why. Pure. */
export function concludePython(
  facts: readonly PythonFacts[],
  local: LocalModules,
  options: Pick<InferOptions, 'version' | 'accept'>,
): Inference {
  const uses = facts.flatMap((one) => one.uses)
  const judge = judging(local, standardLibrary(options.version), contextOf(facts, uses))
  const gathered = new Gathered('pypi', knownPypi)
  const accepted = options.accept ?? 'D'
  const foreign: PythonImport[] = []
  const present: Verdict[] = []
  for (const { imports } of facts) {
    const verdicts = imports.map(judge)
    foreign.push(...verdicts.filter((one) => one.parts.some((part) => part.kind !== 'here')).map((one) => one.import))
    const needed = required(verdicts)
    present.push(...needed)
    for (const verdict of needed) for (const part of verdict.parts) settle(part, verdict.import, gathered, accepted)
  }
  for (const one of facts) {
    for (const mention of one.mentions) mentioned(mention, judge, gathered)
    for (const declared of one.declared) {
      const { name, extras, specifier, by, file, line } = declared
      const says = by === 'pip-line' ? 'a pip install line names it' : 'the script block names it'
      gathered.need({ name, extras, specifier, grade: 'A', rule: `python.declared.${by}`, says }, at(file, line), '')
    }
  }
  for (const use of uses) if (use.id !== 'database') used(use, gathered, foreign)
  addDatabases(uses, gathered)
  addServer(foreign, gathered)
  addStarter(uses, gathered)
  return {
    dependencies: gathered.dependencies(),
    unresolved: gathered.unresolved(),
    imports: foreign.map(withoutGroup),
    notices: [...facts.flatMap((one) => one.notices).slice(0, maxNotices), ...displays(present)],
  }
}

/** More files than this that are broken are no program; some tell as much. */
const maxNotices = 10

function contextOf(facts: readonly PythonFacts[], uses: readonly Use[]): Context {
  const tops = new Set(
    facts.flatMap(({ imports }) => imports.flatMap(({ module, level }) => (level > 0 ? [] : [module.split('.', 1)[0]!]))),
  )
  return { tops, uses: new Set(uses.map(({ id }) => id)) }
}

function settle(part: Part, import_: Import, gathered: Gathered, accepted: Grade): void {
  if (part.kind === 'unknown') gathered.miss(part.module, import_, part.says, part.near)
  if (part.kind !== 'package') return
  const { name, grade } = part.wanted
  if (grade <= accepted) gathered.need(part.wanted, import_, part.module)
  else gathered.miss(part.module, import_, `${name} is likely, but only by the grade ${grade}`, true)
}

/** A text names modules that it may also use for something else, so what is not known is not told. */
function mentioned({ kind, name, file, line }: Mention, judge: (import_: PythonImport) => Verdict, gathered: Gathered): void {
  if (kind !== 'module') {
    const [requirement, rule, says] =
      kind === 'command'
        ? [commands[name]!, 'python.indirect.command', `runs ${name}`]
        : [ownFiles[name]!, 'python.indirect.file', `${name} is read by it alone`]
    gathered.need({ ...readRequirement(requirement), grade: 'A', rule, says }, at(file, line), '')
    return
  }
  const { parts, import: import_ } = judge({ ...at(file, line), module: name })
  for (const part of parts)
    if (part.kind === 'package' && part.wanted.grade < 'D')
      gathered.need({ ...part.wanted, rule: 'python.indirect.setting', says: `the settings name ${name}` }, import_, '')
}

function used(use: Use, gathered: Gathered, foreign: readonly Import[]): void {
  // a program that was moved to the new client may have forgotten a call of the old one
  if (use.id === 'openai.before-1' && foreign.some(({ module, names }) => module === 'openai' && names.some((name) => /OpenAI/.test(name))))
    return
  for (const requirement of needsOf(use)) gathered.need(indirect(requirement, use), at(use.file, use.line), '')
}

function indirect(requirement: string, { id, what }: Use): Wanted {
  const says =
    id === 'database' ? `an address begins with ${what}://` : `the code does what needs it (${id}${what === '' ? '' : `: ${what}`})`
  return { ...readRequirement(requirement), grade: 'A', rule: id === 'database' ? 'python.indirect.database' : 'python.indirect.use', says }
}

/** Drivers are named by addresses, where SQLAlchemy, or what is built on it, reads them. */
function addDatabases(uses: readonly Use[], gathered: Gathered): void {
  if (!['sqlalchemy', 'sqlmodel', 'flask-sqlalchemy', 'alembic', 'databases', 'flask-migrate'].some((name) => gathered.has(name))) return
  const databases = uses.filter(({ id }) => id === 'database')
  // a program that names a driver somewhere puts it into the addresses it is given
  const isNamed = gathered.has('asyncpg') || databases.some(({ what }) => what.startsWith('postgresql+'))
  for (const use of databases) {
    const isPlain = /^postgres(?:ql)?$/.test(use.what)
    if (isPlain && isNamed) continue
    // SQLAlchemy 2.1 takes psycopg 3 for an address that names no driver, and older ones psycopg2.
    const old = isPlain && gathered.has('psycopg2-binary')
    const needs = old ? ['sqlalchemy<2.1'] : isPlain ? [...needsOf(use), 'sqlalchemy>=2.1'] : needsOf(use)
    for (const requirement of needs) gathered.need(indirect(requirement, use), at(use.file, use.line), '')
  }
}

/** An ASGI application without a server of its own gets one; fastapi[standard] has it already. */
function addServer(imports: readonly PythonImport[], gathered: Gathered): void {
  const server: Wanted = { name: 'uvicorn', extras: ['standard'], specifier: '', grade: 'A', rule: 'python.indirect.asgi-server' }
  const needs = imports.find((one) => !one.optional && /^(?:starlette|litestar|quart|blacksheep)(?:\.|$)/.test(one.module))
  const has = ['fastapi', 'uvicorn', 'hypercorn', 'daphne', 'granian', 'gunicorn'].some((name) => gathered.has(name))
  if (needs !== undefined && !has) gathered.need(server, needs, needs.module)
}

/** The core of llama-index asks OpenAI where the program sets no model, and only the starter package brings that client. */
function addStarter(uses: readonly Use[], gathered: Gathered): void {
  const core = gathered.first('llama-index-core')
  if (core === undefined || gathered.some((name) => /^llama-index-(?:llms|embeddings)-/.test(name))) return
  if (uses.some(({ id }) => id === 'llama-index.settings')) return
  const says = 'llama_index.core is used and no model is set, so its default model is'
  gathered.need({ name: 'llama-index', extras: [], specifier: '', grade: 'A', rule: 'python.indirect.default', says }, core, '')
}

function displays(verdicts: readonly Verdict[]): readonly Notice[] {
  const found = verdicts.find(({ import: { module, level } }) => level === 0 && /^(?:tkinter|turtle)(?:\.|$)/.test(module))
  if (found === undefined) return []
  const { file, line, module } = found.import
  return [{ code: 'no_display', message: `${module} needs a display and Tk, and the image has neither`, file, line }]
}

function at(file: string, line: number): PythonImport {
  return { module: '', names: [], level: 0, file, line, optional: false }
}

/** As the contract has it, without what only this stage needs to know. */
function withoutGroup({ module, names, level, file, line, optional }: PythonImport): Import {
  return { module, names, level, file, line, optional }
}
