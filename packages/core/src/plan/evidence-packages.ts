import type { Evidence } from '../detect/detection.ts'
import type { Config, Edits } from './config.ts'
import type { Composed, Value } from './evidence.ts'
import { systemNeeds } from './system-packages.ts'

/** Why each package of the distribution is installed, in the image and where packages are built; and which the Config takes away. */
export function systemValues(composed: Composed): Value[] {
  const { plan, config } = composed
  const built = plan.steps.flatMap((step) => (step.kind === 'system' && step.in === 'build' ? step.packages : []))
  return [
    ...valuesOf('systemPackages', plan.systemPackages, neededBy(composed, 'image'), config),
    ...valuesOf('buildPackages', [...new Set(built)], neededBy(composed, 'build'), config),
  ]
}

function valuesOf(
  field: 'systemPackages' | 'buildPackages',
  names: readonly string[],
  needed: ReadonlyMap<string, Evidence>,
  config: Config,
): Value[] {
  const edits: Edits<string> = config[field] ?? {}
  const own = (says: string): Evidence => ({ rule: `config.${field}`, says })
  const there = names.map((name): Value => {
    const found = needed.get(name)
    const added = edits.add?.includes(name) === true
    const evidence = found ?? (added ? own('the configuration adds it') : { rule: 'system.git', says: 'a package is fetched by git' })
    return { field, value: name, evidence, lost: [], override: `${field}.remove` }
  })
  const away = (edits.remove ?? []).filter((name) => needed.has(name) && !names.includes(name))
  return [
    ...there,
    ...away.map((name): Value => ({
      field,
      value: `without ${name}`,
      evidence: own('the configuration removes it'),
      lost: [{ value: name, evidence: needed.get(name)! }],
      override: `${field}.remove`,
    })),
  ]
}

/** The first package that needs each, where it is declared or imported. */
function neededBy({ system, packages, install }: Composed, where: 'image' | 'build'): ReadonlyMap<string, Evidence> {
  const found = new Map<string, Evidence>()
  for (const { name, packages: image } of system.because) {
    const at = packages.all.find((one) => one.name === name)?.evidence ?? install?.evidence
    const place = { ...(at?.file !== undefined && { file: at.file }), ...(at?.line !== undefined && { line: at.line }) }
    const needs = where === 'image' ? image : (systemNeeds.find(({ names }) => names.includes(name))?.build ?? [])
    const says = where === 'image' ? `${name} needs it` : `${name} is compiled with it`
    for (const one of needs) if (!found.has(one)) found.set(one, { rule: 'system.package', ...place, says })
  }
  return found
}
