import { asArgument } from '../as-argument.ts'
import type { Arg } from '../../plan/plan.ts'
import type { Evidence, Finding, Notice } from '../detection.ts'
import type { Server } from '../project.ts'
import type { Tree } from '../tree.ts'
import type { AppObject } from './frameworks.ts'
import type { Entry } from './entries.ts'
import { scriptCommand } from './project-scripts.ts'
import type { PythonFiles } from './scans.ts'

export interface PythonStart {
  readonly argv: readonly Arg[]
  /** a directory that must be on the import path, relative to the unit */
  readonly importRoot?: string
  readonly server?: Server
}

/** How an entry is started, without a shell and without a development server. */
export function startOf(tree: Tree, files: PythonFiles, { file, app, script: command }: Entry, port: number): PythonStart {
  if (command) return { argv: scriptCommand(command), ...(command.importRoot === '' ? {} : { importRoot: command.importRoot }) }
  const place = modulePlace(tree, files, file)
  const root = place.root === '' ? {} : { importRoot: place.root }
  if (!app) return script(file, place)
  if (app.framework.protocol === 'wsgi') return { ...root, argv: gunicorn(place.module, app), server: gunicornServer(file, app) }
  return { ...root, argv: uvicorn(place.module, app, port), server: uvicornServer(file, app) }
}

// One process: an orchestrator adds containers, and a program in memory stays whole.
function uvicorn(module: string, app: AppObject, port: number): readonly Arg[] {
  const target = `${module}:${app.name}`
  const address = ['--host', '0.0.0.0', '--port', { env: 'PORT', default: String(port) }]
  return ['python', '-m', 'uvicorn', target, ...(app.factory ? ['--factory'] : []), ...address]
}

// gunicorn binds to 0.0.0.0:$PORT by itself when PORT is set, which the image does. Threads and no time limit, because
// an agent waits for models far longer than gunicorn's 30 seconds.
function gunicorn(module: string, app: AppObject): readonly Arg[] {
  const target = app.factory ? `${module}:${app.name}()` : `${module}:${app.name}`
  return ['python', '-m', 'gunicorn', '--threads', '8', '--timeout', '0', target]
}

function uvicornServer(file: string, app: AppObject): Server {
  const evidence = { rule: 'python.server.uvicorn', file, line: app.line, says: `${app.framework.className} needs a server to run in` }
  return { name: 'uvicorn', specifier: '', broughtBy: { name: 'fastapi', extras: ['standard', 'all'] }, evidence }
}

function gunicornServer(file: string, app: AppObject): Server {
  const evidence = { rule: 'python.server.gunicorn', file, line: app.line, says: `${app.framework.className} needs a server to run in` }
  return { name: 'gunicorn', specifier: '', evidence }
}

/** `python file`, or `python -m module` where imports of the file only work that way. */
function script(file: string, place: { root: string; module: string; inPackage: boolean }): PythonStart {
  if (file.endsWith('/__main__.py')) return asModule(place.root, place.module.replace(/\.__main__$/, ''))
  return place.inPackage && file.includes('/') ? asModule(place.root, place.module) : { argv: ['python', asArgument(file)] }
}

function asModule(root: string, module: string): PythonStart {
  return { argv: ['python', '-m', module], ...(root === '' ? {} : { importRoot: root }) }
}

/**
 * The module that a file is, and the directory it is found from: the unit's root, `src`, or its own directory, whichever
 * its own imports need.
 */
function modulePlace(tree: Tree, files: PythonFiles, file: string): { root: string; module: string; inPackage: boolean } {
  const parts = file.replace(/(?:\/__init__)?\.py$/, '').split('/')
  const directory = parts.slice(0, -1)
  const bare = { root: directory.join('/'), module: parts.at(-1)!, inPackage: false }
  if (directory.length === 0) return bare
  if (!parts.every((part) => /^[^\W\d]\w*$/u.test(part))) return bare
  const { imports } = files.scan(file)
  const own = new Set(imports.filter(({ level }) => level === 0).map(({ module }) => module.split('.')[0]!))
  const inSource = (base: readonly string[], name: string): boolean =>
    tree.has([...base, `${name}.py`].join('/')) || tree.files.some((path) => path.startsWith(`${[...base, name].join('/')}/`))
  const srcLayout = parts[0] === 'src' && parts.length > 1 && !tree.has('src/__init__.py') && !own.has('src')
  const roots = srcLayout ? [['src'], []] : [[]]
  const relative = imports.some(({ level }) => level > 0)
  const fromRoot = roots.some((root) => [...own].some((name) => inSource(root, name)))
  const besides = [...own].some((name) => inSource(directory, name) && !roots.some((root) => inSource(root, name)))
  if (besides && !relative) return bare
  const root = srcLayout ? 'src' : ''
  const isPackage = tree.has([...directory, '__init__.py'].join('/')) || file.endsWith('__init__.py')
  const module = parts.slice(srcLayout ? 1 : 0).join('.')
  return { root, module, inPackage: relative || fromRoot || isPackage }
}

/** The port that the code names, else 8080. */
export function portOf(files: PythonFiles, entry: Entry): Finding<number> {
  const standard = { value: 8080, evidence: { rule: 'port.default', says: 'nothing in the code names a port' } }
  for (const file of new Set([entry.file, ...files.program])) {
    const read = file === entry.file || (files.mentions(file, serverCall) && files.imported.has(file))
    const named = read ? portIn(files, file) : undefined
    if (named) return { value: named.port, evidence: named.evidence, lost: [standard], override: 'port' }
  }
  return { ...standard, lost: [], override: 'port' }
}

const serverNames =
  'run|serve|HTTPServer|ThreadingHTTPServer|TCPServer|make_server|run_app|run_simple|WSGIServer|Config|start_server|create_server'
const servers = new RegExp(`(?:^|\\.)(?:${serverNames})$`)
const serverCall = new RegExp(`(?:${serverNames})[ \\t]*\\(`)

function portIn(files: PythonFiles, file: string): { port: number; evidence: Evidence } | undefined {
  const { calls, assignments } = files.scan(file)
  for (const { callee, keywords, variables, args, line } of [...calls, ...assignments]) {
    if (!servers.test(callee)) continue
    const positional = typeof args[0] === 'string' ? args[1] : undefined
    const port = keywords['port'] ?? positional
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) continue
    const variable = variables['port']
    const says = variable === undefined ? `${callee}(…) listens on ${port}` : `${callee}(…) listens on ${variable}, else ${port}`
    return { port, evidence: { rule: 'python.port.call', file, line, says } }
  }
  return undefined
}

/** Notices about a program that starts itself: it must be reachable from outside its container. */
export function selfStartNotices(files: PythonFiles, file: string): readonly Notice[] {
  const { calls, assignments } = files.scan(file)
  const local = [...calls, ...assignments].find(
    ({ callee, keywords, args }) =>
      servers.test(callee) && [keywords['host'], args[0]].some((host) => host === '127.0.0.1' || host === 'localhost'),
  )
  if (!local) return []
  const message = `${local.callee}(…) listens on this machine only, so nothing reaches it from outside the container. Listen on 0.0.0.0.`
  return [{ code: 'binds_locally', message, file, line: local.line }]
}
