import type { ConfigFile } from '../config-file.ts'
import { bin, plainPath, saidBy, site, tool, type Facts, type Framework, type Served, type Serving } from './framework.ts'

/** Next, and what is built on it (Payload). */
export const next: Framework = {
  name: 'next',
  packages: ['next'],
  serve(facts) {
    const config = facts.config('next.config')
    const output = config?.literal('output')
    const built = plainPath(config?.literal('distDir')) ?? '.next'
    const build = [tool('next'), 'build']
    if (output === 'export' || /\bnext export\b/.test(facts.script('build') ?? '')) {
      const out = output === 'export' && built !== '.next' ? built : (exportDirectory(facts) ?? 'out')
      const evidence = config && output === 'export' ? { evidence: saidBy(config, 'export', "output is 'export'") } : {}
      return { ...site(out, false, build), ...evidence }
    }
    return config && output === 'standalone' ? standalone(facts, config, built, build) : plain(config, built, build)
  },
}

function exportDirectory(facts: Facts): string | undefined {
  return plainPath(/\bnext export (?:-o|--outdir)[ =](\S+)/.exec(facts.script('build') ?? '')?.[1])
}

const env = { NEXT_TELEMETRY_DISABLED: '1' }

// The variable HOSTNAME, which a container has, is where the server of Next would listen.
function standalone({ tree }: Facts, config: ConfigFile, built: string, build: readonly string[]): Serving {
  const files = tree.files.some((path) => path.startsWith('public/')) ? [{ from: 'public', to: 'public' }] : []
  return {
    kind: 'served',
    evidence: saidBy(config, 'standalone', "output is 'standalone'"),
    build,
    start: () => ['server.js'],
    port: 3000,
    env: { ...env, HOSTNAME: '0.0.0.0' },
    alone: [{ from: `${built}/standalone`, to: '.' }, { from: `${built}/static`, to: `${built}/static` }, ...files],
  }
}

function plain(config: ConfigFile | undefined, built: string, build: readonly string[]): Serving {
  const notice = {
    code: 'next_standalone',
    message: "With output: 'standalone' in the configuration of Next the image is about a third of the size.",
    ...(config ? { file: config.file } : {}),
  }
  return {
    kind: 'served',
    build,
    start: () => [bin('next', 'dist/bin/next'), 'start'],
    port: 3000,
    env,
    outputs: [built],
    remove: [`${built}/cache`],
    notices: [notice],
    ...(config && /\.[cm]?ts$/.test(config.file) ? { needs: compiler(config) } : {}),
  }
}

/** Next reads its configuration again when it starts, and fetches a compiler for that where there is none. */
function compiler({ file }: ConfigFile): NonNullable<Served['needs']> {
  return { name: 'typescript', specifier: '^5', says: `next start reads ${file} with it` }
}
