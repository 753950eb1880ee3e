import type { Arg } from '../../plan/plan.ts'
import { asScript, importing, type Command, type CommandPlace } from './command.ts'
import type { PythonFrameworkName } from './framework-names.ts'
import { callOf, decoratedBy, importLine, isDefined, madeBy, methodCall } from './facts.ts'
import { kindOf } from './kinds.ts'
import type { PythonModule } from './module.ts'
import type { Recognised } from './programs.ts'
import type { PythonFiles } from './scans.ts'

/** Rows 8 to 10 of `detection.md` 2.3: frameworks for people's interfaces, and servers that start themselves. */
export function interfaceOf(files: PythonFiles, file: string): Recognised | undefined {
  const module = files.module(file)
  for (const rule of [gradio, streamlit, chainlit, marimo, panel, mesop, nicegui, dash, aiohttp, tornado, robyn]) {
    const found = rule(module, files, file)
    if (found) return found
  }
  return undefined
}

type Rule = (module: PythonModule, files: PythonFiles, file: string) => Recognised | undefined

const everywhere = '0.0.0.0'

/** The variables decide where the code says nothing. */
const gradioEnv = (port: number): Record<string, string> => ({ GRADIO_SERVER_NAME: everywhere, GRADIO_SERVER_PORT: String(port) })

const gradio: Rule = (module, files, file) => {
  const from =
    importLine(module, 'gradio') ??
    (callOf(module, 'smolagents.GradioUI') || madeBy(module, 'smolagents.GradioUI') || importLine(module, 'smolagents'))
  if (from === undefined) return undefined
  const launched = methodCall(module, 'launch')
  const common = { framework: 'gradio', port: 7860, codePort: true, env: gradioEnv } as const
  if (launched) return { command: { ...common, argv: asScript }, line: launched.line, says: 'launches a gradio interface' }
  const object = module.assignments.find(({ value, of }) => of === undefined && kindOf(files, file, value) === 'gradio')
  if (!object || files.imported.has(file)) return undefined
  const argv = (place: CommandPlace): readonly Arg[] => ['python', '-c', `${importing(place, object.name)}; ${object.name}.launch()`]
  return { command: { ...common, argv }, line: object.line, says: `${object.name} is a gradio interface` }
}

