import type { Dependency, Evidence } from '../detect/detection.ts'
import { readJson, type Placed } from '../detect/placed-json.ts'
import { BuildError, isBuildError } from '../failure/error.ts'
import type { Source } from '../source/source.ts'
import { withoutComments } from '../infer/loose-json.ts'
import type { Config } from './config.ts'
import { isObject } from './inline-json.ts'
import type { Planned, PlanEvidence } from './plan.ts'

type Path = readonly (string | number)[]

/**
 * What planning says of the configuration gets the line of the source's `kiln.json`, where it is that one which says so, not the caller:
 * the evidence of an answer, and the error for a value that cannot be.
 */
export function withConfigPlaces({ source, own, given }: Configs, planned: () => Planned): Planned {
  if (Object.keys(own).length === 0) return planned()
  const placed = readJson(withoutComments(new TextDecoder().decode(source.read('kiln.json'))), 'kiln.json', 'invalid_config')
  try {
    return withPlaces(planned(), { placed, own, given })
  } catch (error) {
    throw isBuildError(error) ? errorAt(error, { placed, own, given }) : error
  }
}

/** The `kiln.json` of a source, and the Config of the caller. */
interface Configs {
  readonly source: Source
  readonly own: Config
  readonly given: Config
}

function withPlaces(planned: Planned, known: Known): Planned {
  if (!planned.ok) return planned
  const at = (evidence: Evidence, name: string): Evidence => placeOf(evidence, name, known)
  const { values, dependencies, steps } = planned.evidence
  return {
    ...planned,
    evidence: {
      ...planned.evidence,
      values: values.map((one) => valueAt(one, at)),
      dependencies: dependencies.map((one): Dependency => ({ ...one, evidence: at(one.evidence, one.name) })),
      steps: steps.map((one) => at(one, '')),
    },
  }
}

/** In a merged list the items of the `kiln.json` come first. */
function errorAt(error: BuildError, { placed, own, given }: Known): BuildError {
  const { field, file } = error.data
  if (typeof field !== 'string' || file !== undefined) return error
  const path = field.split(/[.[\]]+/).flatMap((part) => (part === '' ? [] : /^\d+$/.test(part) ? Number(part) : part))
  const items = valueIn(own, path.slice(0, -1))
  const [at, ours] = [path.at(-1), Array.isArray(items) ? items.length : 0]
  if (typeof at === 'number' && at >= ours) return renumbered(error, field, field.replace(/\[\d+\]$/, `[${at - ours}]`))
  const span = valueIn(own, path) === undefined ? undefined : placed.span(path)
  if (!span || (typeof path.at(-1) !== 'number' && valueIn(given, path) !== undefined)) return error
  const place = placed.place(span.start)
  return new BuildError(error.code, `${placed.file}:${place.line}: ${error.message}`, {
    hint: error.hint,
    data: { ...error.data, file: placed.file, ...place },
    cause: error.cause,
  })
}

/** Of the caller's list, which has no items of the `kiln.json`. */
function renumbered({ code, message, hint, data, cause }: BuildError, from: string, field: string): BuildError {
  return new BuildError(
    code,
    message.replace(from, () => field),
    { hint, data: { ...data, field }, cause },
  )
}

function valueAt(
  value: PlanEvidence['values'][number],
  at: (evidence: Evidence, name: string) => Evidence,
): PlanEvidence['values'][number] {
  const name = value.field.startsWith('env.') ? value.field.slice('env.'.length) : value.value.replace(/^without /, '')
  return { ...value, evidence: at(value.evidence, name), lost: value.lost.map((one) => ({ ...one, evidence: at(one.evidence, name) })) }
}

interface Known {
  readonly placed: Placed
  readonly own: Config
  readonly given: Config
}

function placeOf(evidence: Evidence, name: string, { placed, own, given }: Known): Evidence {
  if (!evidence.rule.startsWith('config.') || evidence.file !== undefined) return evidence
  const field = evidence.rule.slice('config.'.length)
  const path = pathIn(own, field, name)
  if (path === undefined || pathIn(given, field, name) !== undefined || !placed.span(path)) return evidence
  return { ...evidence, file: 'kiln.json', line: placed.line(path) }
}

/** Where a Config says it: a single value, or the item of a list. */
function pathIn(config: Config, field: string, name: string): Path | undefined {
  const path = field.split('.')
  const found = valueIn(config, path)
  if (found === undefined) return undefined
  if (!isObject(found) || !('add' in found || 'remove' in found)) return path
  for (const edit of ['add', 'remove']) {
    const items = found[edit]
    if (isObject(items) && Object.hasOwn(items, name)) return [...path, edit, name]
    const at = Array.isArray(items) ? items.findIndex((item) => names(Array.isArray(item) ? item.join(' ') : String(item), name)) : -1
    if (at !== -1) return [...path, edit, at]
  }
  return name === '' ? path : undefined
}

function valueIn(config: Config, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), config)
}

/** `httpx>=0.27` is about httpx. */
function names(item: string, name: string): boolean {
  return item === name || (item.toLowerCase().replaceAll('_', '-').startsWith(name) && !/^[\w.-]/.test(item.slice(name.length)))
}
