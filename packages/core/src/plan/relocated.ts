import { fewer } from '../detect/workspaces/directories.ts'
import type { Step } from './plan.ts'

/**
 * Steps of a unit that comes to /app, as those of one that comes to a directory below it: where it lies beside others that it needs.
 * `beside`: those others, copied with the unit's source, or the first part of it.
 */
export function relocated(steps: readonly Step[], directory: string, beside: readonly string[] = []): Step[] {
  const under = (path: string): string => (path.startsWith('/') ? path : path === '.' ? directory : `${directory}/${path}`)
  const bringing = new Set((['frontend', 'build', 'image'] as const).flatMap((stage) => sources(steps.filter((step) => step.in === stage))))
  return steps.flatMap((step): Step[] => {
    switch (step.kind) {
      case 'system':
        return [step]
      case 'run':
        return [{ ...step, directory: under(step.directory ?? '.') }]
      case 'python':
      case 'node':
        return [{ ...step, manifests: step.manifests.map(under), directory: under(step.directory ?? '.') }]
      case 'write':
        return [{ ...step, path: under(step.path) }]
      case 'copy': {
        const others = bringing.has(step) ? fewer(beside) : []
        const own = { ...step, paths: step.paths.map(under), to: under(step.to) }
        return [...others.map((path): Step => ({ ...step, paths: [path], to: path })), own]
      }
    }
  })
}

/** The steps of one stage that copy the whole source, else the first that copies some. */
function sources(steps: readonly Step[]): readonly Step[] {
  const all = steps.filter((step) => step.kind === 'copy' && step.from === 'source')
  const whole = all.filter((step) => step.kind === 'copy' && step.paths.includes('.'))
  return whole.length > 0 ? whole : all.slice(0, 1)
}
