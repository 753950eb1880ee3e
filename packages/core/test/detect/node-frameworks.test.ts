import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/plan/config.ts'
import { render } from '../../src/dockerfile/render.ts'
import { ok, refused, type Asked, type Tree } from '../plan/planning.ts'

// The rows of `detection.md` 2.7, each with a tree of its own.

const json = (value: object): string => JSON.stringify(value, null, 1)

interface Fields {
  readonly needs?: readonly string[]
  readonly dev?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const any = (names: readonly string[] = []): object => Object.fromEntries(names.map((name) => [name, '*']))

/** A project with its lock, so that only what a row is about is left to say. */
function tree({ needs = [], dev = [], scripts = {}, ...more }: Fields, files: Tree = {}): Tree {
  const manifest = { ...more, scripts, dependencies: any(needs), devDependencies: any(dev) }
  return { 'package.json': json(manifest), 'package-lock.json': '{}', '.nvmrc': '24', ...files }
}

const planned = async (fields: Fields, files: Tree = {}, config?: Config): Promise<Asked> => ok(tree(fields, files), config)
const taken = ({ steps }: Asked): readonly string[] =>
  steps.filter((step) => /^image (?:copy|npm|write)/.test(step)).map((step) => step.replace(/^(image write \S+).*/, '$1'))
const checks = ({ plan }: Asked): readonly string[] =>
  plan.steps.flatMap((step) => (step.kind === 'run' && step.argv[1] === '-e' ? [step.argv[3]!] : []))

describe('row 2: Next with output standalone', () => {
  const files = {
    'next.config.ts': "import type { NextConfig } from 'next'\nconst c: NextConfig = {\n  output: 'standalone' }\nexport default c\n",
    'public/a.txt': '',
  }
  test('is what the build writes, without packages and source', async () => {
    const found = await planned({ needs: ['next', 'react'], scripts: { build: 'next build', start: 'next start' } }, files)
    expect(found.command).toBe('node server.js')
    expect(found.plan).toMatchObject({ framework: 'next', port: 3000, env: { HOSTNAME: '0.0.0.0', PORT: '3000' } })
    expect(found.why('start')).toBe('node.start.framework next.config.ts:3')
    expect(found.why('framework')).toMatch(/^node\.framework\.dependency package\.json:\d+$/)
    expect(taken(found)).toEqual([
      'image copy build:.next/standalone .',
      'image copy build:.next/static .next/static',
      'image copy build:public public',
    ])
    expect(checks(found)).toEqual(['.next/standalone'])
    expect(found.steps.slice(0, 3)).toEqual([
      'build npm package.json package-lock.json +dev',
      'build copy source:. .',
      'build run npm run build',
    ])
  })
  test('with another directory, and without a script', async () => {
    const found = await planned(
      { needs: ['next'] },
      { 'next.config.mjs': "export default { output: 'standalone', distDir: './out/next' }" },
    )
    expect(found.steps).toContain('build run node_modules/.bin/next build')
    expect(taken(found)).toEqual(['image copy build:out/next/standalone .', 'image copy build:out/next/static out/next/static'])
    expect(found.why('build')).toMatch(/^node\.build\.framework/)
  })
  test('a value that only a run could tell is none', async () => {
    const found = await planned(
      { needs: ['next'] },
      { 'next.config.mjs': "export default { output: process.env.X ? 'standalone' : undefined }" },
    )
    expect(found.command).toBe('node node_modules/next/dist/bin/next start')
  })
})

describe('row 3: Next reads a configuration in TypeScript at its start', () => {
  const config = { 'next.config.ts': "import type { NextConfig } from 'next'\nexport default {} satisfies NextConfig\n" }
  const installs = ({ steps }: Asked): readonly string[] => steps.filter((step) => step.includes(' npm '))
  test('with the TypeScript of development, which stays', async () => {
    const found = await planned({ needs: ['next'], dev: ['typescript'] }, config)
    expect(found.command).toBe('node node_modules/next/dist/bin/next start')
    expect(installs(found)).toEqual(['build npm package.json package-lock.json +dev', 'image npm package.json package-lock.json +dev'])
  })
  test('with that of the program', async () => {
    const found = await planned({ needs: ['next', 'typescript'] }, config)
    expect(installs(found)).toEqual(['build npm package.json package-lock.json +dev', 'image npm package.json package-lock.json'])
  })
  test('with one that comes along, where none is declared', async () => {
    const found = await planned({ needs: ['next'] }, config)
    expect(found.plan.dependencies).toContainEqual(expect.objectContaining({ name: 'typescript', specifier: '^5', origin: 'inferred' }))
  })
  test.each([
    ['another configuration', { needs: ['next'], dev: ['typescript'] }, { 'next.config.mjs': 'export default {}' }, undefined],
    ['a start of its own', { needs: ['next'], dev: ['typescript'] }, config, { start: ['node', 'mine.js'] }],
  ])('not with %s', async (_, fields, files, own) => {
    const found = await planned(fields, files, own)
    expect(found.steps.filter((step) => step.startsWith('image npm')).join()).not.toContain('+dev')
    expect(found.steps.join()).not.toContain('typescript')
  })
})

describe('row 3: builds that leave files', () => {
  const vite = { 'index.html': '', 'src/main.ts': '' }
  const angular = (options: object, builder = '@angular/build:application'): Tree => ({
    'angular.json': json({
      projects: { lib: { projectType: 'library' }, shop: { projectType: 'application', architect: { build: { builder, options } } } },
    }),
  })
  test.each<[string, Fields, Tree, string, boolean]>([
    [
      'next, export',
      { needs: ['next'], scripts: { build: 'next build' } },
      { 'next.config.js': "module.exports = { output: 'export' }" },
      'out',
      false,
    ],
    [
      'next, export to distDir',
      { needs: ['next'] },
      { 'next.config.js': "module.exports = { output: 'export', distDir: 'site' }" },
      'site',
      false,
    ],
    ['next export', { needs: ['next'], scripts: { build: 'next build && next export -o www' } }, {}, 'www', false],
    ['nuxt generate', { needs: ['nuxt'], scripts: { build: 'nuxt generate' } }, {}, '.output/public', false],
    ['astro', { needs: ['astro'], scripts: { build: 'astro build', start: 'astro dev' } }, {}, 'dist', false],
    ['astro with outDir', { needs: ['astro'] }, { 'astro.config.mjs': 'export default { outDir: "./public_html" }' }, 'public_html', false],
    ['vite', { dev: ['vite'], scripts: { build: 'vite build', dev: 'vite' } }, vite, 'dist', true],
    ['vite without a script', { dev: ['vite'] }, vite, 'dist', true],
    ['vite with outDir', { dev: ['vite'] }, { ...vite, 'vite.config.ts': "export default { build: { outDir: 'site' } }" }, 'site', true],
    [
      'vite with a root',
      { dev: ['vite'] },
      { 'web/index.html': '', 'vite.config.ts': "export default { root: './web', build: { outDir: '../out' } }" },
      'out',
      true,
    ],
    ['vite with --outDir', { dev: ['vite'], scripts: { build: 'tsc && vite build --outDir www' } }, vite, 'www', true],
    [
      'vite, several pages',
      { dev: ['vite'] },
      { ...vite, 'shop.html': '', 'vite.config.ts': "export default { build: { rollupOptions: { input: { a: 'index.html' } } } }" },
      'dist',
      false,
    ],
    [
      'create-react-app',
      { needs: ['react-scripts'], scripts: { start: 'react-scripts start', build: 'react-scripts build' } },
      {},
      'build',
      true,
    ],
    [
      'angular',
      { needs: ['@angular/core'], scripts: { start: 'ng serve', build: 'ng build' } },
      angular({ outputPath: 'dist/shop' }),
      'dist/shop/browser',
      true,
    ],
    [
      'angular, older builder',
      { needs: ['@angular/core'] },
      angular({ outputPath: 'dist' }, '@angular-devkit/build-angular:browser'),
      'dist',
      true,
    ],
    ['angular, named parts', { needs: ['@angular/core'] }, angular({ outputPath: { base: 'out', browser: '' } }), 'out', true],
    [
      'vue-cli',
      { dev: ['@vue/cli-service'], scripts: { serve: 'vue-cli-service serve' } },
      { 'vue.config.js': "module.exports = { outputDir: 'www' }" },
      'www',
      true,
    ],
    ['umi', { needs: ['umi'], scripts: { build: 'umi build' } }, {}, 'dist', true],
    ['expo for the web', { needs: ['expo', 'react-native-web'], scripts: { start: 'expo start' } }, {}, 'dist', true],
    ['quasar', { dev: ['@quasar/app-vite'], scripts: { build: 'quasar build' } }, {}, 'dist/spa', true],
    ['ember', { dev: ['ember-cli'], scripts: { build: 'ember build' } }, {}, 'dist', true],
    ['stencil', { dev: ['@stencil/core'], scripts: { build: 'stencil build' } }, {}, 'www', true],
    ['rsbuild', { dev: ['@rsbuild/core'] }, {}, 'dist', true],
    ['webpack', { dev: ['webpack', 'html-webpack-plugin'], scripts: { build: 'webpack' } }, {}, 'dist', true],
    ['parcel', { dev: ['parcel'], scripts: { build: 'parcel build index.html' } }, {}, 'dist', false],
    [
      'react-router without ssr',
      { needs: ['react-router'], dev: ['@react-router/dev', 'vite'] },
      { 'react-router.config.ts': 'export default { ssr: false }' },
      'build/client',
      true,
    ],
    [
      'sveltekit, static',
      { dev: ['@sveltejs/kit', 'vite'] },
      {
        'svelte.config.js': "import a from '@sveltejs/adapter-static'\nexport default { kit: { adapter: a({ fallback: 'index.html' }) } }",
      },
      'build',
      true,
    ],
    ['docusaurus', { needs: ['@docusaurus/core'], scripts: { start: 'docusaurus start', build: 'docusaurus build' } }, {}, 'build', false],
    ['vitepress', { dev: ['vitepress'], scripts: { 'docs:build': 'vitepress build docs' } }, {}, 'docs/.vitepress/dist', false],
    ['vitepress at the top', { dev: ['vitepress'] }, {}, '.vitepress/dist', false],
    ['vuepress', { dev: ['vuepress'], scripts: { build: 'vuepress build docs' } }, {}, 'docs/.vuepress/dist', false],
    ['rspress', { dev: ['rspress'], scripts: { build: 'rspress build' } }, {}, 'doc_build', false],
    ['vocs', { needs: ['vocs'], scripts: { build: 'vocs build' } }, {}, 'docs/dist', false],
    ['hexo', { needs: ['hexo'] }, {}, 'public', false],
    ['gatsby', { needs: ['gatsby'], scripts: { start: 'gatsby develop' } }, {}, 'public', false],
    ['eleventy', { dev: ['@11ty/eleventy'] }, {}, '_site', false],
    ['eleventy elsewhere', { dev: ['@11ty/eleventy'], scripts: { build: 'eleventy --output=www' } }, {}, 'www', false],
    ['sapper, exported', { dev: ['sapper'], scripts: { start: 'sapper dev', build: 'sapper export' } }, {}, '__sapper__/export', false],
    ['brunch', { dev: ['brunch'], scripts: { start: 'brunch watch --server' } }, {}, 'public', false],
    ['sanity', { needs: ['sanity'], main: 'package.json', scripts: { start: 'sanity start' } }, { 'sanity.config.ts': '' }, 'dist', true],
    ['sanity', { needs: ['react'], dev: ['@sanity/cli'], scripts: { start: 'sanity start' } }, { 'sanity.json': '{}' }, 'dist', true],
    ['gridsome', { needs: ['gridsome'], scripts: { build: 'gridsome build' } }, {}, 'dist', false],
    ['storybook', { dev: ['storybook'], scripts: { build: 'storybook build' } }, {}, 'storybook-static', false],
  ])('%s', async (_, fields, files, out, fallback) => {
    const found = await planned(fields, files)
    expect(found.command).toBe(`node kiln-static.mjs ${out}${fallback ? ' --fallback' : ''}`)
    expect(found.plan.port).toBe(8080)
    expect(taken(found)).toEqual([`image copy build:${out} ${out}`, 'image write kiln-static.mjs'])
    expect(checks(found)).toEqual([out])
    expect(found.why('start')).toMatch(/^node\.start\.static \S+:\d+$/)
    expect(found.why('build')).toMatch(/^node\.build\.(?:script|framework) \S+:\d+$/)
  })
  test.each([
    ['serve -s www', 'www', true],
    ['npx serve www -l 3000', 'www', false],
    ['sirv dist --single --port 3000', 'dist', true],
    ['http-server ./public -p 80', 'public', false],
  ])('a start script that serves files: %s', async (start, out, fallback) => {
    const found = await planned({ needs: ['serve'], scripts: { build: 'node build.js', start } }, { 'build.js': '' })
    expect(found.command).toBe(`node kiln-static.mjs ${out}${fallback ? ' --fallback' : ''}`)
    expect(found.why('start')).toMatch(/^node\.start\.static package\.json:\d+$/)
  })
  test('a custom start is no site', async () => {
    const server = 'import express from "express"\nexpress().use(express.static("dist")).listen(4000)\n'
    const files = { ...vite, 'server.js': server }
    expect(
      (await planned({ needs: ['express'], dev: ['vite'], scripts: { build: 'vite build', start: 'node server.js' } }, files)).command,
    ).toBe('node server.js')
    expect((await planned({ needs: ['express'], dev: ['vite'], scripts: { build: 'vite build' } }, files)).command).toBe('node server.js')
    expect((await planned({ dev: ['vite', 'express'], scripts: { build: 'vite build' } }, files)).command).toBe(
      'node kiln-static.mjs dist --fallback',
    )
  })
  test('a library that Vite builds is no site', async () => {
    expect((await planned({ dev: ['vite'], main: 'index.js' }, { 'index.js': 'console.log(1)' })).command).toBe('node index.js')
  })
  test('an out directory outside of the unit is not believed', async () => {
    expect(
      (await planned({ dev: ['vite'] }, { ...vite, 'vite.config.ts': "export default { build: { outDir: '/etc' } }" })).command,
    ).toContain('kiln-static.mjs dist')
  })
})

describe('row 4: frameworks with a server of their own', () => {
  const svelte = (adapter: string, options = ''): Tree => ({
    'svelte.config.js': `import a from '@sveltejs/adapter-${adapter}'\nexport default { kit: { adapter: a(${options}) } }`,
  })
  test.each<[string, Fields, Tree, string, number, readonly string[]]>([
    [
      'next',
      { needs: ['next'], scripts: { build: 'next build', start: 'next start' } },
      {},
      'node_modules/next/dist/bin/next start',
      3000,
      ['.next'],
    ],
    ['payload, which is next', { needs: ['payload', 'next'] }, {}, 'node_modules/next/dist/bin/next start', 3000, ['.next']],
    ['nuxt', { needs: ['nuxt'], scripts: { build: 'nuxt build' } }, {}, '.output/server/index.mjs', 3000, ['.output']],
    ['nitro', { needs: ['nitropack'], scripts: { build: 'nitropack build' } }, {}, '.output/server/index.mjs', 3000, ['.output']],
    ['sveltekit', { dev: ['@sveltejs/kit', 'vite'] }, svelte('node'), 'build/index.js', 3000, ['build']],
    ['sveltekit elsewhere', { dev: ['@sveltejs/kit', 'vite'] }, svelte('node', "{ out: 'server' }"), 'server/index.js', 3000, ['server']],
    [
      'remix with vite',
      { needs: ['@remix-run/serve'], dev: ['vite'] },
      {},
      'node_modules/@remix-run/serve/dist/cli.js build/server/index.js',
      3000,
      ['build'],
    ],
    [
      'remix, classic',
      { needs: ['@remix-run/serve'] },
      {},
      'node_modules/@remix-run/serve/dist/cli.js build/index.js',
      3000,
      ['build', 'public'],
    ],
    [
      'react-router',
      { needs: ['@react-router/serve'], dev: ['@react-router/dev', 'vite'] },
      {},
      'node_modules/@react-router/serve/bin.cjs build/server/index.js',
      3000,
      ['build'],
    ],
    [
      'astro on node',
      { needs: ['astro', '@astrojs/node'] },
      { 'astro.config.mjs': "import node from '@astrojs/node'\nexport default { adapter: node({ mode: 'standalone' }) }" },
      'dist/server/entry.mjs',
      4321,
      ['dist'],
    ],
    [
      'tanstack start with nitro',
      { needs: ['@tanstack/react-start', 'nitro'], dev: ['vite'] },
      {},
      '.output/server/index.mjs',
      3000,
      ['.output'],
    ],
    [
      'tanstack start',
      { needs: ['@tanstack/react-start'], dev: ['vite'] },
      {},
      'kiln-serve.mjs dist/server/server.js dist/client',
      3000,
      ['dist'],
    ],
    [
      'solid-start',
      { needs: ['@solidjs/start', 'vinxi'], scripts: { build: 'vinxi build' } },
      {},
      '.output/server/index.mjs',
      3000,
      ['.output'],
    ],
    [
      'qwik',
      { dev: ['@builder.io/qwik-city', 'vite'], scripts: { build: 'qwik build' } },
      { 'src/entry.express.tsx': '' },
      'server/entry.express.js',
      3000,
      ['dist', 'server'],
    ],
    [
      'analog',
      { needs: ['@analogjs/platform', '@angular/core'], dev: ['vite'] },
      {},
      'dist/analog/server/index.mjs',
      3000,
      ['dist/analog'],
    ],
    [
      'angular with ssr',
      { needs: ['@angular/core', '@angular/ssr'] },
      {
        'angular.json': json({
          projects: { shop: { architect: { build: { options: { outputPath: 'dist/shop', ssr: { entry: 'src/server.ts' } } } } } },
        }),
      },
      'dist/shop/server/server.mjs',
      4000,
      ['dist/shop'],
    ],
    [
      'adonis',
      { needs: ['@adonisjs/core'], scripts: { build: 'node ace build', start: 'node bin/server.js' } },
      { 'ace.js': '' },
      'build/bin/server.js',
      3333,
      ['build'],
    ],
    [
      'nest',
      { needs: ['@nestjs/core'], scripts: { build: 'nest build', start: 'nest start', 'start:prod': 'node dist/main' } },
      { 'nest-cli.json': '{}', 'src/main.ts': '' },
      'dist/main',
      3000,
      ['dist'],
    ],
    [
      'nest without scripts',
      { needs: ['@nestjs/core'] },
      { 'nest-cli.json': '{ "entryFile": "server" }', 'src/server.ts': '' },
      'dist/server.js',
      3000,
      ['dist'],
    ],
    [
      'nest with code beside src',
      { needs: ['@nestjs/core'] },
      { 'nest-cli.json': '{}', 'src/main.ts': '', 'lib/x.ts': '' },
      'dist/src/main.js',
      3000,
      ['dist'],
    ],
  ])('%s', async (_, fields, files, start, port, outputs) => {
    const found = await planned(fields, files)
    expect(found.command).toBe(`node ${start}`)
    expect(found.plan.port).toBe(port)
    expect(found.steps.filter((step) => step.startsWith('image copy build:')).map((step) => step.split(/[: ]/)[3])).toEqual(outputs)
    expect(checks(found)).toEqual([outputs[0]])
    expect(found.why('start')).toMatch(/^node\.start\.framework \S+:\d+$/)
    expect(found.why('port')).toMatch(/^node\.port\./)
  })
  test.each<[string, Fields, Tree, string, number]>([
    [
      'strapi',
      { needs: ['@strapi/strapi'], scripts: { build: 'strapi build', start: 'strapi start' } },
      {},
      'node_modules/@strapi/strapi/bin/strapi.js start',
      1337,
    ],
    ['medusa', { needs: ['@medusajs/medusa', '@medusajs/cli'] }, {}, 'node_modules/@medusajs/cli/cli.js start', 9000],
    ['keystone', { needs: ['@keystone-6/core'] }, {}, 'node_modules/@keystone-6/core/bin/cli.js start', 3000],
    ['redwood', { needs: ['@redwoodjs/core'] }, {}, 'node_modules/@redwoodjs/api-server/dist/bin.js', 8910],
  ])('%s leaves its outputs all over, so that the image takes the whole', async (_, fields, files, start, port) => {
    const found = await planned(fields, files)
    expect(found.command).toBe(`node ${start}`)
    expect(found.plan.port).toBe(port)
    expect(taken(found)).toEqual(['image copy build:. .'])
    expect(found.steps).toContain('build run npm prune --omit=dev --ignore-scripts')
  })
  test('next says how it could be smaller, and its cache stays behind', async () => {
    const found = await planned({ needs: ['next'] }, { 'next.config.js': 'module.exports = {}' })
    expect(found.notices.find(({ code }) => code === 'next_standalone')?.file).toBe('next.config.js')
    expect(found.steps).toContain('build run rm -rf .next/cache')
    expect(taken(found).slice(0, 2)).toEqual(['image npm package.json package-lock.json', 'image copy source:. .'])
  })
  test.each([
    [{ '@react-router/serve': '^7.9.0' }, {}, 'bin.js'],
    [{ '@react-router/serve': '^8.0.0' }, {}, 'bin.cjs'],
    [{ '@react-router/serve': '>=7' }, { 'node_modules/@react-router/serve': { version: '8.4.0' } }, 'bin.cjs'],
    [{ '@react-router/serve': '*' }, { 'node_modules/@react-router/serve': { version: '7.18.4' } }, 'bin.js'],
  ])('the file of a package is the one of its version: %j %j', async (dependencies, packages, file) => {
    const manifest = json({ dependencies: { ...dependencies, '@react-router/dev': '*' } })
    const found = await ok({ 'package.json': manifest, 'package-lock.json': json({ packages }) })
    expect(found.command).toBe(`node node_modules/@react-router/serve/${file} build/server/index.js`)
  })
  test.each([
    ['next', 'ARG NEXT_TELEMETRY_DISABLED=1\n'],
    ['astro', 'ARG ASTRO_TELEMETRY_DISABLED=1\n'],
    ['nuxt', 'ARG NUXT_TELEMETRY_DISABLED=1\n'],
  ])('%s tells nobody of the build', async (name, line) => {
    expect(render((await planned({ needs: [name] })).plan, 'classic').text).toContain(line)
  })
  test('adapter-auto of SvelteKit knows no container: it is told of Node', async () => {
    const found = await planned({ dev: ['@sveltejs/kit', 'vite'], scripts: { build: 'vite build' } }, svelte('auto'))
    expect(found.steps).toContain('build run env GCP_BUILDPACKS=1 npm run build')
    expect(found.command).toBe('node build/index.js')
    expect(found.codes).toContain('adapter_added')
    // an adapter-auto of old does not know the variable: then nothing is written, which has to fail the build
    expect(checks(found)).toEqual(['build'])
  })
  test('an adapter for a platform alone is refused with what to use', async () => {
    const answer = await refused(tree({ dev: ['@sveltejs/kit', 'vite'] }, svelte('vercel')))
    expect(answer.code).toBe('unsupported_project')
    expect(answer.hint).toContain('@sveltejs/adapter-node')
  })
  test('Astro with a server for a platform is no site', async () => {
    const files = { 'astro.config.ts': "import v from '@astrojs/vercel'\nexport default { output: 'server', adapter: v() }" }
    const answer = await refused(tree({ needs: ['astro', '@astrojs/vercel'] }, files))
    expect(answer.code).toBe('unsupported_project')
    expect(answer.hint).toContain('@astrojs/node')
  })
  test('a server that only a platform would bring is added', async () => {
    const remix = await ok({ 'package.json': json({ dependencies: { '@remix-run/react': '2.10.0', vite: '5' } }) })
    expect(remix.packages).toContain('@remix-run/serve2.10.0')
    expect(remix.codes).toContain('server_added')
    const router = await ok({ 'package.json': json({ dependencies: { '@react-router/dev': '^7', 'react-router': '^7.9.0' } }) })
    expect(router.packages).toContain('@react-router/serve^7.9.0')
    expect(router.command).toBe('node node_modules/@react-router/serve/bin.js build/server/index.js')
  })
  test('nitro as a plugin of Vite', async () => {
    const files = { 'index.html': '', 'vite.config.ts': "import { nitro } from 'nitro/vite'\nexport default { plugins: [nitro()] }" }
    expect((await planned({ dev: ['vite', 'nitro'] }, files)).command).toBe('node .output/server/index.mjs')
  })
  test('a server of the own around a framework starts itself', async () => {
    const found = await planned(
      { needs: ['next'], scripts: { build: 'next build', start: 'NODE_ENV=production node server.js' } },
      { 'server.js': 'import next from "next"\nx.listen(4000)' },
    )
    expect(found.command).toBe('node server.js')
    expect(found.plan.port).toBe(4000)
  })
  test('a start script that runs what the framework wrote keeps its options', async () => {
    const scripts = { build: 'astro build', start: 'HOST=:: node --max-old-space-size=200 ./dist/server/entry.mjs' }
    const found = await planned(
      { needs: ['astro', '@astrojs/node'], scripts },
      { 'astro.config.mjs': "import '@astrojs/node'\nexport default {}" },
    )
    expect(found.command).toBe('node --max-old-space-size=200 dist/server/entry.mjs')
    expect(found.plan.env['HOST']).toBe('::')
  })
  test('the configuration chooses and overrides', async () => {
    const both: Fields = { needs: ['next'], dev: ['vitepress'] }
    expect((await planned(both, {}, { framework: 'vitepress' })).command).toBe('node kiln-static.mjs .vitepress/dist')
    expect((await planned({ needs: ['next', 'express'] }, { 'server.js': 'x' }, { framework: 'flask' })).plan.framework).toBe('next')
    const own = await planned(both, {}, { start: ['node', 'x.js'], port: 1234 })
    expect(own.plan).toMatchObject({ start: ['node', 'x.js'], port: 1234, framework: 'next' })
    expect(own.steps.at(-1)).toBe('image copy build:. .')
  })
  test('names that only look like a framework are none', async () => {
    const found = await planned(
      { needs: ['next-auth', 'nuxt-x', 'express'] },
      { 'index.js': 'import express from "express"\nexpress().listen(3000)' },
    )
    expect(found.command).toBe('node index.js')
  })
})

describe('row 5: agents', () => {
  test('langgraph.json is served by the server of LangGraph', async () => {
    const files = {
      'langgraph.json': json({ graphs: { agent: './src/agent/graph.ts:graph' }, node_version: '20' }),
      'src/agent/graph.ts': '',
    }
    const found = await planned({ needs: ['@langchain/langgraph'] }, files)
    expect(found.command).toBe('node node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs dev --no-browser --host 0.0.0.0 --port $PORT')
    expect(found.plan).toMatchObject({ framework: 'langgraph', port: 2024 })
    expect(found.packages).toContain('@langchain/langgraph-cli^1')
    expect(found.why('start')).toBe('node.start.framework langgraph.json:2')
    expect(found.codes).toContain('dev_server')
  })
  test('mastra', async () => {
    const found = await planned(
      { needs: ['@mastra/core', 'mastra'], scripts: { dev: 'mastra dev', build: 'mastra build' } },
      { 'src/mastra/index.ts': '' },
    )
    expect(found.command).toBe('node .mastra/output/index.mjs')
    expect(found.plan).toMatchObject({ port: 4111, env: { MASTRA_HOST: '0.0.0.0' } })
    expect(taken(found)).toEqual(['image copy build:.mastra/output .mastra/output'])
  })
  test('mastra as a library of Next is Next', async () => {
    expect(
      (await planned({ needs: ['@mastra/core', 'mastra', 'next'], scripts: { build: 'next build' } }, { 'src/mastra/index.ts': '' })).plan
        .framework,
    ).toBe('next')
  })
  test.each([
    ['export default { http: { port: 3500, host: "0.0.0.0" } }', 'dist/http.js', 3500, false],
    ['export default { http: true }', 'dist/http.js', 3001, true],
    ['export default { stdio: true }', 'dist/stdio.js', null, false],
  ])('xmcp: %s', async (config, start, port, local) => {
    const found = await planned({ needs: ['xmcp'], scripts: { build: 'xmcp build' } }, { 'xmcp.config.ts': config })
    expect(found.command).toBe(`node ${start}`)
    expect(found.plan.port).toBe(port)
    expect(found.codes.includes('binds_locally')).toBe(local)
    expect('PORT' in found.plan.env).toBe(port !== null)
  })
  const mcp = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'\n"
  test('an MCP server over HTTP listens where its framework does', async () => {
    const text = `${mcp}import express from 'express'\nexpress().post('/mcp', x)\napp.listen(3001)\n`
    expect((await planned({ needs: ['@modelcontextprotocol/sdk', 'express'] }, { 'src/server.ts': text })).plan.port).toBe(3001)
  })
  test('an MCP server over stdio has no port', async () => {
    const text = `${mcp}import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'\nawait s.connect(new StdioServerTransport())\n`
    const found = await planned({ needs: ['@modelcontextprotocol/sdk'] }, { 'src/index.ts': text })
    expect(found.plan.port).toBeNull()
    expect(found.why('port')).toBe('node.port.worker src/index.ts:3')
    expect(found.why('start')).toBe('node.start.worker src/index.ts:3')
  })
  test.each<[string, string, string, number | null]>([
    ['genkit', '@genkit-ai/express', "import { startFlowServer } from '@genkit-ai/express'\nstartFlowServer({ flows: [a] })\n", 3400],
    [
      'genkit with a port',
      '@genkit-ai/express',
      "import { startFlowServer } from '@genkit-ai/express'\nstartFlowServer({ flows: [a], port: 3999 })\n",
      3999,
    ],
    ['voltagent', '@voltagent/core', "import { VoltAgent } from '@voltagent/core'\nnew VoltAgent({ agents: { a } })\n", 3141],
    [
      'fastmcp over http',
      'fastmcp',
      "import { FastMCP } from 'fastmcp'\nconst s = new FastMCP({})\ns.start({ transportType: 'httpStream' })\n",
      8080,
    ],
    [
      'fastmcp over stdio',
      'fastmcp',
      "import { FastMCP } from 'fastmcp'\nconst s = new FastMCP({})\ns.start({ transportType: 'stdio' })\n",
      null,
    ],
    [
      'temporal worker',
      '@temporalio/worker',
      "import { Worker } from '@temporalio/worker'\nconst w = await Worker.create({})\nawait w.run()\n",
      null,
    ],
    ['inngest connect', 'inngest', "import { connect } from 'inngest/connect'\nawait connect({ apps: [] })\n", null],
    [
      'inngest served by express',
      'inngest',
      "import { serve } from 'inngest/express'\nimport express from 'express'\nexpress().listen(3010)\n",
      3010,
    ],
    ['bullmq', 'bullmq', "import { Worker } from 'bullmq'\nnew Worker('q', f)\n", null],
    ['a bot', 'discord.js', "import { Client } from 'discord.js'\nnew Client({}).login(t)\n", null],
    ['livekit', '@livekit/agents', "import { cli } from '@livekit/agents'\ncli.runApp(new WorkerOptions({}))\n", null],
  ])('%s', async (_, name, text, port) => {
    const found = await planned({ needs: [name, 'express'] }, { 'src/work.ts': '', 'src/index.ts': text })
    expect(found.command).toBe('node src/index.ts')
    expect(found.plan.port).toBe(port)
    expect(found.why('port')).toMatch(/^node\.port\.(?:worker|framework|listen) src\/index\.ts:\d$/)
  })
  test('eliza', async () => {
    expect((await planned({ needs: ['@elizaos/cli'], scripts: { start: 'elizaos start' } })).command).toBe(
      'node node_modules/@elizaos/cli/dist/index.js start',
    )
  })
  test('tasks of Trigger.dev alone run elsewhere, which is said; beside a server they are no matter', async () => {
    const files = { 'trigger.config.ts': 'export default { project: "x" }', 'src/trigger/a.ts': '' }
    const answer = await refused(tree({ needs: ['@trigger.dev/sdk'] }, files))
    expect(answer).toMatchObject({ code: 'unsupported_project', place: 'package.json:4' })
    expect(answer.hint).toContain('trigger deploy')
    expect((await planned({ needs: ['@trigger.dev/sdk', 'express'] }, { ...files, 'server.js': 'app.listen(1)' })).command).toBe(
      'node server.js',
    )
  })
})

describe('row 1 and 6: Procfile and scripts', () => {
  const server = { 'server.js': 'x.listen(3000)', 'worker.js': '1' }
  test.each([
    ['web: node server.js --fast\nworker: node worker.js\n', {}, 'node server.js --fast', 'node.start.procfile Procfile:1'],
    ['release: x\nworker: node worker.js\n', {}, 'node worker.js', 'node.start.procfile Procfile:2'],
    ['web: npm start\n', { start: 'node server' }, 'node server.js', 'node.start.procfile Procfile:1'],
    ['web: bin/start.sh\n', { start: 'node worker.js' }, 'node worker.js', 'node.start.script package.json:3'],
  ])('%j', async (Procfile, scripts, command, why) => {
    const found = await planned({ scripts, needs: ['x'] }, { ...server, Procfile })
    expect(found.command).toBe(command)
    expect(found.why('start')).toBe(why)
  })
  test.each([
    ['npm run start:prod', 'node server.js'],
    ['pnpm start:prod', 'node server.js'],
    ['dotenv -e .env -- node server.js', 'node server.js'],
    ['env-cmd -f .env node server.js', 'node server.js'],
    ['doppler run -- node server.js', 'node server.js'],
    ['pm2-runtime start server.js', 'node server.js'],
    ['fastify start -l info app.js', 'node node_modules/fastify-cli/cli.js start -l info app.js'],
    ['genkit start -- tsx server.js', 'node server.js'],
  ])('%s', async (start, command) => {
    const found = await planned({ needs: ['express'], scripts: { start, 'start:prod': 'node server.js' } }, server)
    expect(found.command).toBe(command)
    expect(found.why('start')).toMatch(/^node\.start\.script package\.json:3$/)
  })
  test('a main that is no program', async () => {
    expect((await refused(tree({ needs: ['x'], main: 'package.json' }))).code).toBe('nothing_detected')
  })
  test('scripts that call each other end', async () => {
    expect((await refused(tree({ needs: ['x'], scripts: { start: 'npm run a', a: 'npm run start' } }))).code).toBe('unsupported_project')
  })
})

describe('row 7: applications that are only exported', () => {
  test.each([
    ['hono', "import { Hono } from 'hono'\nconst app = new Hono()\nexport default app\n", 2],
    ['elysia', "import { Elysia } from 'elysia'\nexport default new Elysia().get('/', () => 'x')\n", 2],
    ['a fetch', "import { Hono } from 'hono'\nconst app = new Hono()\nexport default {\n  port: 3000, fetch: app.fetch }\n", 3],
    ['express', "import express from 'express'\nconst app = express()\nexport default app\n", 2],
  ])('%s', async (_, text, line) => {
    const found = await planned({ needs: ['hono', 'elysia', '@elysiajs/node', 'express'] }, { 'src/index.ts': text })
    expect(found.command).toBe('node kiln-serve.mjs src/index.ts')
    expect(found.plan.entrypoint).toBe('src/index.ts')
    expect(found.why('start')).toBe(`node.start.export src/index.ts:${line}`)
    expect(found.steps.at(-1)).toMatch(/^image write kiln-serve\.mjs /)
  })
  test('one that listens by itself needs nobody', async () => {
    const text =
      "import { Hono } from 'hono'\nimport { serve } from '@hono/node-server'\nconst app = new Hono()\nserve({ fetch: app.fetch, port: 3005 })\nexport default app\n"
    const found = await planned({ needs: ['hono', '@hono/node-server'] }, { 'src/index.ts': text })
    expect(found.command).toBe('node src/index.ts')
    expect(found.plan.port).toBe(3005)
  })
  test('what is built is what is listened for', async () => {
    const files = {
      'src/index.ts': "import { Hono } from 'hono'\nexport default new Hono()\n",
      'tsconfig.json': '{"compilerOptions":{"outDir":"dist"}}',
    }
    const found = await planned({ needs: ['hono'], scripts: { build: 'tsc', start: 'node dist/index.js' } }, files)
    expect(found.command).toBe('node kiln-serve.mjs dist/index.js')
  })
})

test('a configuration that is no program says nothing, and nothing runs', async () => {
  for (const text of ['export default {{{', '\u0000', 'x'.repeat(100_000), '('.repeat(5000)])
    expect((await planned({ needs: ['next'] }, { 'next.config.js': text })).plan.framework).toBe('next')
})