const streamlit: Rule = (module, files, file) => {
  const line = importLine(module, 'streamlit')
  // pages are found by their main file, and helpers are imported
  if (line === undefined || /(?:^|\/)pages\//.test(file) || files.imported.has(file)) return undefined
  return {
    command: {
      framework: 'streamlit',
      port: 8501,
      argv: (place) => [
        ...['python', '-m', 'streamlit', 'run', place.file, '--server.port', place.port, '--server.address', everywhere],
        ...['--server.headless', 'true'],
      ],
      env: () => ({ STREAMLIT_BROWSER_GATHER_USAGE_STATS: 'false' }),
    },
    line,
    says: 'imports streamlit',
  }
}

const chainlit: Rule = (module, files, file) => {
  const line = decoratedBy(module, 'chainlit.on_message', 'chainlit.on_chat_start', 'chainlit.on_audio_chunk')
  if (line === undefined || files.imported.has(file)) return undefined
  return {
    command: {
      framework: 'chainlit',
      port: 8000,
      argv: (place) => ['python', '-m', 'chainlit', 'run', place.file, '--headless', '--host', everywhere, '--port', place.port],
    },
    line,
    says: 'answers chainlit messages',
  }
}

const marimo: Rule = (module) => {
  const app = madeBy(module, 'marimo.App')
  if (!app) return undefined
  return {
    command: {
      framework: 'marimo',
      port: 2718,
      argv: (place) => ['python', '-m', 'marimo', 'run', place.file, '--headless', '--host', everywhere, '--port', place.port],
    },
    line: app.line,
    says: `${app.name} = marimo.App(...)`,
  }
}

const panel: Rule = (module) => {
  if (importLine(module, 'panel') === undefined) return undefined
  const served = callOf(module, 'panel.serve', 'panel.io.server.serve')
  if (served) return { command: ownServer('panel', 5006), line: served.line, says: 'calls panel.serve' }
  const shown = methodCall(module, 'servable')
  if (!shown) return undefined
  return {
    command: {
      framework: 'panel',
      port: 5006,
      argv: (place) => [
        ...['python', '-m', 'panel', 'serve', place.file, '--address', everywhere, '--port', place.port],
        ...['--allow-websocket-origin', '*'],
      ],
    },
    line: shown.line,
    says: 'has a servable panel',
  }
}

const mesop: Rule = (module) => {
  const line = decoratedBy(module, 'mesop.page')
  const alias = module.imports.find((one) => one.module === 'mesop' && one.name === undefined)?.local
  if (line === undefined || alias === undefined) return undefined
  return {
    command: {
      framework: 'mesop',
      port: 32_123,
      // the package itself is the application, once the pages are imported
      argv: (place) => ['python', '-m', 'gunicorn', '--threads', '8', '--timeout', '0', `${place.module}:${alias}`],
    },
    line,
    says: 'has mesop pages',
  }
}

const nicegui: Rule = (module) => recognised(callOf(module, 'nicegui.ui.run'), ownServer('nicegui', 8080), 'calls ui.run')

const dash: Rule = (module) => {
  const app = madeBy(module, 'dash.Dash', 'dash.dash.Dash')
  if (!app) return undefined
  const server = module.assignments.find(
    ({ value, of }) => of === undefined && value.kind === 'name' && value.dotted === `${app.name}.server`,
  )
  if (server) {
    const argv = (place: CommandPlace): readonly Arg[] => [
      'python',
      '-m',
      'gunicorn',
      '--threads',
      '8',
      '--timeout',
      '0',
      `${place.module}:${server.name}`,
    ]
    return {
      command: { framework: 'dash', port: 8050, argv },
      line: server.line,
      says: `${server.name} is the server of a Dash application`,
    }
  }
  const env = (port: number): Record<string, string> => ({ HOST: everywhere, PORT: String(port) })
  return recognised(methodCall(module, 'run', 'run_server'), { ...ownServer('dash', 8050), env }, 'runs a Dash application')
}

const aiohttp: Rule = (module) => {
  const run = callOf(module, 'aiohttp.web.run_app')
  if (run) return { command: ownServer('aiohttp', 8080), line: run.line, says: 'calls web.run_app' }
  const app = module.assignments.find(({ value, of, name }) => of === undefined && name !== '' && isApplication(module, value))
  if (!app) return undefined
  const argv = (place: CommandPlace): readonly Arg[] => [
    'python',
    '-c',
    `from aiohttp import web; ${importing(place, app.name)}; web.run_app(${app.name})`,
  ]
  return { command: { framework: 'aiohttp', port: 8080, argv }, line: app.line, says: `${app.name} = web.Application(...)` }
}

function isApplication(module: PythonModule, value: PythonModule['assignments'][number]['value']): boolean {
  return value.kind === 'call' && value.callee.kind === 'name' && module.qualified(value.callee.dotted).includes('aiohttp.web.Application')
}

const tornado: Rule = (module) =>
  importLine(module, 'tornado') === undefined
    ? undefined
    : recognised(methodCall(module, 'listen', 'bind'), ownServer('tornado', 8888), 'listens with tornado')

const robyn: Rule = (module) => {
  const app = madeBy(module, 'robyn.Robyn')
  return app && isDefined(module, app.name)
    ? {
        command: { ...ownServer('robyn', 8080), env: (port) => ({ ROBYN_HOST: everywhere, ROBYN_PORT: String(port) }) },
        line: app.line,
        says: `${app.name} = Robyn(...)`,
      }
    : undefined
}

/** A program that listens by itself, where its code says. */
function ownServer(framework: PythonFrameworkName, port: number): Command {
  return { framework, port, codePort: true, argv: asScript }
}

function recognised(call: { readonly line: number } | undefined, command: Command, says: string): Recognised | undefined {
  return call && { command, line: call.line, says }
}
