import { expect, test } from 'vitest'
import { inferJavaScript } from '../../src/infer/javascript.ts'
import { sourceOf } from './sources.ts'

// The hard cases of JavaScript and TypeScript, one row each: what a source needs, by group. `typescript` and Node's types are in every
// TypeScript project, so that rows about something else are JavaScript.
type Files = Readonly<Record<string, string>>
interface Expected {
  /** to run */
  readonly run?: readonly string[]
  readonly optional?: readonly string[]
  readonly dev?: readonly string[]
  readonly tools?: readonly string[]
  readonly unresolved?: readonly string[]
  readonly notices?: readonly string[]
}

function needs(files: Files, unit = '.'): Expected {
  const { dependencies, unresolved, notices } = inferJavaScript(sourceOf(files), { unit, version: '24' })
  const of = (group: string): readonly string[] =>
    dependencies.filter((one) => one.group === group).map(({ name, specifier }) => (specifier === '*' ? name : `${name}@${specifier}`))
  const all = {
    run: of('default'),
    optional: of('optional'),
    dev: of('dev'),
    tools: of('tools'),
    unresolved: unresolved.map((one) => one.import),
    notices: notices.map(({ code }) => code),
  }
  return Object.fromEntries(Object.entries(all).filter(([, names]) => names.length > 0))
}

const js = (text: string): Files => ({ 'a.js': text })

