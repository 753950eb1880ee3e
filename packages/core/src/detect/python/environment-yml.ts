import { BuildError, shown } from '../../failure/error.ts'
import type { Tree } from '../tree.ts'

/** A line of a conda environment, with its place. */
export interface EnvironmentItem {
  readonly text: string
  /** 1-based */
  readonly line: number
}

export interface CondaEnvironment {
  readonly file: string
  /** packages of conda */
  readonly conda: readonly EnvironmentItem[]
  /** what stands below `- pip:` */
  readonly pip: readonly EnvironmentItem[]
}

export const environmentFiles: readonly string[] = ['environment.yml', 'environment.yaml', 'conda.yml', 'conda.yaml']

/** Reads the `dependencies` of a conda environment: the small part of YAML that such files are written in. Throws `invalid_manifest`. */
export function readEnvironment(tree: Tree): CondaEnvironment | undefined {
  const file = environmentFiles.find((path) => tree.has(path))
  if (file === undefined) return undefined
  const conda: EnvironmentItem[] = []
  const pip: EnvironmentItem[] = []
  let inside = false
  let pipIndent: number | undefined
  for (const [at, whole] of tree.manifest(file).split(/\r?\n/).entries()) {
    const text = whole.replace(/(?:^|\s)#.*$/, '').trimEnd()
    const indent = text.length - text.trimStart().length
    if (text === '') continue
    if (indent === 0 && !text.startsWith('-')) {
      inside = /^dependencies\s*:\s*$/.test(text)
      continue
    }
    const item = inside ? /^\s*-\s+(\S.*)$/.exec(text)?.[1] : undefined
    if (item === undefined) {
      if (inside)
        throw new BuildError('invalid_manifest', `${file}:${at + 1}: ${shown(text.trim())} is no item of a list`, {
          data: { file, line: at + 1 },
        })
      continue
    }
    if (pipIndent !== undefined && indent <= pipIndent) pipIndent = undefined
    const bare = item.replace(/^(["'])(.*)\1$/, '$2').trim()
    if (/^pip\s*:$/.test(bare)) pipIndent = indent
    else (pipIndent === undefined ? conda : pip).push({ text: bare, line: at + 1 })
  }
  return { file, conda, pip }
}

/** `conda-forge::numpy=1.26=py311_0` as a name and the versions that pip knows. */
export function condaSpec(text: string): { readonly name: string; readonly specifier: string } | undefined {
  const found = /^(?:[\w./-]{1,100}::)?([A-Za-z0-9_][\w.-]{0,100})\s*(.*)$/.exec(text)
  if (!found) return undefined
  const specifier = condaVersion(found[2]!.trim())
  return specifier === undefined ? undefined : { name: found[1]!.toLowerCase(), specifier }
}

/** `=1.26` is any 1.26; `==1.26.4`, `>=1,<2`, `1.26.*`; a build string after it means nothing to pip. */
function condaVersion(text: string): string | undefined {
  if (text === '' || text === '*') return ''
  const exact = /^(==?)\s*([\w.!+]+?)(\.?\*)?(?:=[\w*.]+)?$/.exec(text)
  if (exact) return exact[1] === '==' && exact[3] === undefined ? `==${exact[2]}` : `==${exact[2]}.*`
  const bare = /^([\w.!+]+?)(\.\*)?(?:\s+[\w*]+)?$/.exec(text)
  if (bare) return `==${bare[1]}${bare[2] ?? ''}`
  const clauses = text.split(',').map((part) => part.trim().replaceAll(/\s+/g, ''))
  return clauses.every((part) => /^(?:>=|<=|!=|==|~=|>|<)[\w.!+*]+$/.test(part)) ? clauses.join(',') : undefined
}
