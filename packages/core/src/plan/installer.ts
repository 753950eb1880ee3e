import type { Detected } from '../detect/detect.ts'
import type { Evidence, Finding } from '../detect/detection.ts'
import type { Install } from '../detect/install.ts'
import { logicalLines, type LogicalLine } from '../detect/python/requirements-file.ts'
import { lineOf } from '../detect/python/version.ts'
import type { Tree } from '../detect/tree.ts'
import { BuildError, shown } from '../failure/error.ts'
import type { Config } from './config.ts'

type Installer = 'uv' | 'pip'

/**
 * What installs a list that is made for pip: uv, which finds in seconds the versions that pip may look for for many minutes, unless
 * something means another thing to it than to pip. undefined: no such list. Throws `invalid_config`.
 */
export function installerOf({ project, tree }: Detected, install: Install | undefined, config: Config): Finding<Installer> | undefined {
  if (install === undefined) return undefined
  if (!pipsOwn.has(install.installer ?? install.manager)) return refused(install, config)
  const because = pipsReason(tree, install) ?? otherBase(project.base, config) ?? tooOld(project.runtime.version.value)
  const evidence = because ?? { rule: 'python.installer.uv', says: 'the list says nothing that uv does otherwise than pip' }
  const found: Finding<Installer> = { value: because ? 'pip' : 'uv', evidence, lost: [], override: 'installer' }
  if (config.installer === undefined) return found
  return {
    ...found,
    value: config.installer,
    evidence: { rule: 'config.installer', says: 'the configuration names it' },
    lost: config.installer === found.value ? [] : [found],
  }
}

const pipsOwn = new Set<string>(['pip', 'pdm', 'pipenv', 'conda'] satisfies Install['manager'][])

function refused({ manager }: Install, { installer }: Config): undefined {
  if (installer === undefined) return undefined
  throw new BuildError('invalid_config', `"installer" is ${installer}, but the packages are installed by ${manager}`, {
    hint: 'Leave it out: it is for lists that are made for pip.',
    data: { field: 'installer' },
  })
}

function pipsReason(tree: Tree, install: Install): Evidence | undefined {
  if (install.wholeSource) return { ...install.wholeSource, rule: 'python.installer.local', says: 'a directory of the source is installed' }
  return lineOfPip(tree, install)
}

/** The first line of the list, or of what it includes, that pip alone reads as it is meant. */
function lineOfPip(tree: Tree, { manifests, generated }: Install): Evidence | undefined {
  for (const path of manifests) {
    const own = generated.find((one) => one.path === path)
    const found = logicalLines(own?.text ?? tree.text(path) ?? '').find(isForPip)
    if (!found) continue
    const place = own ? {} : { file: path, line: found.line }
    return { rule: 'python.installer.line', ...place, says: shown(found.text, 200) }
  }
  return undefined
}

// includes and constraints of the source are the same for both; options of uv have other names, or mean something else
const include = /^(?:-r|--requirement|-c|--constraint)(?:\s+|=)(?!\s|["']?[a-z]+:\/\/)/i
/** hashes (pip then takes nothing without) and other options of one package; `>=1.*` */
const unlike = /\s--[a-z]|[<>~]=?\s*[\w.!]+\.\*/i
const address = /^(?:[\w.-]+\s*(?:\[[^\]]*\]\s*)?@\s*)?((?:[a-z]+:|[a-z]+\+)\S+)/i
/** uv knows git alone, and what a file is by its name alone */
const known = /^(?:git\+(?:https?|ssh|file):|https?:[^?#]+\.(?:whl|zip|tar\.gz)(?:[?#]|$))/

/** uv reads no line that goes on in the next (https://github.com/astral-sh/uv/issues/20744). */
function isForPip({ text, joined }: LogicalLine): boolean {
  if (joined) return true
  if (text.startsWith('-')) return !include.test(text)
  const from = address.exec(text)?.[1]
  return unlike.test(text) || (from !== undefined && !known.test(from))
}

/** Its pip.conf and its variables are pip's, and where its packages lie only pip knows. */
function otherBase(base: Detected['project']['base'], config: Config): Evidence | undefined {
  const other = config.base === undefined ? base !== undefined : 'image' in config.base
  return other ? { rule: 'python.installer.base', says: 'the base image may have settings of pip' } : undefined
}

function tooOld(version: string): Evidence | undefined {
  const [major = 0, minor = 0] = lineOf(version).split('.').map(Number)
  return major === 3 && minor < 8 ? { rule: 'python.installer.version', says: 'uv needs Python 3.8' } : undefined
}