test.each<[string, Files, Expected]>([
  ['scoped', js(`import '@hono/node-server/serve-static'`), { run: ['@hono/node-server', 'hono'] }],
  ['subpath', js(`import 'lodash/fp'`), { run: ['lodash'] }],
  ['a version in the specifier', js(`import 'zod@1.2/sub'`), { run: ['zod@1.2'] }],
  ['npm: with a version', js(`import 'npm:zod@3'; import 'npm:/@hono/node-server@1/x'`), { run: ['@hono/node-server@1', 'hono', 'zod@3'] }],
  ['an address of esm.sh', js(`import 'https://esm.sh/zod@3.1.0?target=node'`), { run: ['zod@3.1.0'] }],
  ['other addresses', js(`import 'https://deno.land/std/x.ts'; import 'https://esm.sh/gh/a/b'`), {}],
  ['a version that is none', js(`import 'zod@git+https:'; import 'npm:express@file:..'`), { run: ['express', 'zod'] }],
  ['two versions', { 'a.js': `import 'npm:zod@3'`, 'b.js': `import 'npm:zod@4'; import 'zod'` }, { run: ['zod@3 || 4'] }],
  ['jsr:', js(`import 'jsr:@std/path@1'`), { unresolved: ['@std/path'] }],
  ['builtins', js(`import 'node:fs'; import 'fs/promises'; import 'node:sqlite'; import 'node:test/reporters'`), {}],
  [
    'builtins with a trailing slash',
    js(`import 'events/'; import 'buffer/index.js'; import 'punycode/'`),
    { run: ['buffer', 'events', 'punycode'] },
  ],
  ['builtins that need their prefix', js(`import 'sqlite'; import 'test'`), { unresolved: ['sqlite', 'test'] }],
  ['schemes of runtimes', js(`import 'bun:test'; import 'bun'; import 'deno:x'; import 'cloudflare:workers'; import 'virtual:x'`), {}],
  ['SvelteKit', js(`import '$app/stores'; import '$lib/x'; import '$env/static/private'`), { dev: ['@sveltejs/kit', 'svelte', 'vite'] }],
  ['Astro', js(`import 'astro:content'`), { run: ['astro'] }],
  ['Nuxt', js(`import '#imports'; import '~/x'; import '~~/y'`), {}],
  ['Docusaurus', js(`import '@site/x'; import '@theme/y'; import '@docusaurus/Link'`), { run: ['@docusaurus/core', 'react', 'react-dom'] }],
  ['aliases that nothing declares', js(`import '@/x'; import '~/y'; import '#z'; import '$w/q'`), {}],
  [
    'tsconfig paths',
    { 'tsconfig.json': '{"compilerOptions":{"paths":{"express":["./x"],"zod/*":["./y/*"]}}}', 'a.js': `import 'express'; import 'zod/v4'` },
    {},
  ],
  [
    'tsconfig paths into a package',
    { 'tsconfig.json': '{"compilerOptions":{"paths":{"react":["./node_modules/preact/compat"]}}}', 'a.js': `import 'react'` },
    { run: ['preact'] },
  ],
  ['baseUrl', { 'jsconfig.json': '{"compilerOptions":{"baseUrl":"src"}}', 'src/express.js': '', 'src/a.js': `import 'express'` }, {}],
  [
    'baseUrl, a directory',
    { 'jsconfig.json': '{"compilerOptions":{"baseUrl":"."}}', 'express/x.js': '', 'a.js': `import 'express/x'` },
    {},
  ],
  [
    'a chain of extends',
    {
      'tsconfig.json': '{"extends":"./a/base"}',
      'a/base.json': '{"extends":["../b.json"]}',
      'b.json': '{"compilerOptions":{"paths":{"express":["./x"]}}}',
      'a.js': `import 'express'`,
    },
    {},
  ],
  [
    'extends of a package of the workspace',
    {
      'tsconfig.json': '{"extends":"@me/config/base.json"}',
      'packages/config/package.json': '{"name":"@me/config"}',
      'packages/config/base.json': '{"compilerOptions":{"paths":{"express":["./x"]}}}',
      'a.js': `import 'express'`,
    },
    {},
  ],
  [
    'aliases of vite',
    {
      'vite.config.js': `export default { resolve: { alias: { 'express': path('./x'), zod: './y', "react": "preact/compat" } } }`,
      'a.js': `import 'express/q'; import 'zod'; import 'react'`,
    },
    { run: ['preact'], dev: ['vite'] },
  ],
  [
    'aliases of vite in a list',
    {
      'vite.config.js': `export default { resolve: { alias: [{ find: 'express', replacement: here('./x') }] } }`,
      'a.js': `import 'express'`,
    },
    { dev: ['vite'] },
  ],
  [
    'aliases of webpack',
    { 'webpack.config.js': `module.exports = { resolve: { alias: { express$: './x' } } }`, 'a.js': `import 'express'; import 'express/y'` },
    { run: ['express'], dev: ['webpack', 'webpack-cli'] },
  ],
  [
    'imports of package.json',
    { 'package.json': '{"imports":{"#db":{"node":"pg","default":"./db.js"},"#x/*":"./x/*.js"}}', 'a.js': `import '#db'; import '#x/y'` },
    { run: ['pg'] },
  ],
  [
    'imports of deno.json',
    { 'deno.json': '{"imports":{"z":"npm:zod@^3","hono/":"npm:/hono@4/"}}', 'a.js': `import 'z'; import 'hono/cors'` },
    { run: ['hono@4', 'zod@^3'] },
  ],
  ['workspaces', { 'packages/x/package.json': '{"name":"express"}', 'a.js': `import 'express/sub'` }, {}],
  [
    'import type',
    { 'a.ts': `import type { A } from 'hono'; import { type B } from 'zod'; export type { C } from 'pg'` },
    { dev: ['@types/pg', 'hono', 'typescript', 'zod'], tools: ['tsx'] },
  ],
  [
    'import types',
    { 'a.ts': `let a: import('hono').Hono; let b: typeof import('zod')` },
    { dev: ['hono', 'typescript', 'zod'], tools: ['tsx'] },
  ],
  [
    'a value needs the types of what has none',
    { 'a.ts': `import express from 'express'; import { z } from 'zod'` },
    { run: ['express', 'zod'], dev: ['@types/express', 'typescript'], tools: ['tsx'] },
  ],
  [
    'import x = require',
    { 'a.ts': `import a = require('express')` },
    { run: ['express'], dev: ['@types/express', 'typescript'], tools: ['tsx'] },
  ],
  [
    'reference types',
    { 'a.ts': `/// <reference types="vite/client" />\n/// <reference types="jest" />` },
    { dev: ['@types/jest', 'typescript', 'vite'] },
  ],
  ['types in a comment', js(`/** @type {import('tailwindcss').Config} */\nmodule.exports = {}`), { dev: ['tailwindcss'] }],
  [
    'types of tsconfig',
    { 'tsconfig.json': '{"compilerOptions":{"types":["node","vite/client"]}}', 'a.js': '' },
    { dev: ['@types/node', 'vite'] },
  ],
  [
    'guarded by try',
    js(`try { require('sharp') } catch {}\ntry { await import('pg') } catch (e) { throw e }`),
    { optional: ['pg', 'sharp'] },
  ],
  ['guarded here, needed there', js(`try { require('sharp') } catch {}\nrequire('sharp/x')`), { run: ['sharp'] }],
  ['a try without catch', js(`try { require('sharp') } finally {}`), { run: ['sharp'] }],
  ['require.resolve', js(`require.resolve('pg')`), { run: ['pg'] }],
  [
    'createRequire',
    js(
      `import { createRequire } from 'node:module'\nconst load = createRequire(import.meta.url)\nload('pg'); createRequire(__filename)('zod')`,
    ),
    { run: ['pg', 'zod'] },
  ],
  ['mocks', js(`jest.mock('express'); vi.mock("hono", () => ({})); jest.requireActual('zod')`), { tools: ['express', 'hono', 'zod'] }],
  ['import.meta.glob', js(`const all = import.meta.glob('./pages/*.js')`), {}],
  ['import() of a literal', js("await import('pg'); import(`zod`)"), { run: ['pg', 'zod'] }],
  [
    'import() of a template that names a package',
    js('import(`lodash/${name}`); import(`@ai-sdk/openai/${x}`)'),
    { run: ['@ai-sdk/openai', 'lodash'] },
  ],
  [
    'import() of a template that names none',
    js('import(`./pages/${x}`); import(`lod${x}`); import(`${x}`)'),
    { notices: ['dynamic_import', 'dynamic_import'] },
  ],
  ['JSX', { 'a.jsx': 'export const A = () => <p>x</p>' }, { run: ['react'] }],
  ['JSX with a page', { 'a.jsx': 'export const A = () => <p>x</p>', 'index.html': '' }, { run: ['react', 'react-dom'] }],
  ['JSX of preact', { 'a.jsx': `import { h } from 'preact'; export const A = () => <p>x</p>` }, { run: ['preact'] }],
  ['JSX of solid', { 'a.jsx': `import { render } from 'solid-js/web'; export const A = () => <p>x</p>` }, { run: ['solid-js'] }],
  ['JSX of hono', { 'a.jsx': `import { Hono } from 'hono'; export const A = () => <p>x</p>` }, { run: ['hono'] }],
  [
    'jsxImportSource of tsconfig',
    { 'tsconfig.json': '{"compilerOptions":{"jsxImportSource":"preact"}}', 'a.jsx': '<p/>' },
    { run: ['preact'] },
  ],
  ['jsxImportSource of a comment', { 'a.jsx': '/** @jsxImportSource hono/jsx */\n<p/>' }, { run: ['hono'] }],
  ['next needs react', js(`import Link from 'next/link'`), { run: ['next', 'react', 'react-dom'] }],
  ['react-dom needs react', js(`import 'react-dom/client'`), { run: ['react', 'react-dom'] }],
  [
    'MUI needs emotion',
    js(`import '@mui/material/Button'`),
    { run: ['@emotion/react', '@emotion/styled', '@mui/material', 'react', 'react-dom'] },
  ],
  [
    'vue',
    {
      'a.vue': `<template><p/></template>\n<script setup lang="ts">\nimport { z } from 'zod'\n</script>\n<style lang="scss">@use "bootstrap/scss/x";</style>`,
    },
    { run: ['vue', 'zod'], dev: ['bootstrap', 'sass', 'typescript'], tools: ['tsx'] },
  ],
  ['svelte', { 'a.svelte': `<script>import { z } from 'zod'</script><p>import 'x'</p>` }, { run: ['zod'], dev: ['svelte'] }],
  [
    'astro',
    { 'a.astro': `---\nimport { z } from 'zod'\n---\n<p>import 'x'</p><script>import 'hono'</script>` },
    { run: ['astro', 'hono', 'zod'] },
  ],
  ['mdx', { 'a.mdx': `import { z } from 'zod'\n\n# import 'x'\n\n\`\`\`js\nimport 'hono'\n\`\`\`\n` }, { run: ['zod'] }],
  [
    'css',
    {
      'a.js': '',
      'a.css': `@import "tailwindcss";\n@plugin "@tailwindcss/typography";\n@import "./x.css";\n@import url("https://x/y.css");\n/* @plugin "zod"; */`,
    },
    { dev: ['@tailwindcss/typography', 'tailwindcss'] },
  ],
  ['css of tailwind 3', { 'a.js': '', 'a.css': '@tailwind base;\n@tailwind utilities;' }, { dev: ['tailwindcss@^3'] }],
  [
    'scss',
    { 'a.js': '', 'a.scss': `@use "sass:math";\n@use "bootstrap/scss/mixins";\n@import "~swiper/css";\n@use "variables";` },
    { dev: ['bootstrap', 'sass', 'swiper'] },
  ],
  ['JSON and assets', js(`import x from './x.json' with { type: 'json' }; import './a.svg?url'`), {}],
  ['next.config', { 'next.config.js': 'module.exports = {}', 'a.js': '' }, { run: ['next', 'react', 'react-dom'] }],
  ['vite.config', { 'vite.config.js': `import react from '@vitejs/plugin-react'`, 'a.js': '' }, { dev: ['@vitejs/plugin-react', 'vite'] }],
  [
    'postcss strings',
    {
      'postcss.config.js': `module.exports = { plugins: { tailwindcss: {}, 'autoprefixer': {}, "@tailwindcss/postcss": {} } }`,
      'a.js': '',
    },
    { dev: ['@tailwindcss/postcss', 'autoprefixer', 'postcss', 'tailwindcss'] },
  ],
  [
    'eslint strings',
    { '.eslintrc.json': '{"extends":["next/core-web-vitals","prettier","plugin:react/recommended"]}', 'a.js': '' },
    { tools: ['eslint', 'eslint-config-next', 'eslint-config-prettier', 'eslint-plugin-react'] },
  ],
  [
    'babel strings',
    { '.babelrc': '{"presets":["solid","@babel/preset-env"]}', 'a.js': '' },
    { dev: ['@babel/core', '@babel/preset-env', 'babel-preset-solid'] },
  ],
  [
    'TypeScript without a package.json',
    { 'a.ts': `import { readFileSync } from 'node:fs'` },
    { dev: ['@types/node', 'typescript'], tools: ['tsx'] },
  ],
  [
    'TypeScript of next',
    { 'a.tsx': `import 'next/link'; process.env.X` },
    { run: ['next', 'react', 'react-dom'], dev: ['@types/node', '@types/react', 'typescript'] },
  ],
  [
    'bundles in the tree',
    {
      'a.js': '',
      'dist/a.js': `require('express')`,
      'vendor/a.js': `require('express')`,
      'public/a.js': `require('express')`,
      'a.min.js': `require('express')`,
      'b.js': `var __webpack_require__ = 1;${' '.repeat(3000)}require('express')`,
    },
    { notices: ['file_not_inferred'] },
  ],
  [
    'declarations and tests',
    { 'a.js': '', 'x.d.ts': `import 'express'`, 'a.test.js': `import 'express'`, '__tests__/b.js': `import 'express'` },
    {},
  ],
  ['examples beside a program', { 'a.js': '', 'examples/b.js': `import 'express'` }, {}],
  ['examples alone', { 'examples/b.js': `import 'express'` }, { run: ['express'] }],
  ['another unit below', { 'a.js': '', 'web/package.json': '{"dependencies":{}}', 'web/b.js': `import 'express'` }, {}],
  ['a name that nobody knows', js(`import 'expresss/x'`), { unresolved: ['expresss'] }],
  ['no name at all', js(`import 'Express'; import '__proto__'; import 'a b'; import ''; import '@x'`), {}],
])('%s', (_, files, expected) => expect(needs(files)).toEqual(expected))

