import { defineConfig } from 'vitest/config'

// vitest hands these to Node too, so `import` must not be one of them: a `require` in node_modules would get a module
const conditions = ['kiln-source']

// Files of many processes, large trees, or many generated cases: too long for `npm run test:quick`.
const slowFiles = [
  'processes',
  'bin',
  'directory',
  'tar',
  'archive',
  'stat-index',
  'properties',
  'python-differential',
  'javascript-differential',
  'javascript-properties',
  'hostile-sources',
  'same-plan',
  'growth',
  'init',
  'python-properties',
  'node-hostile',
  'python-hostile',
  'hostile',
  'analyze',
  'tenant',
  'engine',
  'monorepo',
  'faults',
  'planner',
  'listing',
  'serve',
  'bad-input',
  'wire',
  'form',
  'build',
  'node',
  'suite',
  'logs',
  'store',
  'python-lexer',
  'search',
  'disk',
  'open',
  'blobs',
  'javascript',
  'ignore',
  'archive-attacks',
  'findings',
  'monorepos',
  'node-frameworks',
  'growth-of-trees',
  'machine',
  'driver',
  'reaper',
  'reads',
  'openapi',
  'contract',
  'heap',
]
// what answers by a whole server, and what reads whole programs
const slowFolders = [
  'server/test/pipecat',
  'server/test/scale',
  'server/test/runagents',
  'server/test/logs',
  'server/test/input',
  'server/test/observe',
  'core/test/languages',
]
const slow = [
  ...slowFiles.map((name) => `packages/*/test/**/${name}.test.ts`),
  ...slowFolders.map((folder) => `packages/${folder}/**/*.test.ts`),
]

// Six suites: `unit` and `slow` need nothing but Node, as `http`, which sends a listening server of ours what it has to refuse; `engine`
// talks to a real Docker Engine, `clients` to a server of ours, by the vendors' own programs (needs Python); `docs` runs what the
// documentation shows.
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
      suite('unit', ['packages/*/test/**/*.test.ts', 'test/architecture/**/*.test.ts', 'test/rig/*.test.ts'], { exclude: slow }),
      suite('slow', slow, { testTimeout: 120_000, hookTimeout: 60_000, fileParallelism: false }),
      suite('engine', ['test/engine/**/*.test.ts', 'test/examples/**/*.test.ts'], {
        // a first build of an example fetches all its packages, and perhaps a base
        testTimeout: 600_000,
        hookTimeout: 300_000,
        fileParallelism: false,
      }),
      suite('faults', ['test/faults/*.test.ts'], { testTimeout: 1_500_000, hookTimeout: 60_000 }),
      suite('faults-engine', ['test/faults/engine/*.test.ts'], { testTimeout: 1_500_000, hookTimeout: 60_000, fileParallelism: false }),
      suite('http', ['test/http/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false }),
      suite('clients', ['test/clients/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 600_000, fileParallelism: false }),
      suite('docs', ['test/docs/**/*.test.ts'], { testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false }),
    ],
  },
})
