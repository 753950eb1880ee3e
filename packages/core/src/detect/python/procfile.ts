import { shown } from '../../failure/error.ts'
import type { Arg } from '../../plan/plan.ts'
import type { Notice } from '../detection.ts'
import type { Tree } from '../tree.ts'
import type { Command } from './command.ts'
import type { Server } from '../project.ts'
import type { Program } from './programs.ts'
import type { PythonFiles } from './scans.ts'
import { asPort } from './values.ts'

export interface Procfile {
  readonly program?: Program
  /** the file that it starts, where it names one of the source */
  readonly file?: string
  readonly notices: readonly Notice[]
}

const usual = 8080

/** Row 1 of `detection.md` 2.3: a Procfile, `web` before `worker` before the first. The image runs no shell, so what needs one is not used. */
export function procfileOf(tree: Tree, files: PythonFiles): Procfile {
  const lines = (tree.text('Procfile') ?? '').split(/\r?\n/).flatMap((text, at) => {
    const [, name] = /^([A-Za-z0-9_-]{1,64}):/.exec(text) ?? []
    const command = name === undefined ? '' : text.slice(name.length + 1).trim()
    return name === undefined || command === '' || name === 'release' ? [] : [{ name, command, line: at + 1 }]
  })
  const chosen = lines.find(({ name }) => name === 'web') ?? lines.find(({ name }) => name === 'worker') ?? lines[0]
  if (!chosen) return { notices: [] }
  const place = { file: 'Procfile', line: chosen.line }
  const program = read(chosen.command, chosen.name === 'web')
  if (!program) {
    const message = `${shown(chosen.name)} of the Procfile needs a shell, which the image does not run, so the program is found by itself.`
    return { notices: [{ code: 'procfile_not_used', message, ...place }] }
  }
  const skipped = program.skipped
    ? [
        {
          code: 'procfile_not_used',
          message: `Only the last command of ${shown(chosen.name)} starts; \`${shown(program.skipped)}\` does not run.`,
          ...place,
        },
      ]
    : []
  const evidence = {
    rule: 'python.start.procfile',
    ...place,
    says: `${shown(chosen.name)} of the Procfile is ${shown(chosen.command, 200)}`,
  }
  const server = serverOf(program.words, evidence)
  const file = fileOf(tree, files, program.words)
  return {
    program: { command: { ...program.command, ...(server ? { server } : {}) }, evidence },
    ...(file === undefined ? {} : { file }),
    notices: skipped,
  }
}

function serverOf(words: readonly string[], evidence: Server['evidence']): Server | undefined {
  const name = words[1] === '-m' && /^(?:gunicorn|uvicorn|hypercorn|daphne|granian|waitress)$/.test(words[2] ?? '') ? words[2]! : undefined
  return name === undefined ? undefined : { name, specifier: '', evidence: { ...evidence, rule: `python.server.${name}` } }
}

/** `python app.py`, `gunicorn app.main:app`. */
function fileOf(tree: Tree, files: PythonFiles, words: readonly string[]): string | undefined {
  for (const word of words.slice(1)) {
    if (word.endsWith('.py') && tree.has(word)) return word
    const module = /^([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(?:\(.*\))?$/.exec(word)?.[1]
    const file = module === undefined ? undefined : files.resolve('Procfile', module, 0)
    if (file !== undefined) return file
  }
  const module = words[1] === '-m' ? words[2] : undefined
  return module === undefined ? undefined : (files.resolve('Procfile', `${module}.__main__`, 0) ?? files.resolve('Procfile', module, 0))
}

function read(
  text: string,
  web: boolean,
): { readonly command: Command; readonly words: readonly string[]; readonly skipped?: string } | undefined {
  // `migrate && serve`: the last one is the program
  const parts = text.split('&&').map((part) => part.trim())
  const words = wordsOf(parts.at(-1)!)
  if (!words) return undefined
  const env = words.slice(
    0,
    Math.max(
      0,
      words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word)),
    ),
  )
  const bare = words.slice(env.length).filter((word, at) => !(at === 0 && word === 'exec'))
  const argv = runtimeWords(bare)
  if (!argv) return undefined
  const port = web ? (portIn(bare) ?? usual) : null
  const skipped = parts.slice(0, -1).join(' && ')
  const command: Command = {
    port,
    argv: (place) => argv.map((word) => withPort(word, place.port)),
    env: () => Object.fromEntries(env.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])),
  }
  return { command, words: argv, ...(skipped === '' ? {} : { skipped }) }
}

/** The words of a simple command; undefined where a shell would do more than split and put in the port. */
function wordsOf(text: string): readonly string[] | undefined {
  const words: string[] = []
  const pattern = /\s*((?:"[^"\\`]*"|'[^']*'|[^\s"'\\|&;<>()`*?[\]{}~#]|\$\{PORT(?::-\d{1,5})?\})+)(?=\s|$)/y
  for (pattern.lastIndex = 0; pattern.lastIndex < text.trimEnd().length;) {
    const found = pattern.exec(text)
    if (!found) return undefined
    const bare = found[1]!.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? '')
    if (bare.replaceAll(/\$PORT\b|\$\{PORT(?::-\d{1,5})?\}/g, '').includes('$')) return undefined
    words.push(bare)
  }
  return words
}

const runners: Readonly<Record<string, number>> = { uv: 2, poetry: 2, pipenv: 2, pdm: 2 }
/** Console scripts of packages that Python can run as a module as well. */
const modules = new Set(
  'gunicorn uvicorn hypercorn daphne granian waitress streamlit chainlit celery flask fastapi django sanic dramatiq arq taskiq faststream panel marimo reflex pipecat'.split(
    ' ',
  ),
)

/** The first word is the runtime: neither a shell nor a package manager starts the program. */
function runtimeWords(words: readonly string[]): readonly string[] | undefined {
  const [first = '', second = ''] = words
  const skip = Object.hasOwn(runners, first) && second === 'run' ? runners[first]! : 0
  const [program = '', ...rest] = words.slice(skip)
  if (/^(?:ba|da|z)?sh$/.test(program) || program === '' || Object.hasOwn(runners, program)) return undefined
  if (/^python(?:3(?:\.\d+)?)?$/.test(program)) return ['python', ...rest]
  if (modules.has(program)) return ['python', '-m', program, ...rest]
  return /^[\w.-]+$/.test(program) ? [program, ...rest] : undefined
}

const portPlaces = [/^(?:--port=|--server\.port=|(?:--bind=|-b)?[\w.]*:)(\d{2,5})$/, /^\S*\$\{PORT:-(\d{1,5})\}$/]

function portIn(words: readonly string[]): number | undefined {
  for (const [at, word] of words.entries()) {
    const option = /^(?:-p|--port|--server\.port)$/.test(words[at - 1] ?? '') && /^\d+$/.test(word) ? word : undefined
    const port = asPort(option ?? portPlaces.map((place) => place.exec(word)?.[1]).find((said) => said !== undefined))
    if (port !== undefined) return port
  }
  return undefined
}

function withPort(word: string, port: Arg): Arg {
  if (/^\$PORT$|^\$\{PORT(?::-\d+)?\}$/.test(word)) return port
  const number = typeof port === 'string' ? port : port.default
  return word.replaceAll(/\$PORT\b|\$\{PORT(?::-\d+)?\}/g, number)
}
