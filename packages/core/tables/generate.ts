// Makes src/infer/tables/{pypi-names,pypi-imports}.ts from lists of facts (generate-npm.ts makes npm-names.ts):
//   node --conditions=kiln-source packages/core/tables/generate.ts [DIRECTORY]
// DIRECTORY holds pypi-top.txt (names by downloads), pypi-families.txt (further names of namespace families),
// imports-pypi.tsv (import prefix, distribution, sources) and imports-extras.tsv (submodule, requirements, sources).
// Rows and names that the rules give are left out, and what nobody would miss.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { knownNames, normalised } from '../src/infer/known.ts'
import { byRules } from '../src/infer/python-rules.ts'
import { longestPrefix } from '../src/infer/python-tables.ts'
import { encodeFronted } from '../src/infer/tables/fronted.ts'
import * as choices from './choices.ts'

const here = import.meta.dirname
const data = process.argv[2] ?? '/work/shared/data'

/** Ranks up to which a name counts as established without further evidence. */
const pypiRanks = 2900
/** The same for programs of the kind Kiln is made for. */
const interestingRanks = 13_600
/** Rows count for packages up to this rank; with one weak source, up to the second. */
const rowRanks = 6000
const weakRanks = 4000
/** What frameworks need besides, up to this rank. */
const companionRanks = 5000
/** The same for what belongs to no framework in use today. */
const communityRanks = 2500

const ranked = lines('pypi-top.txt')
const rank = new Map(ranked.map((name, index) => [name, index + 1]))
const families = new Set(lines('pypi-families.txt'))
const facts = rows('imports-pypi.tsv').filter(([, name]) => name !== 'none')
const squats = new Set([
  ...facts.filter(([module, name]) => !module.includes('.') && normalised(module) !== name).map(([module]) => normalised(module)),
  ...choices.neverNames,
])
const official: ReadonlySet<string> = new Set(
  facts
    .filter(
      ([module, name, sources]) =>
        (/livekit|langgraph/.test(sources) && families.has(name)) || (/llamaindex/.test(sources) && /^llama_index\.llms\./.test(module)),
    )
    .map(([, name]) => name),
)
const candidates = pypi()
const names = knownNames(candidates)
const providers = providerRows()
const provided = new Map(providers)
const companions = companionRows()

const given = new Set([...providers, ...companions].flatMap(([, says]) => says.replace(/^\+/, '').split(' ').map(nameOf)))
write(
  'pypi-names',
  'pypiNames',
  'Names on PyPI beside those of the table: the most downloaded that can be imported, and families of namespaces.',
  [...candidates.filter((name) => !given.has(name))],
)
write(
  'pypi-imports',
  'pypiImports',
  'Import prefixes and what provides them, where no rule gives it (`module name[extra]specifier`), and what their code needs besides (`module +name`).',
  [...providers, ...companions].map(([module, says]) => `${module} ${says}`),
)

function pypi(): string[] {
  const familyOf =
    /^(?:google-|azure-|opentelemetry-|llama-index-|livekit-|apache-airflow-providers-|zope-|botbuilder-|langchain-|langgraph-|jaraco-|backports-|sphinxcontrib-|databricks-|snowflake-|ruamel-)/
  const deep =
    /^(?:apache-airflow-providers-|zope-|sphinxcontrib-|opentelemetry-|azure-mgmt-|databricks-|snowflake-|backports-|jaraco-|ruamel-|botbuilder-)/
  const chosen = ranked.filter((name, index) => {
    if (familyOf.test(name)) return index < (deep.test(name) ? 3500 : 15_000)
    if (choices.unimportable.test(name)) return false
    return index < pypiRanks || (index < interestingRanks && choices.interesting.test(name) && !choices.boring.test(name))
  })
  const all = [...chosen, ...[...families].filter(isOfficial), ...choices.mustNames.filter((name) => rank.has(name) || families.has(name))]
  return [...all, ...all.flatMap(owners)].filter((name) => !squats.has(name))
}

/** The name without an affix, which the import would be: it has to be known where the longer one is, or that would be taken for it. */
function owners(name: string): string[] {
  const bare = /^(?:python-|py-?|django-)(.{3,})$|^(.{3,})-(?:python|py|sdk|client)$/.exec(name)
  const owner = bare?.[1] ?? bare?.[2]
  return owner !== undefined && rank.has(owner) ? [owner] : []
}

/** Without a rank, but in the repository of the family itself. */
function isOfficial(name: string): boolean {
  return official.has(name)
}

