import { TomlError, parse } from 'smol-toml'
import { BuildError, shown } from '../../failure/error.ts'
import type { DeclaredDependency, Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { freePath } from '../managers/pip.ts'
import { tomlTexts } from '../places.ts'
import { listAt, tableAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import type { ManagerChoice } from './manager.ts'
import { declared } from './project-dependencies.ts'
import { parseRequirement } from './requirement.ts'

/** What a `# /// script` block (PEP 723) says of its file. */
export interface ScriptBlock {
  readonly file: string
  readonly table: Table
  /** 1-based, of the line that opens the block */
  readonly line: number
  /** the line of a key in the file */
  lineOf(key: string, value?: string): number
}

/** The block of a file; undefined without one. Throws `invalid_manifest`. Source: https://packaging.python.org/specifications/inline-script-metadata/ */
export function scriptBlock(tree: Tree, file: string): ScriptBlock | undefined {
  const lines = (tree.text(file) ?? '').split(/\r\n|\r|\n/)
  const open = lines.indexOf('# /// script')
  const body = open === -1 ? [] : lines.slice(open + 1)
  const length = body.findIndex((line) => line !== '#' && !line.startsWith('# '))
  const comments = length === -1 ? body : body.slice(0, length)
  const close = comments.lastIndexOf('# ///')
  if (close === -1) return undefined
  const text = comments
    .slice(0, close)
    .map((line) => line.slice(2))
    .join('\n')
  const places = tomlTexts(text, '')
  const lineOf = (key: string, value = ''): number => open + 1 + (places(key, value) ?? 0)
  return { file, table: readTable(file, text, open + 1), line: open + 1, lineOf }
}

function readTable(file: string, text: string, offset: number): Table {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const line = offset + cause.line
    throw new BuildError('invalid_manifest', `${shown(file)}:${line}: the script block is not valid TOML`, { data: { file, line }, cause })
  }
}

/** The packages that a block declares take the place of a manifest where there is none. */
export function withScriptBlock(tree: Tree, choice: ManagerChoice, block: ScriptBlock | undefined): ManagerChoice {
  if (!block) return choice
  const { file, line } = block
  const unread = (what: string): Notice => ({ code: 'manifest_not_read', message: `${what} of ${shown(file)} is not read.`, file, line })
  if (choice.install) return { ...choice, notices: [...choice.notices, unread('The script block')] }
  const sources = Object.keys(tableAt(block.table, 'tool', 'uv')).length > 0 ? [unread('[tool.uv] in the script block')] : []
  if (listAt(block.table, 'dependencies').length === 0) return { ...choice, notices: [...choice.notices, ...sources] }
  const install = pipFromBlock(tree, block)
  return { ...choice, install, notices: [...choice.notices, ...install.notices, ...sources] }
}

function pipFromBlock(tree: Tree, block: ScriptBlock): Install {
  const { file } = block
  const texts = listAt(block.table, 'dependencies').map((text) => (typeof text === 'string' ? text : ''))
  const dependencies = texts.map((text) => dependency(block, text))
  const path = freePath(tree)
  const place = { file, line: block.lineOf('dependencies') }
  const loose = dependencies.some(({ specifier }) => !/^===?[^*]+$/.test(specifier))
  const message = `The script block of ${shown(file)} does not fix all versions, so the same source may install others later.`
  return {
    manager: 'pip',
    evidence: { rule: 'python.manager.script-block', ...place, says: 'the script block lists the packages' },
    manifests: [path],
    generated: [{ path, text: texts.map((text) => `${text}\n`).join('') }],
    dependencies,
    git: texts.some((text) => text.includes('git+')),
    notices: loose ? [{ code: 'no_lock', message, ...place }] : [],
  }
}

function dependency(block: ScriptBlock, text: string): DeclaredDependency {
  const { file } = block
  const line = block.lineOf('dependencies', text === '' ? undefined : text)
  const requirement = /[\r\n]/.test(text) ? undefined : parseRequirement(text)
  if (!requirement)
    throw new BuildError('invalid_manifest', `${shown(file)}:${line}: "${shown(text)}" is not a requirement`, { data: { file, line } })
  const evidence: Evidence = { rule: 'python.dependency.script-block', file, line, says: shown(text, 200) }
  return declared(requirement, 'default', evidence)
}
