import { fetchServer, fetchServerFile } from '../written/fetch-server.ts'
import { bin, plainPath, saidBy, site, tool, type Facts, type Framework, type Refused, type Served, type Serving } from './framework.ts'
import { next } from './next.ts'

const nitroOutput: Pick<Served, 'kind' | 'start' | 'port' | 'alone'> = {
  kind: 'served',
  start: () => ['.output/server/index.mjs'],
  port: 3000,
  alone: [{ from: '.output', to: '.output' }],
}

/** Frameworks with a server of their own, and what of their build it is, `detection.md` 2.7 row 4. The first that fits counts. */
export const serverFrameworks: readonly Framework[] = [
  {
    name: 'redwood',
    packages: ['@redwoodjs/core'],
    serve: () => ({
      kind: 'served',
      build: [tool('rw'), 'build'],
      start: () => [bin('@redwoodjs/api-server', 'dist/bin.js')],
      port: 8910,
      outputs: [],
    }),
  },
  {
    name: 'medusa',
    packages: ['@medusajs/medusa'],
    serve: () => ({
      kind: 'served',
      build: [tool('medusa'), 'build'],
      start: () => [bin('@medusajs/cli', 'cli.js'), 'start'],
      port: 9000,
      outputs: [],
    }),
  },
  {
    name: 'strapi',
    packages: ['@strapi/strapi'],
    serve: () => ({
      kind: 'served',
      build: [tool('strapi'), 'build'],
      start: () => [bin('@strapi/strapi', 'bin/strapi.js'), 'start'],
      port: 1337,
      env: { HOST: '0.0.0.0' },
      outputs: [],
    }),
  },
  {
    name: 'keystone',
    packages: ['@keystone-6/core'],
    serve: () => ({
      kind: 'served',
      build: [tool('keystone'), 'build'],
      start: () => [bin('@keystone-6/core', 'bin/cli.js'), 'start'],
      port: 3000,
      outputs: [],
    }),
  },
  {
    name: 'adonis',
    packages: ['@adonisjs/core'],
    serve: ({ tree }) =>
      tree.has('ace.js') || tree.has('ace')
        ? {
            kind: 'served',
            build: ['node', tree.has('ace.js') ? 'ace.js' : 'ace', 'build'],
            start: () => ['build/bin/server.js'],
            scripted: ['bin/server.js', 'bin/server'],
            port: 3333,
            env: { HOST: '0.0.0.0' },
            outputs: ['build'],
          }
        : undefined,
  },
  next,
  {
    name: 'nuxt',
    packages: ['nuxt', 'nuxt3', 'nuxt-edge'],
    serve(facts) {
      if (/\bnux[it] generate\b/.test(facts.script('build') ?? '')) return site('.output/public', false)
      return { ...nitroOutput, build: [tool('nuxt'), 'build'] }
    },
  },
  {
    name: 'sveltekit',
    packages: ['@sveltejs/kit'],
    serve: svelteKit,
  },
  { name: 'react-router', packages: ['@react-router/dev'], serve: reactRouter },
  {
    name: 'remix',
    packages: ['@remix-run/serve', '@remix-run/react'],
    serve(facts) {
      const vite = facts.has('vite')
      return {
        kind: 'served',
        build: [tool('remix'), vite ? 'vite:build' : 'build'],
        start: () => [bin('@remix-run/serve', 'dist/cli.js'), vite ? 'build/server/index.js' : 'build/index.js'],
        port: 3000,
        outputs: vite ? ['build'] : ['build', 'public'],
        ...serverOf(facts, '@remix-run/serve', '@remix-run/react'),
      }
    },
  },
  { name: 'astro', packages: ['astro'], serve: astro },
  { name: 'tanstack-start', packages: ['@tanstack/react-start', '@tanstack/solid-start', '@tanstack/start'], serve: tanstackStart },
  {
    name: 'solid-start',
    packages: ['@solidjs/start'],
    serve: (facts) => ({ ...nitroOutput, build: [facts.has('vinxi') ? tool('vinxi') : tool('vite'), 'build'] }),
  },
  {
    name: 'qwik',
    packages: ['@builder.io/qwik-city', '@qwik.dev/router'],
    serve({ tree }) {
      const entry = ['express', 'fastify', 'node-server'].find((name) => tree.has(`src/entry.${name}.tsx`))
      if (entry === undefined) return tree.has('adapters/static/vite.config.ts') ? site('dist', false) : undefined
      return { kind: 'served', start: () => [`server/entry.${entry}.js`], port: 3000, outputs: ['dist', 'server'] }
    },
  },
  {
    name: 'analog',
    packages: ['@analogjs/platform'],
    serve: () => ({
      kind: 'served',
      build: [tool('vite'), 'build'],
      start: () => ['dist/analog/server/index.mjs'],
      port: 3000,
      alone: [{ from: 'dist/analog', to: 'dist/analog' }],
    }),
  },
  { name: 'nest', packages: ['@nestjs/core'], serve: nest },
  {
    name: 'nitro',
    packages: ['nitropack', 'nitro', 'vinxi'],
    serve: (facts) =>
      facts.config('vite.config')?.imports('nitro/vite') ||
      facts.config('nitro.config', 'app.config') ||
      /\bnitro(?:pack)? build\b|\bvinxi build\b/.test(facts.script('build') ?? '')
        ? {
            ...nitroOutput,
            build: [facts.has('nitropack') ? tool('nitropack') : tool('nitro'), 'build'],
          }
        : undefined,
  },
]

