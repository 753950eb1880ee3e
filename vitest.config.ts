import { defineConfig } from 'vitest/config'

const conditions = ['kiln-source', 'node', 'import', 'module', 'default']

// Three suites: `unit` needs nothing but Node; `engine` talks to a real Docker Engine; `docs` runs what the documentation shows.
const suite = (name: string, include: string[], more: object = {}): object => ({
  extends: true as const,
  test: { name, include, ...more },
})

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--conditions=kiln-source'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    projects: [
      suite('unit', ['packages/*/test/**/*.test.ts', 'test/architecture/**/*.test.ts']),
      suite('engine', ['test/engine/**/*.test.ts', 'test/examples/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false }),
      suite('docs', ['test/docs/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false }),
    ],
  },
})