function providerRows(): [string, string][] {
  const kept = facts.filter(
    ([module, name, sources]) =>
      !choices.worthlessRows.test(module) && !squats.has(name) && !choices.worthlessPackages.test(name) && counts(name, sources),
  )
  const table = new Map<string, string>([...kept.map(([module, name]) => [module, name] as const), ...choices.overrides])
  const fixed = new Set(choices.overrides.map(([module]) => module))
  for (const [module, says] of [...table].sort((a, b) => b[0].length - a[0].length))
    if (!fixed.has(module) && isGiven(module, says)) table.delete(module)
  return [...table]

  // The rules, or the row of a shorter prefix, give the same.
  function isGiven(module: string, says: string): boolean {
    const shorter = longestPrefix(table, module.slice(0, Math.max(0, module.lastIndexOf('.'))))
    const found = byRules(module, names)
    const wins = shorter === undefined || (found !== undefined && found.matched.length > shorter.matched.length)
    return wins ? found?.name === says && found.grade !== 'D' : shorter.says === says
  }
}

function counts(name: string, sources: string): boolean {
  // the hard cases that the rules were made for
  if (sources.includes('imports.md') && rank.has(name)) return true
  const at = rank.get(name) ?? (official.has(name) ? 0 : Infinity)
  return at < (/^(?:known|upm|families|known,upm)$/.test(sources) ? weakRanks : rowRanks)
}

function companionRows(): [string, string][] {
  const table = new Map<string, string>()
  const ofClass = new Map<string, string>()
  for (const [module, requires] of rows('imports-extras.tsv')) {
    if (choices.worthlessCompanions.test(module)) continue
    const says = needed(module, requires)
    const [, top, name] = /^(langchain_community|smolagents)(?:\.\w+)*\.([A-Z]\w*)$/.exec(module) ?? []
    // a class is imported from many places of its framework, so its own name finds it
    if (name !== undefined) ofClass.set(`${top}.${name}`, ofClass.get(`${top}.${name}`) ?? says)
    else if (!module.startsWith('langchain_community.')) table.set(module, says)
  }
  for (const [top, list] of Object.entries(choices.classCompanions))
    for (const row of list.split(',')) ofClass.set(`${top}.${row.split(' ')[0]!}`, row.slice(row.indexOf(' ') + 1))
  for (const [module, says] of choices.moreCompanions) table.set(module, says)
  for (const [module, says] of [...table].sort((a, b) => b[0].length - a[0].length))
    if (says === '' || longestPrefix(table, module.slice(0, module.lastIndexOf('.')))?.says === says) table.delete(module)
  return [...table, ...ofClass].filter(([, says]) => says !== '').map(([module, says]) => [module, `+${says}`])
}

/** What a submodule requires, without what is little known, too much, or brought along. */
function needed(module: string, requires: string): string {
  const own = companionBase(module)
  const all = requires
    .split(' ')
    .filter(
      (one) =>
        one.startsWith(`${own}[`) ||
        (!/^(?:numpy|protobuf|google-api-core|psutil|aiohttp)$/.test(one) &&
          (rank.get(nameOf(one)) ?? Infinity) <= (module.startsWith('langchain_community') ? communityRanks : companionRanks)),
    )
  if (all.length === 0 || all.length > 4) return ''
  return all.map((one) => shortExtra(module, own, one)).join(' ')
}

/** `[x]` for an extra of its own package, `[]` for the one that is called like the module. */
function shortExtra(module: string, own: string, requirement: string): string {
  if (own === '' || !requirement.startsWith(`${own}[`)) return requirement
  const extra = requirement.slice(own.length)
  return extra === `[${normalised(module.slice(module.lastIndexOf('.') + 1))}]` ? '[]' : extra
}

/** The package whose extras a submodule's `[x]` means. */
function companionBase(module: string): string {
  return nameOf(longestPrefix(provided, module)?.says ?? byRules(module, names)?.name ?? '')
}

function nameOf(requirement: string): string {
  return /^[^[<>=]*/.exec(requirement)![0]
}

function rows(file: string): [string, string, string][] {
  return lines(file)
    .slice(1)
    .map((line) => line.split('\t') as [string, string, string])
}

function lines(file: string): string[] {
  return readFileSync(join(data, file), 'utf8').trim().split('\n')
}

function write(file: string, name: string, says: string, entries: string[]): void {
  const sorted = [...new Set(entries)].sort((a, b) => (a < b ? -1 : 1))
  const text = encodeFronted(sorted)
  writeFileSync(
    join(here, `../src/infer/tables/${file}.ts`),
    `// Generated by packages/core/tables/generate.ts from lists of November 2026.\n\n/** ${says} */\nexport const ${name}: string = \`${text}\`\n`,
  )
  process.stdout.write(`${file}: ${sorted.length} entries, ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzip\n`)
}
