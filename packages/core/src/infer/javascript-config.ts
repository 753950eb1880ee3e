import { readText, type Readable } from './files.ts'
import type { Group, NpmNeeds } from './javascript-gather.ts'
import { entriesOf, parseJson, readJson, stringsOf, textOf, type Json } from './javascript-json.ts'

/** What tools' files need that no import says: the tool itself, and the plugins that a string names. */
export function readConfigs(source: Readable, files: readonly string[], needs: NpmNeeds): void {
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/') + 1)
    const [, tools, group] = tools_.find(([pattern]) => pattern.test(name)) ?? []
    for (const tool of tools?.split(' ') ?? [])
      needs.add({
        name: tool,
        version: '*',
        group: group!,
        grade: 'A',
        rule: 'javascript.tool.file',
        says: `${name} configures ${tool}`,
        file,
        line: 1,
      })
    const reader = /postcss/.test(name) ? postcssPlugins : /eslintrc/.test(name) ? eslintNames : /babel/.test(name) ? babelNames : undefined
    if (reader !== undefined) addNamed(reader(readText(source, file)), /eslint/.test(name) ? 'tools' : 'dev', file, needs)
  }
}

/** What one tsconfig names: types, the JSX runtime's package, a package it extends. */
export function readTsConfigNames(source: Readable, file: string, needs: NpmNeeds): string | undefined {
  const json = readJson(source, file)
  const options = (json.compilerOptions ?? {}) as Json
  const types = stringsOf(options.types).flatMap((name) => [`@types/${name}`, packageOf(name)])
  const parents = [json.extends]
    .flat()
    .flatMap((parent) => (typeof parent === 'string' && !parent.startsWith('.') ? [packageOf(parent)] : []))
  for (const name of [...types, ...parents])
    needs.add({ name, version: '*', group: 'dev', grade: 'C', rule: 'javascript.tool.tsconfig', says: `${name} is named`, file, line: 1 })
  return textOf(options.jsxImportSource)
}

const tools_: readonly (readonly [RegExp, string, Group])[] = [
  [/^next\.config/, 'next', 'default'],
  [/^nuxt\.config/, 'nuxt', 'default'],
  [/^astro\.config/, 'astro', 'default'],
  [/^gatsby-(?:config|node)/, 'gatsby', 'default'],
  [/^docusaurus\.config/, '@docusaurus/core', 'default'],
  [/^vite\.config/, 'vite', 'dev'],
  [/^svelte\.config/, 'svelte', 'dev'],
  [/^tailwind\.config/, 'tailwindcss', 'dev'],
  [/^\.?postcss/, 'postcss', 'dev'],
  [/^remix\.config/, '@remix-run/dev', 'dev'],
  [/^react-router\.config/, '@react-router/dev', 'dev'],
  [/^webpack\.config/, 'webpack webpack-cli', 'dev'],
  [/^rollup\.config/, 'rollup', 'dev'],
  [/^tsup\.config/, 'tsup', 'dev'],
  [/^drizzle\.config/, 'drizzle-kit', 'dev'],
  [/^babel\.config|^\.babelrc/, '@babel/core', 'dev'],
  [/^vitest\.config/, 'vitest', 'tools'],
  [/^jest\.config/, 'jest', 'tools'],
  [/^playwright\.config/, '@playwright/test', 'tools'],
  [/^eslint\.config|^\.eslintrc/, 'eslint', 'tools'],
  [/^prettier\.config/, 'prettier', 'tools'],
]

function addNamed(names: readonly string[], group: Group, file: string, needs: NpmNeeds): void {
  for (const name of names)
    needs.add({ name, version: '*', group, grade: 'C', rule: 'javascript.tool.string', says: `names ${name}`, file, line: 1 })
}

function postcssPlugins(text: string): readonly string[] {
  return words(text).filter((name) =>
    /^(?:tailwindcss$|autoprefixer$|cssnano$|postcss-|@tailwindcss\/|@csstools\/|@fullhuman\/postcss)/.test(name),
  )
}

/** Short names of ESLint's shared configurations and plugins, and the packages they stand for. */
function eslintNames(text: string): readonly string[] {
  const json = parseJson(text)
  const extended = json === undefined ? words(text) : stringsOf(json.extends)
  const plugins = json === undefined ? [] : stringsOf(json.plugins)
  return [
    ...extended.flatMap((name) =>
      name.startsWith('plugin:') ? [prefixed(name.slice(7), 'eslint-plugin')] : [prefixed(name, 'eslint-config')],
    ),
    ...plugins.map((name) => prefixed(name, 'eslint-plugin')),
    ...stringsOf(json?.parser),
  ]
}

function babelNames(text: string): readonly string[] {
  const json = parseJson(text)
  const presets =
    json === undefined
      ? words(text)
      : entriesOf(json).flatMap(([key, value]) => (key === 'presets' || key === 'plugins' ? stringsOf(value) : []))
  return presets.flatMap((name) =>
    name === 'next/babel' ? [] : [packageOf(name), prefixed(name, 'babel-preset'), prefixed(name, 'babel-plugin')],
  )
}

/** `next/x` and `eslint-config` give `eslint-config-next`; `@s/x` gives `@s/eslint-plugin`; a full name gives itself. */
function prefixed(name: string, prefix: string): string {
  const [first = '', second = ''] = name.split('/')
  if (first.startsWith('@')) return second.startsWith(prefix) ? `${first}/${second}` : `${first}/${prefix}`
  return first.startsWith(prefix) ? first : `${prefix}-${first}`
}

function packageOf(name: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name
}

/** Strings and keys of a file that is a program. */
function words(text: string): readonly string[] {
  return [...text.slice(0, 100_000).matchAll(/["']((?:plugin:)?@?[\w./-]{2,100})["']|\b([a-z]\w{2,40})\s{0,9}:/g)].map(
    ([, string, key]) => string ?? key!,
  )
}
