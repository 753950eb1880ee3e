import type { Expression } from './expression.ts'
import { isWrapper, kindOfCall, kindOfMethod, readyApp, type AppObject, type Kind, type PythonFramework } from './frameworks.ts'
import type { PythonModule } from './module.ts'
import type { PythonFiles } from './scans.ts'

/** Across so many names and files a value is followed. */
const maxSteps = 12

/** What an expression of a file is, followed through names, functions and files of the source; undefined when that cannot be said. */
export function kindOf(files: PythonFiles, file: string, expression: Expression, steps = 0, of?: string): Kind | undefined {
  if (steps > maxSteps) return undefined
  const module = files.module(file)
  switch (expression.kind) {
    case 'name':
      return kindOfName(files, file, expression.dotted, steps + 1, of)
    case 'call':
      return kindOfCalled(files, file, module, expression, steps + 1, of)
    case 'or':
      return kindOf(files, file, expression.left, steps + 1, of) ?? kindOf(files, file, expression.right, steps + 1, of)
    case 'attribute':
    case 'item':
    case 'list':
    case 'number':
    case 'text':
    case 'other':
      return undefined
  }
}

type Call = Extract<Expression, { kind: 'call' }>

function kindOfCalled(files: PythonFiles, file: string, module: PythonModule, call: Call, steps: number, of?: string): Kind | undefined {
  const { callee } = call
  if (callee.kind === 'attribute') {
    const receiver = kindOf(files, file, callee.of, steps, of)
    return receiver === undefined ? undefined : kindOfMethod(receiver, callee.name)
  }
  if (callee.kind !== 'name') return undefined
  const names = module.qualified(callee.dotted)
  for (const name of names) {
    const made = kindOfCall(name)
    if (made !== undefined) return (isApp(made) && made.holds ? kindOfWrapped(files, file, call, steps, of) : undefined) ?? made
    if (isWrapper(name)) return kindOfWrapped(files, file, call, steps, of)
  }
  const dot = callee.dotted.lastIndexOf('.')
  const receiver = dot === -1 ? undefined : kindOfName(files, file, callee.dotted.slice(0, dot), steps, of)
  if (receiver !== undefined) return kindOfMethod(receiver, callee.dotted.slice(dot + 1))
  return kindOfOwn(files, file, callee.dotted, steps)
}

function kindOfWrapped(files: PythonFiles, file: string, { args, keywords }: Call, steps: number, of?: string): Kind | undefined {
  for (const one of [...args, ...keywords.values()]) {
    const kind = kindOf(files, file, one, steps, of)
    if (kind !== undefined && typeof kind !== 'string') return kind
  }
  return undefined
}

/** What a function or class of the source gives when it is called. */
function kindOfOwn(files: PythonFiles, file: string, name: string, steps: number): Kind | undefined {
  const place = definition(files, file, name)
  if (place === undefined || steps > maxSteps) return undefined
  const module = files.module(place.file)
  const made = module.classes.find((one) => one.name === place.name)
  if (made) return firstOf(made.bases, (base) => (base.kind === 'name' ? firstOf(module.qualified(base.dotted), kindOfCall) : undefined))
  return kindOfFunction(files, place.file, place.name, steps + 1)
}

/** What a function gives back, by its annotation or by what it returns. */
function kindOfFunction(files: PythonFiles, file: string, name: string, steps = 0): Kind | undefined {
  return once(files, `${file}\0()${name}`, () => functionGives(files, file, name, steps))
}

function functionGives(files: PythonFiles, file: string, name: string, steps: number): Kind | undefined {
  const module = files.module(file)
  const head = module.functions.find((one) => one.name === name)
  if (!head || head.async) return undefined
  const annotated = head.gives === undefined ? undefined : firstOf(module.qualified(head.gives), kindOfCall)
  if (annotated !== undefined && annotated !== 'graph-builder') return annotated
  const returns = module.returns.filter(({ of }) => of === name)
  return firstOf(returns.toReversed(), ({ value }) => kindOf(files, file, value, steps + 1, name))
}

function kindOfName(files: PythonFiles, file: string, dotted: string, steps: number, of?: string): Kind | undefined {
  return once(files, `${file}\0${of ?? ''}\0${dotted}`, () => nameGives(files, file, dotted, steps, of))
}

function nameGives(files: PythonFiles, file: string, dotted: string, steps: number, of?: string): Kind | undefined {
  const place = definition(files, file, dotted)
  if (place === undefined || steps > maxSteps) return undefined
  const { assignments } = files.module(place.file)
  const inside = place.file === file && of !== undefined ? assignments.filter((one) => one.name === place.name && one.of === of) : []
  const found = inside.length > 0 ? inside : assignments.filter((one) => one.name === place.name && one.of === undefined)
  // what is put around itself, `app = Middleware(app)`, says least
  const selfless = found.filter(({ value }) => !namesIn(value).includes(place.name))
  const said = selfless.length > 0 ? selfless : found
  return firstOf(said.toReversed(), ({ value, of: where }) => kindOf(files, place.file, value, steps + 1, where))
}

