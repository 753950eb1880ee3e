import { frameworksOf } from '../detect/framework-names.ts'
import { readJson, type Placed } from '../detect/placed-json.ts'
import type { Language } from '../detect/project.ts'
import { parseRequirement } from '../detect/python/requirement.ts'
import type { ErrorCode } from '../failure/codes.ts'
import { isBuildError, shown, type BuildError } from '../failure/error.ts'
import { knownNpm, knownPypi } from '../infer/known.ts'
import { nearNames } from '../infer/near.ts'
import type { Source } from '../source/source.ts'
import { placeOf } from './checked.ts'
import { withoutComments } from '../infer/loose-json.ts'
import { configSchema } from './config-schema.ts'
import { parseConfig, type Config } from './config.ts'
import { didYouMean } from './did-you-mean.ts'
import { editionOf } from './editions.ts'
import { faultsOf, fieldName, type Path } from './faults.ts'
import { planAll } from './make-plan.ts'
import type { Planned } from './plan.ts'
import { isSameCommand } from './same-command.ts'

/** Something to correct in a `kiln.json`. A `warning` is accepted, and is hardly what was meant. */
export interface ConfigFault {
  readonly level: 'error' | 'warning'
  readonly code: ErrorCode | 'unknown_value'
  /** such as `dependencies.add[0]`; empty for the whole file */
  readonly field: string
  readonly message: string
  readonly file: string
  /** 1-based; absent where the file names no such place */
  readonly line?: number
  readonly column?: number
  /** the field or value that was probably meant */
  readonly meant?: string
}

/**
 * Everything that is wrong with the text of a `kiln.json`, in the order of the file: against the schema, and then against the
 * source it is for. Never throws for the text or the source.
 */
export function validateConfig(text: string, file: string, source: Source): readonly ConfigFault[] {
  const placed = parsed(text, file)
  if (isBuildError(placed)) return [ofError(placed, file)]
  if (typeof placed.value !== 'object' || placed.value === null || Array.isArray(placed.value))
    return [{ level: 'error', code: 'invalid_config', field: '', message: 'must be an object', file, line: 1, column: 1 }]
  const wrong = faultsOf(configSchema, placed.value).map((fault): ConfigFault => ({
    level: 'error',
    code: 'invalid_config',
    field: fieldName(fault.path),
    message: fault.message,
    file,
    ...placeOf(fault, placed),
    ...(fault.meant !== undefined && { meant: fault.meant }),
  }))
  const accepted = withoutWrong(placed.value, wrong)
  const said = (accepted === undefined ? [] : againstSource(accepted, source)).map((one) => ({
    ...one,
    file,
    ...whereIs(one.path, placed),
  }))
  return [...wrong, ...said.map(({ path, ...rest }): ConfigFault => ({ ...rest, field: fieldName(path) }))].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}

function parsed(text: string, file: string): Placed | BuildError {
  try {
    return readJson(withoutComments(text), file, 'invalid_config')
  } catch (error) {
    if (isBuildError(error)) return error
    throw error
  }
}

function ofError({ code, message, data }: BuildError, file: string): ConfigFault {
  const line = typeof data['line'] === 'number' ? { line: data['line'] } : {}
  const column = /\(line \d+ column (\d+)\)/.exec(message)?.[1]
  return {
    level: 'error',
    code,
    field: '',
    message: message.replace(/^\S+ is not/, 'is not'),
    file,
    ...line,
    ...(column && { column: Number(column) }),
  }
}

