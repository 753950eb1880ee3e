import type { Notice } from '../detect/detection.ts'
import { readText, type Readable } from './files.ts'
import { pipLines, scriptBlockOf, type Declared } from './python-declared.ts'
import { databasesIn, usesIn, type Use } from './python-uses.ts'
import { lexImports, type PythonImport } from './python-lexer.ts'
import { commandsIn, ownFiles, settingsIn, type Mention } from './python-mentions.ts'
import { readNotebook } from './python-notebook.ts'
import { regionsOf } from './python-regions.ts'

/** What one file says of packages; nothing is looked up yet. */
export interface PythonFacts {
  readonly imports: readonly PythonImport[]
  readonly uses: readonly Use[]
  /** modules and commands that are named by a text */
  readonly mentions: readonly Mention[]
  readonly declared: readonly Declared[]
  readonly notices: readonly Notice[]
}

/** Reads one file of the program: a module, a notebook, or a script that lists its packages itself. */
export function readFacts(source: Readable, file: string): PythonFacts {
  const text = readText(source, file)
  if (file.endsWith('.ipynb')) return fromNotebook(text, file)
  const block = scriptBlockOf(text, file)
  if (block === undefined) return fromCode(text, file)
  return {
    imports: [],
    uses: [],
    mentions: [],
    declared: block.declared,
    notices: block.unread.slice(0, 1).map((line) => unread(file, line)),
  }
}

/** Reads a file that stands beside the program. */
export function readBeside(source: Readable, file: string): PythonFacts {
  const text = readText(source, file)
  const name = file.slice(file.lastIndexOf('/') + 1)
  if (/^Procfile$|\.sh$/.test(name)) return { ...nothing, mentions: commandsIn(text, file) }
  const mentions: readonly Mention[] = Object.hasOwn(ownFiles, name) ? [{ kind: 'file', name, file, line: 1 }] : []
  // one that is a module is read with the program
  return { ...nothing, mentions, uses: name.endsWith('.py') ? [] : databasesIn(text, file) }
}

const nothing: PythonFacts = { imports: [], uses: [], mentions: [], declared: [], notices: [] }

function fromCode(text: string, file: string): PythonFacts {
  const { imports, damaged } = lexImports(text, file)
  const regionAt = regionsOf(text)
  const mentions = settingsIn(text, file, regionAt)
  return {
    imports,
    // settings need not import what they are for
    uses: usesIn(text, file, mentions.length > 0 ? [...imports, django] : imports, regionAt),
    mentions,
    declared: [],
    notices: damaged === undefined ? [] : [damage(file, damaged)],
  }
}

const django = { module: 'django', level: 0 }

function fromNotebook(json: string, file: string): PythonFacts {
  const notebook = readNotebook(json)
  if (notebook === undefined) return nothing
  const { declared, unread: lines } = pipLines(notebook.commands, file)
  const { imports, uses, mentions } = fromCode(notebook.text, file)
  const place = <T extends { readonly line: number }>(one: T): T => ({ ...one, line: notebook.lineOf(one.line) })
  return {
    imports: imports.map(place),
    uses: uses.map(place),
    mentions: mentions.map(place),
    declared,
    notices: lines.slice(0, 1).map((line) => unread(file, line)),
  }
}

function damage(file: string, line: number): Notice {
  const message = 'a bracket here has no other half or a text no end, so the file is no valid Python, and imports in it may be missed'
  return { code: 'file_not_inferred', message, file, line }
}

function unread(file: string, line: number): Notice {
  return { code: 'manifest_not_read', message: 'a package from an address or a file is not taken over from here', file, line }
}
