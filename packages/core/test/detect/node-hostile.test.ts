import { expect, test } from 'vitest'
import { planned, type Tree } from '../plan/planning.ts'

// Texts made to keep a regular expression busy, where each part of the Node detection looks. A runaway one would need minutes and more:
// the test is that it ends within vitest's own time.

const long = 400_000
const manifest = (fields: object): string => JSON.stringify({ dependencies: { fastmcp: '1', vite: '1', '@11ty/eleventy': '1' }, ...fields })
const repeated = (text: string): string => text.repeat(Math.ceil(long / text.length))

test.each<[string, Tree]>([
  ['starts', { 'index.js': `import "fastmcp"\n${repeated('.start({')}`, 'package.json': manifest({}) }],
  ['exports', { 'index.js': `import "express"\nmodule.exports = a${' '.repeat(long)}x`, 'package.json': manifest({}) }],
  ['default objects', { 'index.js': `import "hono"\n${repeated('export default {')}`, 'package.json': manifest({}) }],
  ['scripts', { 'index.html': '', 'package.json': manifest({ scripts: { build: repeated('vite build '), start: repeated('npm run ') } }) }],
  ['eleventy', { 'package.json': manifest({ dependencies: { '@11ty/eleventy': '1' }, scripts: { build: repeated('eleventy ') } }) }],
  ['tsc', { 'a.js': '', 'package.json': manifest({ scripts: { build: repeated('tsc '), start: 'node dist/a.js' } }) }],
  ['bun.lock', { 'index.js': '1', 'package.json': manifest({}), 'bun.lock': `"packages"${'\n'.repeat(long)}` }],
  ['yarn.lock', { 'index.js': '1', 'package.json': manifest({}), 'yarn.lock': `__metadata:${'\n'.repeat(long)}${'@'.repeat(long)}` }],
  [
    '.yarnrc.yml',
    { 'index.js': '1', 'package.json': manifest({}), '.yarnrc.yml': `yarnPath: ${repeated('yarn-1.1.1 ')}`, 'yarn.lock': '__metadata:\n' },
  ],
  ['a configuration', { 'index.html': '', 'package.json': manifest({}), 'vite.config.js': `export default {${repeated('a:[')}` }],
  ['Procfile', { 'index.js': '1', 'package.json': manifest({}), Procfile: `web:${' '.repeat(long)}\n${repeated('a:b\n')}` }],
  ['a prepare', { 'index.js': '1', 'package.json': manifest({ scripts: { prepare: repeated('npx ') } }) }],
])('%s', async (_, tree) => {
  const answer = await planned(tree)
  expect(answer.ok || answer.code !== 'internal').toBe(true)
})
