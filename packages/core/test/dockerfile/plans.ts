import type { Plan, Step } from '../../src/plan/plan.ts'

/** A plan for tests; `steps` and what differs is given. */
export function planOf(runtime: 'python' | 'node', steps: readonly Step[], more: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    edition: '2026.11',
    unit: '.',
    workspace: null,
    context: null,
    language: runtime,
    runtime: { name: runtime, version: runtime === 'python' ? '3.11' : '24' },
    toolchains: [],
    framework: null,
    packageManager: null,
    entrypoint: null,
    base: { kind: 'runtime', distro: 'bookworm' },
    frontend: null,
    dependencies: [],
    systemPackages: [],
    steps,
    start: runtime === 'python' ? ['python', 'agent.py'] : ['node', 'server.js'],
    port: 8080,
    env: { PORT: '8080' },
    ...more,
  }
}

export const source: Step = { in: 'image', kind: 'copy', from: 'source', paths: ['.'], to: '.' }
export const pip: Step = { in: 'image', kind: 'python', manager: 'pip', manifests: ['requirements.txt'], groups: ['default'] }
export const seed: Plan = planOf('python', [pip, source])