/** The fields that the schema accepts: they can be looked at though others are wrong. undefined where more is wrong than is told. */
function withoutWrong(value: object, wrong: readonly ConfigFault[]): Config | undefined {
  const fields = new Set(wrong.map(({ field }) => field.split(/[.[]/)[0]))
  const rest = Object.fromEntries(Object.entries(value).filter(([name]) => !fields.has(name)))
  return faultsOf(configSchema, rest).length === 0 ? parseConfig(rest) : undefined
}

function whereIs(path: Path, placed: Placed): { line?: number; column?: number } {
  return path.length === 0 ? {} : (placeOf({ path, message: '', unknown: false }, placed) ?? {})
}

interface Said extends Pick<ConfigFault, 'level' | 'code' | 'message' | 'meant'> {
  readonly path: Path
}

function againstSource(config: Config, source: Source): readonly Said[] {
  const own = [...ofEdition(config), ...ofUnit(config, source), ...ofEntrypoint(config, source)]
  const wrong = new Set(own.filter(isError).map(({ path }) => path[0]))
  const right = Object.fromEntries(Object.entries(config).filter(([name]) => !wrong.has(name))) as Config
  const planned = planAll(source, right)
  return [
    ...own,
    ...ofFramework(config, planned),
    ...ofCommands(right, source),
    ...ofPackages(config, planned),
    ...ofGroups(config, planned),
    ...ofPlanning(planned),
  ]
}

function isError({ level }: Said): boolean {
  return level === 'error'
}

function ofEdition({ edition }: Config): Said[] {
  if (edition === undefined) return []
  try {
    editionOf(edition)
    return []
  } catch (error) {
    if (!isBuildError(error)) throw error
    const known = error.data['known'] as readonly string[]
    const meant = didYouMean(edition, known)
    const message = `"edition": ${error.message} (known: ${known.join(', ')})`
    return [{ level: 'error', code: error.code, path: ['edition'], message, ...(meant !== undefined && { meant }) }]
  }
}

function ofUnit({ unit }: Config, source: Source): Said[] {
  const path = unit?.replace(/^\.\//, '').replace(/\/+$/, '')
  if (path === undefined || path === '.' || path === '' || source.entry(path)?.kind === 'directory') return []
  return [wrongPath('unit', 'invalid_config', path, 'no directory of the source', directoriesOf(source))]
}

function directoriesOf(source: Source): readonly string[] {
  return source.entries.flatMap(({ path, kind }) => (kind === 'directory' ? [path] : []))
}

function ofEntrypoint({ entrypoint, unit = '.' }: Config, source: Source): Said[] {
  if (entrypoint === undefined) return []
  const paths = [entrypoint, `${unit.replace(/\/+$/, '')}/${entrypoint}`]
  if (paths.some((path) => source.entry(path)?.kind === 'file')) return []
  const files = source.entries.flatMap(({ path, kind }) => (kind === 'file' && path.endsWith(ending(entrypoint)) ? [path] : []))
  return [wrongPath('entrypoint', 'entrypoint_not_found', entrypoint, 'no file of the source', files)]
}

function ending(path: string): string {
  return /\.\w+$/.exec(path)?.[0] ?? ''
}

/** most paths among which the one that was meant is looked for */
const fewPaths = 2000

function wrongPath(field: string, code: ErrorCode, path: string, what: string, known: readonly string[]): Said {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const meant = didYouMean(path, known.slice(0, fewPaths)) ?? known.find((one) => one.endsWith(`/${name}`))
  const guess = meant === undefined ? '' : `, did you mean "${shown(meant)}"?`
  return {
    level: 'error',
    code,
    path: [field],
    message: `"${field}" ${shown(path)} is ${what}${guess}`,
    ...(meant !== undefined && { meant }),
  }
}

function ofFramework({ framework }: Config, planned: Planned): Said[] {
  const language = planned.ok ? (planned.plan.language as Language) : undefined
  if (framework === undefined || language === undefined || frameworksOf[language].includes(framework)) return []
  return [unknownValue(['framework'], `"framework" ${shown(framework)} chooses nothing: the source is ${language}`)]
}

function unknownValue(path: Path, message: string, meant?: string): Said {
  return { level: 'warning', code: 'unknown_value', path, message, ...(meant !== undefined && { meant }) }
}

/** A package that is on no list, and looks like one that is: a slip, or somebody else's package. */
function ofPackages({ dependencies, language }: Config, planned: Planned): Said[] {
  const python = language === undefined ? planned.ok && planned.plan.runtime.name === 'python' : language === 'python'
  if (language === undefined && !planned.ok) return []
  return (dependencies?.add ?? []).flatMap((text, at) => {
    const name = python ? parseRequirement(text)?.name : /^(?:@[^/]+\/)?[^@]+/.exec(text)?.[0]
    const known = python ? knownPypi() : knownNpm()
    if (name === undefined || known.has(name)) return []
    const meant = nearNames(name, known.all)[0]
    const message = `"dependencies.add[${at}]" ${shown(name)} is no package that Kiln knows, did you mean "${meant}"?`
    return meant === undefined ? [] : [unknownValue(['dependencies', 'add', at], message, meant)]
  })
}

/** What is left out has to be there without that wish. */
function ofCommands({ build, ...rest }: Config, source: Source): Said[] {
  if (!build?.remove?.length) return []
  const planned = planAll(source, build.add ? { ...rest, build: { add: build.add } } : rest)
  if (!planned.ok) return []
  const known = planned.plan.steps.flatMap((step) => (step.kind === 'run' ? [step.argv] : []))
  return build.remove.flatMap((argv, at) => {
    const message = `"build.remove[${at}]" ${shown(argv.join(' '))} is no command of the plan, which ${known.length > 0 ? `has: ${shown(known.map((one) => one.join(' ')).join('; '), 300)}` : 'has none'}`
    return known.some((one) => isSameCommand(one, argv)) ? [] : [unknownValue(['build', 'remove', at], message)]
  })
}

function ofGroups({ groups }: Config, planned: Planned): Said[] {
  if (!planned.ok) return []
  const known = [...new Set(planned.plan.dependencies.map(({ group }) => group))]
  return (groups?.add ?? []).flatMap((group, at) => {
    const meant = known.includes(group) ? undefined : didYouMean(group, known)
    const message = `"groups.add[${at}]" ${shown(group)} is no group of the source, did you mean "${meant}"?`
    return meant === undefined ? [] : [unknownValue(['groups', 'add', at], message, meant)]
  })
}

/** What only planning finds, where the configuration is what stands in its way. */
function ofPlanning(planned: Planned): Said[] {
  if (planned.ok) return []
  const [, field, item] = /^"([a-zA-Z.]+)(?:\[(\d+)\])?"/.exec(planned.message) ?? []
  const ours = planned.code === 'invalid_config' || planned.code === 'entrypoint_not_found'
  const conflict = planned.code === 'conflicting_constraints' && planned.message.includes('the configuration says')
  if (!ours && !conflict) return []
  const path = conflict ? ['runtime', 'version'] : [...(field?.split('.') ?? []), ...(item === undefined ? [] : [Number(item)])]
  return [{ level: 'error', code: planned.code, path, message: planned.message }]
}
