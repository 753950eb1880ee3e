import { Lines } from './python-lines.ts'
import type { Region } from './python-regions.ts'

/** A module or a command that a text names, or a file that is there for a package. */
export interface Mention {
  readonly kind: 'module' | 'command' | 'file'
  readonly name: string
  readonly file: string
  /** 1-based */
  readonly line: number
}

/** The modules that Django's settings name by their dotted path. */
export function settingsIn(text: string, file: string, regionAt: (offset: number) => Region): readonly Mention[] {
  if (!text.includes('INSTALLED_APPS') && !text.includes('MIDDLEWARE')) return []
  const lines = new Lines(text)
  const found: Mention[] = []
  for (const { index, 0: whole } of text.matchAll(setting)) {
    if (regionAt(index) === 'comment') continue
    for (const { index: at, 1: name } of whole.matchAll(dotted))
      if (regionAt(index + at) === 'string') found.push({ kind: 'module', name: name!, file, line: lines.at(index + at) })
    if (found.length > maxMentions) break
  }
  return found
}

const maxMentions = 500
/** Lists of applications and layers, and settings that name one class. */
const setting =
  /\b(?:INSTALLED_APPS|MIDDLEWARE|AUTHENTICATION_BACKENDS|[A-Z_]{1,40}_APPS)\s*\+?=\s*[[(][^\])]{0,20000}|["'](?:BACKEND|ENGINE|class|DEFAULT_\w{1,40}_CLASSES)["']\s*:\s*[[(]?[^\n]{0,200}|\b[A-Z_]{1,40}_(?:BACKEND|STORAGE|ENGINE)\s*=\s*["'][^\n]{0,200}/g
const dotted = /["']([a-z_]\w{0,60}(?:\.\w{1,60}){0,8})["']/g

/** The programs that a Procfile or a start script runs. */
export function commandsIn(text: string, file: string): readonly Mention[] {
  const found: Mention[] = []
  for (const [index, line] of text.split('\n', 500).entries()) {
    if (/^\s*#/.test(line)) continue
    for (const [name] of line.slice(0, 1000).matchAll(/(?<![\w./-])[a-z][\w-]{1,30}(?![\w./=-])/g))
      if (Object.hasOwn(commands, name)) found.push({ kind: 'command', name, file, line: index + 1 })
  }
  return found
}

/** Commands, and the packages that bring them. */
export const commands: Readonly<Record<string, string>> = {
  gunicorn: 'gunicorn',
  uvicorn: 'uvicorn[standard]',
  hypercorn: 'hypercorn',
  daphne: 'daphne',
  granian: 'granian',
  'waitress-serve': 'waitress',
  streamlit: 'streamlit',
  chainlit: 'chainlit',
  gradio: 'gradio',
  celery: 'celery',
  alembic: 'alembic',
  fastapi: 'fastapi[standard]',
  rq: 'rq',
  arq: 'arq',
  dramatiq: 'dramatiq',
}

/** Files at the top of a unit that one package alone reads, by a name of its own, when the program runs or is released. */
export const ownFiles: Readonly<Record<string, string>> = {
  'alembic.ini': 'alembic',
  'gunicorn.conf.py': 'gunicorn',
  'pcc-deploy.toml': 'pipecatcloud',
}