function svelteKit(facts: Facts): Serving | Refused | undefined {
  const config = facts.config('svelte.config', 'vite.config')
  const build = [tool('vite'), 'build']
  if (config?.imports('@sveltejs/adapter-static')) {
    const fallback = plainPath(config.literal('fallback'))
    const out = plainPath(config.literal('pages')) ?? 'build'
    return site(out, fallback === 'index.html', build, saidBy(config, '@sveltejs/adapter-static', 'the adapter makes static files'))
  }
  const server: Served = {
    kind: 'served',
    build,
    start: () => [`${plainPath(config?.literal('out')) ?? 'build'}/index.js`],
    port: 3000,
    outputs: [plainPath(config?.literal('out')) ?? 'build'],
  }
  if (!config || config.imports('@sveltejs/adapter-node')) return server
  const platform = ['vercel', 'netlify', 'cloudflare', 'cloudflare-workers'].find((name) => config.imports(`@sveltejs/adapter-${name}`))
  if (platform !== undefined)
    return {
      kind: 'refused',
      says: `@sveltejs/adapter-${platform} of ${config.file} builds for its platform alone`,
      hint: 'Use @sveltejs/adapter-node (or adapter-auto, which Kiln tells of Node): it builds a server that a container can run.',
    }
  if (!config.imports('@sveltejs/adapter-auto')) return undefined
  // adapter-auto knows platforms by their variables; this one means the adapter for plain Node, which it then installs itself
  const message = 'adapter-auto knows no container, so the build has @sveltejs/adapter-node. Use that adapter to fix its version.'
  return {
    ...server,
    buildEnv: { GCP_BUILDPACKS: '1' },
    notices: [{ code: 'adapter_added', message, file: config.file, line: config.line('@sveltejs/adapter-auto') }],
  }
}

/** Its server, where the source has that of a platform: in the version of the framework itself. */
function serverOf(facts: Facts, name: string, like: string): Pick<Served, 'needs'> {
  const specifier = facts.manifest.dependencies.find((one) => one.name === like)?.specifier ?? ''
  const plain = /^[\^~]?\d[\w.-]*$/.test(specifier) ? specifier : ''
  return facts.has(name) ? {} : { needs: { name, specifier: plain, says: `${like} is served by ${name}, which nothing declares` } }
}

function reactRouter(facts: Facts): Serving | undefined {
  const config = facts.config('react-router.config')
  const out = plainPath(config?.literal('buildDirectory')) ?? 'build'
  const build = [tool('react-router'), 'build']
  if (config?.literal('ssr') === false) return site(`${out}/client`, true, build, saidBy(config, 'ssr', 'ssr is false'))
  return {
    kind: 'served',
    build,
    start: () => [
      bin('@react-router/serve', (facts.major('@react-router/serve') ?? facts.major('react-router')) === 7 ? 'bin.js' : 'bin.cjs'),
      `${out}/server/index.js`,
    ],
    port: 3000,
    outputs: [out],
    ...serverOf(facts, '@react-router/serve', 'react-router'),
  }
}

function astro(facts: Facts): Serving | Refused {
  const config = facts.config('astro.config')
  const out = plainPath(config?.literal('outDir')) ?? 'dist'
  const build = [tool('astro'), 'build']
  if (config && !config.imports('@astrojs/node') && (config.literal('output') === 'server' || config.literal('output') === 'hybrid'))
    return {
      kind: 'refused',
      says: `${config.file} asks for a server, and its adapter is not @astrojs/node`,
      hint: 'Use @astrojs/node in its standalone mode: it builds a server that a container can run.',
    }
  if (!config?.imports('@astrojs/node')) return site(out, false, build)
  return {
    kind: 'served',
    evidence: saidBy(config, '@astrojs/node', 'the adapter is @astrojs/node'),
    build,
    start: () => [`${out}/server/entry.mjs`],
    port: 4321,
    env: { HOST: '0.0.0.0', ASTRO_TELEMETRY_DISABLED: '1' },
    outputs: [out],
  }
}

// With Nitro it writes .output; without, a module that only exports its fetch, beside the files of the browser.
function tanstackStart(facts: Facts): Serving {
  const nitro = ['nitro', 'nitropack', 'vinxi', '@tanstack/nitro-v2-vite-plugin'].some((name) => facts.has(name))
  const build = facts.has('vinxi') ? [tool('vinxi'), 'build'] : [tool('vite'), 'build']
  if (nitro || facts.has('@tanstack/start')) return { ...nitroOutput, build }
  return {
    kind: 'served',
    build,
    start: () => [fetchServerFile, 'dist/server/server.js', 'dist/client'],
    port: 3000,
    outputs: ['dist'],
    files: [{ path: fetchServerFile, text: fetchServer }],
  }
}

function nest({ tree, config, script }: Facts): Serving | undefined {
  const cli = config('nest-cli')
  if (!cli && !/\bnest build\b/.test(script('build') ?? '')) return undefined
  const root = plainPath(cli?.literal('sourceRoot')) ?? 'src'
  const file = plainPath(cli?.literal('entryFile')) ?? 'main'
  if (!tree.has(`${root}/${file}.ts`)) return undefined
  // tsc keeps `src` in the output where files beside it are compiled too
  const beside = tree.files.some(
    (path) => /\.ts$/.test(path) && !path.startsWith(`${root}/`) && !/^(?:test|node_modules|dist)\/|\.d\.ts$|config\.ts$/.test(path),
  )
  return {
    kind: 'served',
    build: [tool('nest'), 'build'],
    start: () => [beside ? `dist/${root}/${file}.js` : `dist/${file}.js`],
    port: 3000,
    outputs: ['dist'],
  }
}
