import type { Dependency, Evidence } from '../detect/detection.ts'
import { readJson, type Placed } from '../detect/placed-json.ts'
import type { Source } from '../source/source.ts'
import { withoutComments } from '../infer/loose-json.ts'
import type { Config } from './config.ts'
import type { Planned, PlanEvidence } from './plan.ts'

type Path = readonly (string | number)[]

/** Evidence that names the configuration gets the line of the source's `kiln.json`, where it is that one which says so, not the caller. */
export function withConfigPlaces(planned: Planned, source: Source, own: Config, given: Config): Planned {
  if (!planned.ok || Object.keys(own).length === 0) return planned
  const placed = readJson(withoutComments(new TextDecoder().decode(source.read('kiln.json'))), 'kiln.json', 'invalid_config')
  const at = (evidence: Evidence, name: string): Evidence => placeOf(evidence, name, { placed, own, given })
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
  const found = path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), config)
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

/** `httpx>=0.27` is about httpx. */
function names(item: string, name: string): boolean {
  return item === name || (item.toLowerCase().replaceAll('_', '-').startsWith(name) && !/^[\w.-]/.test(item.slice(name.length)))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
