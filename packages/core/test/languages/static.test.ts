import { describe, expect, test } from 'vitest'
import { ok, refused } from '../plan/planning.ts'

const page = '<!doctype html>\n<title>Hi</title>\n'

describe('which files are served', () => {
  test.each([
    ['index.html', { 'index.html': page }, '.', 'static.root.index index.html:1'],
    ['public/', { 'public/index.html': page, 'README.md': '# x\n' }, 'public', 'static.root.index public/index.html:1'],
    ['Staticfile', { Staticfile: 'root: out\n', 'out/index.html': page, 'index.html': page }, 'out', 'static.root.staticfile Staticfile:1'],
    ['Staticfile without a root', { Staticfile: '', 'index.html': page }, '.', 'static.root.staticfile Staticfile:1'],
  ])('%s', async (_, tree, directory, why) => {
    const { plan, steps, command, why: whyOf, codes } = await ok(tree)
    expect([plan.language, plan.runtime, plan.port]).toEqual(['static', { name: 'node', version: '24' }, 8080])
    expect(whyOf('language')).toBe(why)
    expect(steps[0]).toBe(`image copy source:${directory} site`)
    expect(steps[1]).toContain('image write kiln-static.mjs')
    expect([command, codes]).toEqual(['node kiln-static.mjs site', []])
  })
  test('pushstate answers other paths with index.html', async () => {
    expect((await ok({ Staticfile: 'root: "."\npushstate: enabled\n', 'index.html': page })).command).toBe(
      'node kiln-static.mjs site --fallback',
    )
  })
  test('a root outside of the source is none', async () => {
    expect((await ok({ Staticfile: 'root: ../..\n', 'index.html': page })).steps[0]).toBe('image copy source:. site')
  })
  test('options', async () => {
    const { plan, why } = await ok({ 'index.html': page }, { port: 9000, runtime: { version: '22' } })
    expect([plan.port, plan.env['PORT'], plan.runtime.version, why('port')]).toEqual([9000, '9000', '22', 'config.port'])
  })
})

describe('pages and programs', () => {
  test('scripts that a page loads are no program', async () => {
    const { plan } = await ok({
      'index.html': `${page}<script type="module" src="./app.js?v=1"></script>\n`,
      'app.js': 'import "./js/x.js"\n',
      'js/x.js': 'x()\n',
    })
    expect(plan.language).toBe('static')
  })
  test('a script that no page loads may be one', async () => {
    expect((await ok({ 'index.html': page, 'server.js': 'x()\n' })).plan.language).toBe('javascript')
  })
  test('a program that starts is stronger than a page', async () => {
    const server = 'require("http").createServer(f).listen(3000)\n'
    expect((await ok({ 'index.html': `${page}<script src="server.js"></script>`, 'server.js': server })).plan.language).toBe('javascript')
    const flask = 'from flask import Flask\napp = Flask(__name__)\n'
    expect((await ok({ 'index.html': page, 'requirements.txt': 'flask\n', 'app.py': flask })).plan.language).toBe('python')
    expect((await ok({ 'index.html': page, 'main.py': 'print(1)\n' })).plan.language).toBe('python')
    expect((await ok({ 'index.html': page, 'go.mod': 'module x\n', 'main.go': 'package main\n\nfunc main() {}\n' })).plan.language).toBe(
      'go',
    )
  })
  test('language says it', async () => {
    const { plan, why } = await ok({ 'index.html': page, 'main.py': 'print(1)\n' }, { language: 'static' })
    expect([plan.language, why('language')]).toEqual(['static', 'config.language'])
    expect((await refused({ 'main.py': 'print(1)\n' }, { language: 'static' })).code).toBe('nothing_detected')
  })
})

describe('generators are told by name', () => {
  test.each([
    ['MkDocs', { 'mkdocs.yml': 'site_name: x\n', 'docs/index.md': '# x\n', 'requirements.txt': 'mkdocs\n' }, 'mkdocs.yml'],
    ['Hugo', { 'hugo.toml': 'baseURL = "/"\n', 'content/a.md': 'x' }, 'hugo.toml'],
    ['Hugo', { 'config.toml': 'baseURL = "/"\n', 'content/a.md': 'x' }, 'config.toml'],
    ['Zola', { 'config.toml': 'base_url = "/"\n', 'templates/index.html': page }, 'config.toml'],
    ['Jekyll', { '_config.yml': 'title: x\n', '_posts/a.md': 'x', 'index.html': page }, '_config.yml'],
  ])('%s', async (name, tree, file) => {
    const answer = await refused(tree)
    expect([answer.code, answer.place]).toEqual(['unsupported_project', `${file}:`])
    expect(answer.message).toContain(name)
    expect(answer.hint).toContain('Staticfile')
  })
  test('beside a program they are its documentation', async () => {
    const { plan } = await ok({ 'mkdocs.yml': 'site_name: x\n', 'docs/index.md': '# x\n', 'main.py': 'print(1)\n' })
    expect(plan.language).toBe('python')
  })
  test('with a Staticfile what they wrote is served', async () => {
    const { steps } = await ok({ 'mkdocs.yml': 'site_name: x\n', Staticfile: 'root: site\n', 'site/index.html': page })
    expect(steps[0]).toBe('image copy source:site site')
  })
})

describe('languages without a plan stay an answer', () => {
  test.each([
    ['Cargo.toml', 'Rust'],
    ['pom.xml', 'Java'],
    ['composer.json', 'PHP'],
    ['Gemfile', 'Ruby'],
    ['mix.exs', 'Elixir'],
  ])('%s', async (file, language) => {
    const answer = await refused({ [file]: '' })
    expect(answer.code).toBe('unsupported_project')
    expect(answer.message).toContain(language)
  })
})
