import { shown } from '../../failure/error.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { withoutQuotes, type QuotedLine } from '../python/quoted-line.ts'
import { readRequirements, readRequirementsText, type RequirementLine, type Requirements } from '../python/requirements-file.ts'
import { localDependencies } from '../python/local-dependencies.ts'
import { declared, projectGroups } from '../python/project-dependencies.ts'
import { indexOptions, withSources } from '../python/uv-sources.ts'
import { tomlLine } from '../places.ts'
import { listAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

/** Where people keep what pip installs, best first. */
export const requirementFiles: readonly string[] = [
  'requirements.frozen.txt',
  'requirements.lock',
  'requirements.txt',
  'requirements.in',
  'requirements/prod.txt',
  'requirements/production.txt',
  'requirements/base.txt',
]

/** pip from a requirements file of the source. */
export function pipFromFile(tree: Tree, path: string): Install {
  const read = readRequirements(tree, path)
  const evidence: Evidence = { rule: 'python.manager.requirements', file: path, line: 1, says: `${path} lists the packages` }
  if (read.quoted.length === 0) return ofRequirements(tree, read, evidence, { manifests: read.files, generated: [] })
  const [first, ...others] = read.quoted
  return mended(tree, read, { ...evidence, says: `${evidence.says}; ${linesOf(first!, others)} without the quotes` })
}

/** A list that no tool takes as it is: one without the quotes, beside it, so that what it includes is found. */
function mended(tree: Tree, read: Requirements, evidence: Evidence): Install {
  const [own = '', ...included] = read.files
  const path = freeBeside(tree, own)
  const text = withoutQuotes(tree.manifest(own), read.quoted)
  const install = ofRequirements(tree, read, evidence, { manifests: [path, ...included], generated: [{ path, text }] })
  return { ...install, notices: [...install.notices, { ...quotedNotice(read.quoted), file: own, line: read.quoted[0]!.line }] }
}

function quotedNotice([first, ...others]: readonly QuotedLine[]): Notice {
  const { bare, text } = first!
  const more = others.length > 0 ? ` So are ${others.length} more lines.` : ''
  const message = `${shown(text)} stands between quotes, which pip and uv refuse; it is read without them.${more} Write ${shown(bare)}.`
  return { code: 'quoted_requirement', message }
}

function linesOf(first: QuotedLine, others: readonly QuotedLine[]): string {
  return others.length === 0 ? `line ${first.line}` : `line ${first.line} and ${others.length} more`
}

/** pip from a text of the Config, in place of what the source declares. */
export function pipFromText(tree: Tree, text: string): Install {
  const path = freePath(tree)
  const read = readRequirementsText(tree, text, path)
  const evidence: Evidence = { rule: 'config.requirements', says: 'the configuration gives the requirements' }
  const replaced = requirementFiles.find((file) => tree.has(file))
  const generated = [{ path, text: withoutQuotes(text, read.quoted) }]
  const install = ofRequirements(tree, read, evidence, { manifests: [path, ...read.files], generated })
  const notices = [...install.notices, ...(read.quoted.length > 0 ? [quotedNotice(read.quoted)] : [])]
  if (replaced === undefined) return { ...install, notices }
  const notice = {
    code: 'requirements_replaced',
    message: `The requirements of the configuration take the place of ${replaced}.`,
    file: replaced,
  }
  return { ...install, notices: [...notices, notice] }
}

/** pip from `[project]` of a pyproject.toml that has no lock. */
export function pipFromProject(tree: Tree, pyproject: Table): Install {
  const texts = listAt(pyproject, 'project', 'dependencies').filter((text) => typeof text === 'string')
  const lines = withSources(pyproject, texts)
  const path = freePath(tree)
  const evidence = projectEvidence(tree, 'python.manager.project', '[project] lists the packages')
  return {
    manager: 'pip',
    evidence,
    manifests: [path],
    generated: [{ path, text: [...indexOptions(pyproject), ...lines.map(({ line }) => line)].map((text) => `${text}\n`).join('') }],
    dependencies: projectGroups(tree, pyproject),
    git: lines.some(({ line }) => line.includes('git+')),
    ...(lines.some(({ local }) => local)
      ? {
          wholeSource: { rule: 'python.manager.local-source', file: 'pyproject.toml', says: 'a package of the source itself is installed' },
        }
      : {}),
    notices: [
      {
        code: 'no_lock',
        message: 'No lock file: the same source may install other versions later. `uv lock` makes one.',
        file: 'pyproject.toml',
      },
    ],
  }
}

/** The name for a requirements file that Kiln writes: the usual one, unless the source has it. */
export function freePath(tree: Tree): string {
  return tree.taken('requirements.txt') ? freeBeside(tree, 'requirements.txt') : 'requirements.txt'
}

/** The first name beside a list that nothing of the source has: `requirements.kiln.txt`, `requirements.kiln2.txt`, … */
export function freeBeside(tree: Tree, list: string): string {
  for (let number = 1; ; number++) {
    const path = list.replace(/(?=\.\w+$|$)/, `.kiln${number === 1 ? '' : number}`)
    if (!tree.taken(path)) return path
  }
}

function projectEvidence(tree: Tree, rule: string, says: string): Evidence {
  const line = tomlLine(tree.manifest('pyproject.toml'), 'project', 'dependencies')
  return { rule, file: 'pyproject.toml', ...(line ? { line } : {}), says }
}

function ofRequirements(tree: Tree, read: Requirements, evidence: Evidence, files: Pick<Install, 'manifests' | 'generated'>): Install {
  const local = read.lines.find((line) => line.local)
  const { dependencies, notices } = dependenciesOf(tree, read)
  return {
    manager: 'pip',
    evidence,
    ...files,
    dependencies,
    git: read.lines.some((line) => line.git),
    ...(local ? { wholeSource: lineEvidence(local) } : {}),
    notices,
  }
}

// The project of a directory (`-e .`) brings what it declares; a name that the file itself has counts as there.
function dependenciesOf(tree: Tree, { lines }: Requirements): Pick<Install, 'dependencies' | 'notices'> {
  const own = lines.flatMap((line) => (line.requirement ? [declared(line.requirement, 'default', lineEvidence(line))] : []))
  const local = lines.flatMap(({ directory }) => (directory ? [localDependencies(tree, directory.path, directory.extras)] : []))
  const brought = local.flatMap(({ dependencies }) => dependencies)
  return {
    dependencies: [...own, ...brought.filter((one, at) => ![...own, ...brought.slice(0, at)].some(({ name }) => name === one.name))],
    notices: local.flatMap(({ notices }) => notices),
  }
}

function lineEvidence(line: RequirementLine): Evidence {
  return { rule: 'python.dependency.requirements', file: line.file, line: line.line, says: line.text.slice(0, 200) }
}
