import type { Step } from './plan.ts'

/**
 * Steps of a unit that comes to /app, as those of one that comes to a directory below it: where it lies beside others that it needs.
 * `beside`: those others, copied whenever the unit's source is.
 */
export function relocated(steps: readonly Step[], directory: string, beside: readonly string[] = []): Step[] {
  const under = (path: string): string => (path.startsWith('/') ? path : path === '.' ? directory : `${directory}/${path}`)
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
        const others = step.from === 'source' && step.paths.includes('.') ? beside : []
        const own = { ...step, paths: step.paths.map(under), to: under(step.to) }
        return [...others.map((path): Step => ({ ...step, paths: [path], to: path })), own]
      }
    }
  })
}
