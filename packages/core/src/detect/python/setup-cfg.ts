import type { Tree } from '../tree.ts'
import { parseRequirement, type Requirement } from './requirement.ts'

export interface SetupConfig {
  readonly requirements: readonly { readonly requirement: Requirement; readonly text: string; readonly line: number }[]
  /** the line of something that only setuptools could read: `file:`, `attr:`, or no requirement */
  readonly odd?: number
  readonly pythonRequires?: { readonly text: string; readonly line: number }
}

/** `[options]` of a setup.cfg: what is installed, with the named extras. Source: https://setuptools.pypa.io/en/latest/userguide/declarative_config.html */
export function readSetupConfig(tree: Tree, file: string, extras: readonly string[] = []): SetupConfig {
  const values = sections(tree.text(file) ?? '')
  const wanted = [
    values.get('options')?.get('install_requires'),
    ...extras.map((extra) => values.get('options.extras_require')?.get(extra)),
  ]
  const lines = wanted.flatMap((one) => one ?? [])
  const read = lines.map(({ text, line }) => ({ text, line, requirement: parseRequirement(text) }))
  const odd = read.find(({ requirement }) => requirement === undefined)
  const python = values.get('options')?.get('python_requires')?.[0]
  return {
    requirements: read.flatMap(({ requirement, ...place }) => (requirement ? [{ ...place, requirement }] : [])),
    ...(odd ? { odd: odd.line } : {}),
    ...(python ? { pythonRequires: python } : {}),
  }
}

type Lines = { readonly text: string; readonly line: number }[]

/** An INI file: by section and key, the lines of each value. */
function sections(text: string): ReadonlyMap<string, ReadonlyMap<string, Lines>> {
  const found = new Map<string, Map<string, Lines>>()
  let section = new Map<string, Lines>()
  let value: Lines | undefined
  for (const [at, whole] of text.split(/\r?\n/).entries()) {
    const bare = whole.replace(/^\s*[#;].*$|\s#.*$/, '').trimEnd()
    if (bare === '') continue
    const name = /^\[([^\]]{1,200})\]$/.exec(bare)?.[1]
    const entry = /^([A-Za-z0-9_.-]{1,200})[ \t]*[=:][ \t]*(.*)$/.exec(bare)
    if (name !== undefined) {
      section = found.get(name.trim()) ?? new Map<string, Lines>()
      found.set(name.trim(), section)
      value = undefined
    } else if (entry) {
      value = entry[2] === '' ? [] : [{ text: entry[2]!, line: at + 1 }]
      section.set(entry[1]!, value)
    } else if (/^\s/.test(bare)) value?.push({ text: bare.trim(), line: at + 1 })
  }
  return found
}
