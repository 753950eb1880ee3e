import type { Evidence, Notice } from '../detection.ts'
import type { Build } from '../project.ts'
import type { Tree } from '../tree.ts'
import type { Expression } from './expression.ts'
import { importLine, isCallOf } from './facts.ts'
import type { AppObject, PythonFramework } from './frameworks.ts'
import type { Assigned } from './module.ts'
import { requiredVariables } from './required.ts'
import type { PythonFiles } from './scans.ts'

/** A Django project: what serves it, and what has to be made before. */
export interface Django {
  /** the file with manage.py's settings: `shop/wsgi.py` */
  readonly file: string
  readonly module: string
  readonly importRoot: string
  readonly app: AppObject
  readonly evidence: Evidence
  readonly build?: Build
  readonly notices: readonly Notice[]
}

/** Row 5 of `detection.md` 2.3: manage.py, its settings, and the application that they name. */
export function djangoOf(tree: Tree, files: PythonFiles): Django | undefined {
  const manage = files.program.filter((file) => /(?:^|\/)manage\.py$/.test(file)).toSorted((a, b) => a.length - b.length)[0]
  if (manage === undefined || importLine(files.module(manage), 'django') === undefined) return undefined
  const root = manage.slice(0, -'manage.py'.length).replace(/\/$/, '')
  const settings = settingsOf(tree, files, manage, root)
  const server = serverOf(tree, files, settings, root)
  if (!server) return undefined
  const { name, protocol, file } = server
  const line = settings.line
  return {
    file,
    module: server.module,
    importRoot: root,
    app: { framework: frameworks[protocol], name, factory: false, line: 1 },
    evidence: {
      rule: 'python.start.django',
      file: manage,
      ...(line === undefined ? {} : { line }),
      says: `${manage} is a Django project, served by ${server.module}`,
    },
    ...staticFiles(files, settings, manage),
    notices: migrations(settings, manage),
  }
}

const frameworks: Readonly<Record<'asgi' | 'wsgi', PythonFramework>> = {
  asgi: { name: 'django', className: 'Django', protocol: 'asgi' },
  wsgi: { name: 'django', className: 'Django', protocol: 'wsgi' },
}

interface Settings {
  /** where manage.py names them */
  readonly line?: number
  readonly file?: string
  /** of the settings and of what they are based on, the strongest first */
  readonly assignments: readonly (Assigned & { readonly file: string })[]
}

function settingsOf(tree: Tree, files: PythonFiles, manage: string, root: string): Settings {
  const named = files
    .module(manage)
    .calls.find(
      ({ call }) => isCallOf(files.module(manage), call, ['os.environ.setdefault']) && textOf(call.args[0]) === 'DJANGO_SETTINGS_MODULE',
    )
  const module = textOf(named?.call.args[1])
  const file = module === undefined ? undefined : pathIn(tree, root, module)
  return {
    ...(named ? { line: named.line } : {}),
    ...(file === undefined ? {} : { file }),
    assignments: file === undefined ? [] : withBases(files, file),
  }
}

/** `from .base import *` brings what it has. */
function withBases(files: PythonFiles, first: string): Settings['assignments'] {
  const read = new Set([first])
  const found: (Assigned & { readonly file: string })[] = []
  for (const file of read) {
    const module = files.module(file)
    found.push(
      ...module.assignments
        .filter(({ of }) => of === undefined)
        .toReversed()
        .map((one) => ({ ...one, file })),
    )
    for (const { name, module: base, level } of module.imports) {
      const target = name === '*' && read.size < 10 ? files.resolve(file, base, level) : undefined
      if (target !== undefined) read.add(target)
    }
  }
  return found
}

function serverOf(
  tree: Tree,
  files: PythonFiles,
  settings: Settings,
  root: string,
): { module: string; name: string; protocol: 'asgi' | 'wsgi'; file: string } | undefined {
  const apps = settings.assignments.filter(({ name }) => name === 'INSTALLED_APPS').flatMap(({ value }) => texts(value))
  const asgi = apps.some((app) => app === 'channels' || app === 'daphne')
  for (const protocol of asgi ? (['asgi', 'wsgi'] as const) : (['wsgi', 'asgi'] as const)) {
    const said = textOf(settings.assignments.find(({ name }) => name === `${protocol.toUpperCase()}_APPLICATION`)?.value)
    const dot = said?.lastIndexOf('.') ?? -1
    const module = said !== undefined && dot > 0 ? said.slice(0, dot) : beside(files, settings, root, protocol)
    const file = module === undefined ? undefined : pathIn(tree, root, module)
    if (module !== undefined && file !== undefined)
      return { module, name: said !== undefined && dot > 0 ? said.slice(dot + 1) : 'application', protocol, file }
  }
  return undefined
}

/** The module `wsgi` beside the settings, else the only one below manage.py. */
function beside(files: PythonFiles, { file }: Settings, root: string, protocol: string): string | undefined {
  const base = root === '' ? '' : `${root}/`
  const all = files.program.filter((one) => one.startsWith(base) && one.endsWith(`/${protocol}.py`))
  const near = file === undefined ? undefined : all.find((one) => file.startsWith(one.slice(0, one.lastIndexOf('/') + 1)))
  const chosen = near ?? (all.length === 1 ? all[0] : undefined)
  return chosen?.slice(base.length, -3).replaceAll('/', '.')
}

function pathIn(tree: Tree, root: string, module: string): string | undefined {
  const path = [...(root === '' ? [] : [root]), ...module.split('.')].join('/')
  return [`${path}.py`, `${path}/__init__.py`].find((one) => tree.has(one))
}

/** Static files are collected while building, where the settings say where to; variables they insist on get a stand-in there. */
function staticFiles(files: PythonFiles, { assignments }: Settings, manage: string): { build?: Build } {
  const target = assignments.find(({ name }) => name === 'STATIC_ROOT')
  const apps = assignments.filter(({ name }) => name === 'INSTALLED_APPS').flatMap(({ value }) => texts(value))
  if (!target || (target.value.kind === 'name' && target.value.dotted === 'None') || !apps.includes('django.contrib.staticfiles')) return {}
  const needed = [...new Set(assignments.flatMap(({ value, file }) => requiredVariables(files, file, value)))].map(
    (name) => `${name}=only-while-building`,
  )
  return {
    build: {
      argv: [...(needed.length > 0 ? ['env', ...needed] : []), 'python', manage, 'collectstatic', '--noinput'],
      outputs: [],
      evidence: {
        rule: 'python.build.collectstatic',
        file: target.file,
        line: target.line,
        says: 'STATIC_ROOT is where static files are collected',
      },
    },
  }
}

function migrations({ assignments }: Settings, manage: string): Notice[] {
  const database = assignments.find(({ name }) => name === 'DATABASES')
  if (!database) return []
  const message = `The database is not migrated when the container starts: run \`python ${manage} migrate\` as a step of each release.`
  return [{ code: 'migrations_not_run', message, file: database.file, line: database.line }]
}

function textOf(value: Expression | undefined): string | undefined {
  return value?.kind === 'text' ? value.text : undefined
}

function texts(value: Expression): readonly string[] {
  return value.kind === 'list' ? value.items.flatMap((one) => (one.kind === 'text' ? [one.text] : [])) : []
}
