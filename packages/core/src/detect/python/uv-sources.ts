import { listAt, tableAt, textAt, valueAt, type Table } from '../toml.ts'
import { normalName, parseRequirement } from './requirement.ts'

/** Where requirements come from instead of an index, by `[tool.uv.sources]`: their lines for pip. Source: https://docs.astral.sh/uv/concepts/projects/dependencies/ */
export function withSources(pyproject: Table, texts: readonly string[]): readonly FromSource[] {
  const sources = Object.entries(tableAt(pyproject, 'tool', 'uv', 'sources'))
  // of two that are one name the first
  const byName = new Map(sources.map(([name, said]) => [normalName(name), said] as const).toReversed())
  return texts.map((text) => withSource(byName, text))
}

interface FromSource {
  readonly line: string
  readonly local: boolean
}

function withSource(sources: ReadonlyMap<string, unknown>, text: string): FromSource {
  const requirement = parseRequirement(text)
  const said = requirement && sources.get(requirement.name)
  const one = Array.isArray(said) ? said[0] : said
  if (!requirement || one === undefined) return { line: text, local: false }
  const named = `${requirement.name}${requirement.extras.length > 0 ? `[${requirement.extras.join(',')}]` : ''}`
  const path = textAt(one, 'path')
  if (path !== undefined && !/\s/.test(path)) return { line: path.startsWith('/') ? text : `./${path.replace(/^\.\//, '')}`, local: true }
  const url = gitUrl(one) ?? textAt(one, 'url')
  return { line: url === undefined || /\s/.test(url) ? text : `${named} @ ${url}`, local: false }
}

function gitUrl(one: unknown): string | undefined {
  const git = textAt(one, 'git')
  const at = textAt(one, 'rev') ?? textAt(one, 'tag') ?? textAt(one, 'branch')
  const below = textAt(one, 'subdirectory')
  return git === undefined
    ? undefined
    : `git+${git}${at === undefined ? '' : `@${at}`}${below === undefined ? '' : `#subdirectory=${below}`}`
}

/** The indexes that a pyproject.toml names for uv, poetry or pdm, as options of pip; indexes for named packages only are left out. */
export function indexOptions(pyproject: Table): readonly string[] {
  const uv = listAt(pyproject, 'tool', 'uv', 'index').map((one) => ({
    one,
    main: valueAt(one, 'default') === true,
    named: valueAt(one, 'explicit') === true,
  }))
  const poetry = listAt(pyproject, 'tool', 'poetry', 'source').map((one) => ({
    one,
    main: textAt(one, 'priority') === 'primary' || textAt(one, 'priority') === 'default',
    named: textAt(one, 'priority') === 'explicit',
  }))
  const pdm = listAt(pyproject, 'tool', 'pdm', 'source').map((one) => ({ one, main: textAt(one, 'name') === 'pypi', named: false }))
  return [...uv, ...poetry, ...pdm].flatMap(({ one, main, named }) => {
    const url = textAt(one, 'url')
    if (url === undefined || named || /\s/.test(url) || url.startsWith('-')) return []
    return [textAt(one, 'type') === 'find_links' ? `--find-links ${url}` : `${main ? '--index-url' : '--extra-index-url'} ${url}`]
  })
}
