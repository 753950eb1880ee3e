import type { Notice, Plan, Planned, Step } from '@kiln/core'
import type { Styles } from './terminal/style.ts'
import { plainText } from './terminal/text.ts'

type Ok = Extract<Planned, { ok: true }>

/** A plan for people. */
export function overviewLines({ plan, evidence, notices }: Ok, styles: Styles): readonly string[] {
  const row = (name: string, value: string): string => `${styles.faint(name.padEnd(13))} ${plainText(value)}`
  return [
    row('language', plan.language),
    row('runtime', `${plan.runtime.name} ${plan.runtime.version}`),
    ...(plan.framework === null ? [] : [row('framework', plan.framework)]),
    ...(plan.packageManager === null ? [] : [row('packages by', plan.packageManager)]),
    ...(plan.entrypoint === null ? [] : [row('entrypoint', plan.entrypoint)]),
    row('start', startText(plan)),
    row('port', plan.port === null ? 'none' : String(plan.port)),
    row('base', plan.base.kind === 'image' ? plan.base.ref : plan.base.distro),
    row('packages', packagesOf(plan)),
    ...(plan.systemPackages.length > 0 ? [row('system', plan.systemPackages.join(' '))] : []),
    styles.faint('steps'),
    ...plan.steps.map((step) => `  ${styles.faint(step.in.padEnd(5))} ${plainText(stepText(step))}`),
    ...evidence.unresolved.map(
      (one) =>
        `${styles.yellow('unknown')} import ${plainText(one.import)}, not installed${one.near.length > 0 ? plainText(` (known: ${one.near.join(', ')})`) : ''}`,
    ),
    ...notices.map((notice) => noticeLine(notice, styles)),
  ]
}

export function noticeLine(notice: Notice, styles: Styles): string {
  const place = notice.file === undefined ? '' : ` (${plainText(notice.file)}${notice.line === undefined ? '' : `:${notice.line}`})`
  const fix = notice.fix === undefined ? '' : styles.faint(` fix: ${plainText(JSON.stringify(notice.fix))}`)
  return `${styles.yellow('note')} ${plainText(notice.message)}${place} ${styles.faint(`[${notice.code}]`)}${fix}`
}

/** As the package manager takes it: `uvicorn[standard]>=0.30`, `express@^4.18.0`. */
export function packageText({ ecosystem, name, extras, specifier }: Plan['dependencies'][number]): string {
  if (ecosystem === 'npm') return specifier === '' ? name : `${name}@${specifier}`
  return `${name}${extras?.length ? `[${extras.join(',')}]` : ''}${specifier}`
}

function packagesOf(plan: Plan): string {
  const needed = plan.dependencies.filter(({ group }) => group === 'default')
  const names = needed.map(packageText)
  return names.length === 0 ? 'none' : `${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`
}

export function stepText(step: Step): string {
  switch (step.kind) {
    case 'system':
      return `install ${step.packages.join(' ')}`
    case 'run':
      return `run ${step.argv.join(' ')}`
    case 'python':
    case 'node':
      return `${step.manager} install from ${step.manifests.join(', ')}`
    case 'copy':
      return `copy ${step.paths.join(' ')} ${step.from === 'build' ? 'of the build stage ' : ''}to ${step.to}`
    case 'write':
      return `write ${step.path}`
  }
}

/** As the image has it: a variable stands in the plan for who starts the program in another way. */
function startText({ start }: Plan): string {
  const named = start.filter((word) => typeof word !== 'string')
  const note =
    named.length === 0 ? '' : `  (${named.map((word) => `${word.default} is the default for ${word.env}`).join(', ')}; fixed in the image)`
  return `${start.map((word) => (typeof word === 'string' ? word : word.default)).join(' ')}${note}`
}
