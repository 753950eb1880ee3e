import { tableAt, textAt, valueAt } from '../../toml.ts'
import { readLooseJson } from '../../../infer/loose-json.ts'
import { plainPath, site, tool, type Facts, type Framework, type Serving } from './framework.ts'
import type { BuiltFrameworkName } from '../framework-names.ts'

/** Builds that leave files, `detection.md` 2.7 row 3: the directory, and whether the browser routes. The first that fits counts. */
export const siteFrameworks: readonly Framework[] = [
  pages('docusaurus', ['@docusaurus/core'], 'build', [tool('docusaurus'), 'build']),
  pages('vitepress', ['vitepress'], '.vitepress/dist', [tool('vitepress'), 'build'], inDocs('.vitepress')),
  pages('vuepress', ['vuepress', '@vuepress/cli'], '.vuepress/dist', undefined, inDocs('.vuepress')),
  pages('rspress', ['rspress', '@rspress/core'], 'doc_build', undefined),
  pages('vocs', ['vocs'], 'docs/dist', undefined),
  pages('hexo', ['hexo'], 'public', [tool('hexo'), 'generate']),
  pages('gatsby', ['gatsby'], 'public', [tool('gatsby'), 'build']),
  pages('eleventy', ['@11ty/eleventy'], '_site', [tool('eleventy')], eleventyOutput),
  pages('sapper', ['sapper'], '__sapper__/export', undefined, undefined, (facts) => /\bsapper export\b/.test(facts.script('build') ?? '')),
  pages('brunch', ['brunch'], 'public', [tool('brunch'), 'build', '--production']),
  pages('gridsome', ['gridsome', '@gridsome/cli'], 'dist', undefined),
  { name: 'angular', packages: ['@angular/core'], serve: angular },
  application('create-react-app', ['react-scripts'], 'build', [tool('react-scripts'), 'build']),
  application('vue-cli', ['@vue/cli-service'], 'dist', [tool('vue-cli-service'), 'build'], (facts) =>
    plainPath(facts.config('vue.config')?.literal('outputDir')),
  ),
  application(
    'sanity',
    // before version 3 the command was a package of its own, and sanity.json its settings
    ['sanity', '@sanity/cli'],
    'dist',
    [tool('sanity'), 'build'],
    undefined,
    (facts) => facts.config('sanity.config', 'sanity.cli') !== undefined || facts.tree.has('sanity.json'),
  ),
  application('umi', ['umi', '@umijs/max'], 'dist', undefined),
  application('quasar', ['@quasar/app-vite', '@quasar/app-webpack'], 'dist/spa', undefined),
  application('expo', ['expo'], 'dist', [tool('expo'), 'export', '--platform', 'web'], undefined, (facts) => facts.has('react-native-web')),
  application('ember', ['ember-cli'], 'dist', undefined),
  application('stencil', ['@stencil/core'], 'www', undefined),
  application('rsbuild', ['@rsbuild/core'], 'dist', [tool('rsbuild'), 'build'], (facts) =>
    plainPath(facts.config('rsbuild.config')?.literal('root')),
  ),
  { name: 'vite', packages: ['vite', 'rolldown-vite', '@vitejs/plugin-react', '@vitejs/plugin-vue'], serve: vite },
  pages('parcel', ['parcel'], 'dist', undefined, undefined, (facts) => facts.script('build') !== undefined),
  application(
    'webpack',
    ['webpack'],
    'dist',
    undefined,
    (facts) => plainPath(facts.config('webpack.config')?.literal('path')),
    (facts) => facts.script('build') !== undefined && facts.has('html-webpack-plugin'),
  ),
  pages('storybook', ['storybook'], 'storybook-static', undefined, undefined, (facts) =>
    /\bstorybook build\b/.test(facts.script('build') ?? ''),
  ),
]

type Ask<T> = (facts: Facts) => T

/** A site of many pages: a path that no file has is no page. */
function pages(
  name: BuiltFrameworkName,
  packages: readonly string[],
  out: string,
  build: readonly string[] | undefined,
  where?: Ask<string | undefined>,
  when?: Ask<boolean>,
): Framework {
  return { name, packages, serve: serving(out, false, build, where, when) }
}