test('a reason has rule, file, line, and grade', () => {
  const files = { 'src/a.js': `\nimport 'next/link'`, 'postcss.config.js': `module.exports = { plugins: ['autoprefixer'] }` }
  const found = inferJavaScript(sourceOf(files), { unit: '.', version: '24' }).dependencies
  const of = (name: string): unknown => found.find((one) => one.name === name)
  expect(of('next')).toMatchObject({
    grade: 'C',
    imports: ['next/link'],
    evidence: { rule: 'javascript.import.name', file: 'src/a.js', line: 2, says: 'imports next/link' },
  })
  expect(of('react')).toMatchObject({ grade: 'A', imports: [], evidence: { rule: 'javascript.peer', file: 'src/a.js', line: 2 } })
  expect(of('autoprefixer')).toMatchObject({
    grade: 'C',
    group: 'dev',
    evidence: { rule: 'javascript.tool.string', file: 'postcss.config.js' },
  })
})

test('nothing below the accepted grade', () => {
  const found = inferJavaScript(sourceOf({ 'a.js': `import 'next/link'; import 'zod'` }), { unit: '.', version: '24', accept: 'A' })
  expect(found.dependencies.map(({ name, grade }) => [name, grade])).toEqual([
    ['react', 'A'],
    ['react-dom', 'A'],
  ])
})
