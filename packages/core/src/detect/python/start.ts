import { asArgument } from '../as-argument.ts'
import { BuildError, shown } from '../../failure/error.ts'
import type { Arg } from '../../plan/plan.ts'
import type { Notice } from '../detection.ts'
import type { Build, Server } from '../project.ts'
import type { Tree } from '../tree.ts'
import type { AppObject } from './frameworks.ts'
import type { Entry } from './entries.ts'
import { dottedPackage, modulePlace } from './module-place.ts'
import { scriptCommand } from './project-scripts.ts'
import type { PythonFiles } from './scans.ts'

export interface PythonStart {
  readonly argv: readonly Arg[]
  /** a directory that must be on the import path, relative to the unit */
  readonly importRoot?: string
  readonly server?: Server
  readonly env?: Readonly<Record<string, string>>
  readonly generated?: readonly { readonly path: string; readonly text: string }[]
  readonly build?: Build
}

/** How an entry is started, without a shell and without a development server. */
export function startOf(tree: Tree, files: PythonFiles, entry: Entry, port: number | null): PythonStart {
  const { file, app, script: command, django } = entry
  const listens = port ?? 8080
  if (command)
    return {
      argv: scriptCommand(command),
      ...rooted(command.importRoot),
      ...(entry.command?.env ? { env: entry.command.env(listens) } : {}),
    }
  const place = django ? { module: django.module, root: django.importRoot, inPackage: false } : modulePlace(tree, files, file)
  if (entry.command) return byCommand(entry.command, file, place, listens)
  if (!app) return script(file, place)
  const build = django?.build ? { build: django.build } : {}
  if (app.framework.own) return { ...rooted(place.root), argv: sanic(place.module, app, listens) }
  if (app.framework.protocol === 'wsgi')
    return { ...rooted(place.root), ...build, argv: gunicorn(place.module, app), server: server('gunicorn', file, app) }
  return { ...rooted(place.root), ...build, argv: uvicorn(place.module, app, listens), server: server('uvicorn', file, app) }
}

/**
 * What has a dot in its name cannot be loaded by name: a file by servers and workers, a directory by whoever imports relatively in it.
 * Throws `unsupported_project`.
 */
export function refuseDotted(files: PythonFiles, { file, script: command }: Entry, { argv }: PythonStart): void {
  const directory = command ? undefined : dottedPackage(files, file)
  if (directory !== undefined)
    throw new BuildError(
      'unsupported_project',
      `${shown(directory)} has a dot in its name, so that it is no package and the relative imports of ${shown(file)} cannot be found`,
      { hint: 'Rename it, or give the command in "start" of kiln.json.', data: { file, candidates: [] } },
    )
  const name = file.slice(file.lastIndexOf('/') + 1, -'.py'.length)
  if (!name.includes('.') || !argv.some((word) => typeof word === 'string' && word.includes(name) && !word.includes(file))) return
  const line = files.scan(file).mainGuard
  const config = { start: ['python', asArgument(file)] }
  const evidence = { rule: 'python.start.main', file, line: line ?? 1, says: 'if __name__ == "__main__"' }
  throw new BuildError('unsupported_project', `${shown(file)} has a dot in its name, so that no server can load it as a module`, {
    hint: 'Rename it, or give the command in "start" of kiln.json.',
    data: { file, candidates: line === undefined ? [] : [{ config, title: `run ${shown(file)} by itself`, evidence }] },
  })
}

function rooted(root: string | undefined): { importRoot?: string } {
  return root === undefined || root === '' ? {} : { importRoot: root }
}

interface Place {
  readonly root: string
  readonly module: string
  readonly inPackage: boolean
}

function byCommand(command: NonNullable<Entry['command']>, file: string, place: Place, port: number): PythonStart {
  const { argv: run, importRoot } = script(file, place)
  const argv = command.argv({ file: asArgument(file), module: place.module, port: portWord(port), script: run })
  // a file in the way of the command that is to run it (`ui/streamlit.py`) must not be found in its place
  const shadows = argv[1] === '-m' && argv[2] === place.module
  const named = argv.some((word) => typeof word === 'string' && word.includes(place.module)) && argv !== run && !shadows
  return {
    argv,
    ...rooted(command.importRoot ?? importRoot ?? (named ? place.root : '')),
    ...(command.env ? { env: command.env(port) } : {}),
    ...(command.generated ? { generated: command.generated } : {}),
    ...(command.server ? { server: command.server } : {}),
    ...(command.build ? { build: command.build(port) } : {}),
  }
}

function portWord(port: number): Arg {
  return { env: 'PORT', default: String(port) }
}

// One process: an orchestrator adds containers, and a program in memory stays whole.
function uvicorn(module: string, app: AppObject, port: number): readonly Arg[] {
  const address = ['--host', '0.0.0.0', '--port', portWord(port)]
  return ['python', '-m', 'uvicorn', `${module}:${app.name}`, ...(app.factory ? ['--factory'] : []), ...address]
}

// gunicorn binds to 0.0.0.0:$PORT by itself when PORT is set, which the image does. Threads and no time limit, because
// an agent waits for models far longer than gunicorn's 30 seconds.
function gunicorn(module: string, app: AppObject): readonly Arg[] {
  const target = app.factory ? `${module}:${app.name}()` : `${module}:${app.name}`
  return ['python', '-m', 'gunicorn', '--threads', '8', '--timeout', '0', target]
}

function sanic(module: string, app: AppObject, port: number): readonly Arg[] {
  const target = `${module}:${app.name}`
  return [
    'python',
    '-m',
    'sanic',
    target,
    ...(app.factory ? ['--factory'] : []),
    '--host',
    '0.0.0.0',
    '--port',
    portWord(port),
    '--single-process',
  ]
}

function server(name: 'uvicorn' | 'gunicorn', file: string, { framework, line }: AppObject): Server {
  const evidence = { rule: `python.server.${name}`, file, line, says: `${framework.className} needs a server to run in` }
  return { name, specifier: '', ...(name === 'uvicorn' && framework.serverBy ? { broughtBy: framework.serverBy } : {}), evidence }
}

/** `python file`, or `python -m module` where imports of the file only work that way. */
function script(file: string, place: Place): PythonStart {
  if (file.endsWith('/__main__.py')) return asModule(place.root, place.module.replace(/\.__main__$/, ''))
  return place.inPackage && file.includes('/') ? asModule(place.root, place.module) : { argv: ['python', asArgument(file)] }
}

function asModule(root: string, module: string): PythonStart {
  return { argv: ['python', '-m', module], ...(root === '' ? {} : { importRoot: root }) }
}

const serverNames =
  'run|serve|HTTPServer|ThreadingHTTPServer|TCPServer|make_server|run_app|run_simple|WSGIServer|Config|start_server|create_server|launch'
const servers = new RegExp(`(?:^|\\.)(?:${serverNames})$`)

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