/** One page that routes in the browser. */
function application(
  name: BuiltFrameworkName,
  packages: readonly string[],
  out: string,
  build: readonly string[] | undefined,
  where?: Ask<string | undefined>,
  when?: Ask<boolean>,
): Framework {
  return { name, packages, serve: serving(out, true, build, where, when) }
}

function serving(
  out: string,
  fallback: boolean,
  build: readonly string[] | undefined,
  where: Ask<string | undefined> = () => undefined,
  when: Ask<boolean> = () => true,
): Framework['serve'] {
  // without a default command only a script says how it is built
  return (facts) =>
    !when(facts) || (build === undefined && facts.script('build') === undefined) ? undefined : site(where(facts) ?? out, fallback, build)
}

/** `vitepress build docs` works in docs, as does one whose settings lie there. */
function inDocs(settings: string): Ask<string | undefined> {
  return ({ tree, script }) => {
    const told = plainPath(/\b(?:vite|vue)press build (?!-)(\S+)/.exec(script('build') ?? script('docs:build') ?? '')?.[1])
    const home = told ?? (tree.files.some((path) => path.startsWith(`docs/${settings}/`)) ? 'docs' : undefined)
    return home === undefined ? undefined : `${home}/${settings}/dist`
  }
}

function eleventyOutput(facts: Facts): string | undefined {
  const told = /\beleventy\b[^&;|]{0,500}?--output[= ](\S+)/.exec(facts.script('build') ?? '')?.[1]
  return plainPath(told) ?? plainPath(facts.config('.eleventy', 'eleventy.config')?.literal('output'))
}

/** A library is built by Vite too: an application has the page it begins with. Several pages do not route in the browser. */
function vite(facts: Facts): Serving | undefined {
  const config = facts.config('vite.config')
  const root = plainPath(config?.literal('root'))
  const home = root === undefined ? '' : `${root}/`
  if (!facts.tree.has(`${home}index.html`)) return undefined
  const told = /\bvite build\b[^&;|]{0,500}?--outDir[= ](\S+)/.exec(facts.script('build') ?? '')?.[1] ?? config?.literal('outDir')
  const out = outside(home, told) ?? `${home}dist`
  const several =
    facts.tree.files.filter((path) => path.startsWith(home) && /^(?:[^/]+\/)?[^/]+\.html$/.test(path.slice(home.length))).length > 1
  return site(out, !(several && config?.has('input')), [tool('vite'), 'build'])
}

/** `outDir` counts from the root of Vite, and `../dist` beside it is common. */
function outside(home: string, told: string | boolean | number | undefined): string | undefined {
  if (typeof told !== 'string') return undefined
  if (home !== '' && told.startsWith('../')) return plainPath(home.split('/').slice(1, -1).join('/') + told.slice(3))
  const path = plainPath(told)
  return path === undefined ? undefined : home + path
}

function angular({ tree, has }: Facts): Serving | undefined {
  const value = readLooseJson(tree.text('angular.json') ?? '')
  const projects = tableAt(value, 'projects')
  const wanted = textAt(value, 'defaultProject')
  const applications = Object.keys(projects).filter((name) => (textAt(projects[name], 'projectType') ?? 'application') === 'application')
  const name = applications.find((one) => one === wanted) ?? applications[0]
  if (name === undefined) return undefined
  const options = valueAt(projects[name], 'architect', 'build', 'options') ?? valueAt(projects[name], 'targets', 'build', 'options')
  const builder = textAt(projects[name], 'architect', 'build', 'builder') ?? ''
  const path = plainPath(textAt(options, 'outputPath') ?? textAt(options, 'outputPath', 'base')) ?? `dist/${name}`
  const build = [tool('ng'), 'build']
  if (
    has('@angular/ssr') &&
    textAt(options, 'outputMode') !== 'static' &&
    (valueAt(options, 'ssr') ?? valueAt(options, 'server')) !== undefined
  )
    return { kind: 'served', build, start: () => [`${path}/server/server.mjs`], port: 4000, outputs: [path] }
  const browser = textAt(options, 'outputPath', 'browser') ?? 'browser'
  const inside = /:application$/.test(builder) && browser !== '' ? `${path}/${browser}` : path
  return site(inside, true, build)
}