const known = new WeakMap<PythonFiles, Map<string, Kind | undefined>>()

/** Each name is followed once; one that leads back to itself says nothing. */
function once(files: PythonFiles, key: string, find: () => Kind | undefined): Kind | undefined {
  const all = known.get(files) ?? new Map<string, Kind | undefined>()
  known.set(files, all)
  if (all.has(key)) return all.get(key)
  all.set(key, undefined)
  const kind = find()
  all.set(key, kind)
  return kind
}

/** The file and the name there that a name of a file stands for. */
export function definition(files: PythonFiles, file: string, dotted: string, steps = 0): { file: string; name: string } | undefined {
  const [first = '', ...rest] = dotted.split('.')
  const imported = files.module(file).imports.find(({ local }) => local === first)
  if (!imported) return rest.length === 0 ? (fromStar(files, file, first, steps) ?? { file, name: first }) : undefined
  const { module, level, name } = imported
  const path = name === undefined ? [...module.split('.'), ...rest] : [...module.split('.').filter(Boolean), name, ...rest]
  const last = path.at(-1)
  const target = last === undefined ? undefined : files.resolve(file, path.slice(0, -1).join('.'), level)
  if (target === undefined || target === file || last === undefined || steps > maxSteps) return undefined
  return definition(files, target, last, steps + 1)
}

/** `from .app import *` */
function fromStar(files: PythonFiles, file: string, name: string, steps: number): { file: string; name: string } | undefined {
  const module = files.module(file)
  if (steps > maxSteps || hasName(module, name)) return undefined
  return firstOf(module.imports, (one) => {
    const target = one.name === '*' ? files.resolve(file, one.module, one.level) : undefined
    return target !== undefined && target !== file && hasName(files.module(target), name) ? { file: target, name } : undefined
  })
}

function hasName({ assignments, functions, classes }: PythonModule, name: string): boolean {
  return assignments.some((one) => one.name === name && one.of === undefined) || [...functions, ...classes].some((one) => one.name === name)
}

export function firstOf<T, R>(list: readonly T[], get: (one: T) => R | undefined): R | undefined {
  for (const one of list) {
    const found = get(one)
    if (found !== undefined) return found
  }
  return undefined
}

const usualNames = ['app', 'application', 'api', 'server', 'asgi', 'wsgi']
const factoryNames = [
  'create_app',
  'make_app',
  'build_app',
  'get_app',
  'app_factory',
  'create_application',
  'create_api',
  'get_application',
]

interface Candidate extends AppObject {
  /** other names of the file that it holds: `outer.mount("/x", inner)`, `ASGIApp(sio, inner)` */
  readonly holds: readonly string[]
}

/** The application of a file, if it has one: an object at the top level of any name, else a factory without required arguments. */
export function appOf(files: PythonFiles, file: string): AppObject | undefined {
  const module = files.module(file)
  const objects = new Map<string, Candidate>()
  for (const { name, value, line, of } of module.assignments) {
    const brought = value.kind === 'name' ? firstOf(module.qualified(value.dotted), readyApp) : undefined
    const kind = of === undefined ? (brought ?? kindOf(files, file, value)) : undefined
    // `app = other.app` is a re-export, for which the other file speaks
    if (isApp(kind) && (brought || value.kind === 'call'))
      objects.set(name, { framework: kind, name, line, factory: false, holds: namesIn(value) })
  }
  const held = new Set([...[...objects.values()].flatMap(({ name, holds }) => holds.filter((one) => one !== name)), ...mounted(module)])
  const outer = [...objects.values()].filter(({ name }) => !held.has(name))
  const all = outer.length > 0 ? outer : [...objects.values()]
  const usual = firstOf(usualNames, (name) => all.find((object) => object.name === name))
  return usual ?? all.toSorted((a, b) => a.line - b.line)[0] ?? factoryOf(files, file)
}

function isApp(kind: Kind | undefined): kind is PythonFramework {
  return typeof kind === 'object'
}

function namesIn(value: Expression): readonly string[] {
  if (value.kind !== 'call') return []
  return [...value.args, ...value.keywords.values()].flatMap((one) => (one.kind === 'name' ? [one.dotted] : namesIn(one)))
}

function mounted(module: PythonModule): readonly string[] {
  return module.calls.flatMap(({ call: { callee, args, keywords }, of }) => {
    if (of !== undefined || callee.kind !== 'name' || !/\.mount$/.test(callee.dotted)) return []
    return [...args, ...keywords.values()].flatMap((one) => (one.kind === 'name' ? [one.dotted] : []))
  })
}

function factoryOf(files: PythonFiles, file: string): AppObject | undefined {
  const able = files.module(file).functions.filter(({ async, required }) => !async && required === 0)
  const named = factoryNames.flatMap((name) => able.filter((one) => one.name === name))
  return firstOf([...named, ...able.filter((one) => !named.includes(one))], ({ name, line }) => {
    const kind = kindOfFunction(files, file, name)
    return isApp(kind) ? { framework: kind, name, line, factory: true } : undefined
  })
}
