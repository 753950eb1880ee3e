import type { PythonScan } from '../../infer/python-lexer.ts'

/** A web framework whose program is an object that a server calls. */
export interface PythonFramework {
  readonly name: string
  /** modules its class is imported from */
  readonly modules: readonly string[]
  readonly className: string
  readonly protocol: 'asgi' | 'wsgi'
}

/** One line each; the rest of the rules follows from the protocol. */
const pythonFrameworks: readonly PythonFramework[] = [
  { name: 'fastapi', modules: ['fastapi', 'fastapi.applications'], className: 'FastAPI', protocol: 'asgi' },
  { name: 'flask', modules: ['flask', 'flask.app'], className: 'Flask', protocol: 'wsgi' },
]

/** A word that every file has which imports a framework. */
export const frameworkWord: RegExp = new RegExp(
  pythonFrameworks.flatMap(({ modules }) => modules.map((module) => module.split('.', 1)[0])).join('|'),
)

/** An application object, or the function that makes it. */
export interface AppObject {
  readonly framework: PythonFramework
  readonly name: string
  readonly factory: boolean
  /** 1-based */
  readonly line: number
}

const usualNames = ['app', 'application', 'api', 'server']
const factoryNames = ['create_app', 'make_app', 'build_app', 'get_app', 'app_factory', 'create_application', 'create_api']

/** The application of a file, if it has one: an object at the top level of any name, else a factory without required arguments. */
export function appOf(scan: PythonScan, text: string): AppObject | undefined {
  const objects = pythonFrameworks.flatMap((framework) =>
    scan.assignments
      .filter(({ callee }) => isClass(scan, framework, callee))
      .map(({ name, line }) => ({ framework, name, line, factory: false })),
  )
  const usual = usualNames.map((name) => objects.find((object) => object.name === name)).find((object) => object !== undefined)
  return usual ?? objects.toSorted((a, b) => a.line - b.line)[0] ?? factoryOf(scan, text)
}

function factoryOf(scan: PythonScan, text: string): AppObject | undefined {
  const framework = pythonFrameworks.find((one) =>
    scan.imports.some(({ module, names }) => one.modules.includes(module) && (names.includes(one.className) || names.length === 0)),
  )
  if (!framework) return undefined
  const lines = text.split('\n')
  const found = factoryNames
    .flatMap((name) => scan.functions.filter((one) => one.name === name && !one.async))
    .find(({ name, line }) => needsNothing(lines.slice(line - 1, line + 20).join('\n'), name))
  return found && { framework, name: found.name, line: found.line, factory: true }
}

function isClass(scan: PythonScan, { modules, className }: PythonFramework, callee: string): boolean {
  if (callee === className)
    return scan.imports.some(({ module, names }) => modules.includes(module) && (names.includes(className) || names.includes('*')))
  const module = callee.slice(0, -className.length - 1)
  return (
    callee.endsWith(`.${className}`) &&
    modules.includes(module) &&
    scan.imports.some((one) => one.names.length === 0 && one.module === module)
  )
}

// `()`, `(config=None)`, `(*, debug: bool = False)`: everything has a default. The text is cut at the end of the head.
function needsNothing(text: string, name: string): boolean {
  const head = new RegExp(`def\\s+${name}\\s*\\(([^()]*(?:\\([^()]*\\)[^()]*)*)\\)`).exec(text)?.[1]
  if (head === undefined) return false
  const bare = head.replaceAll(/#.*$/gm, '').replaceAll(/[[(][^\])]*[\])]/g, '')
  return bare.split(',').every((part) => part.trim() === '' || part.includes('=') || /^\s*[*/]/.test(part))
}
