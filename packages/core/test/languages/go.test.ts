import { describe, expect, test } from 'vitest'
import { readGo } from '../../src/infer/go-lexer.ts'
import { render } from '../../src/dockerfile/render.ts'
import { ok, refused } from '../plan/planning.ts'

const server = `package main

import (
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hi")) })
	log.Fatal(http.ListenAndServe(":3000", nil))
}
`
const main = 'package main\n\nfunc main() {}\n'
const mod = 'module example.com/weather\n\ngo 1.26\n'

describe('which Go', () => {
  test('without a word the default of the edition', async () => {
    const { plan, why, codes } = await ok({ 'go.mod': 'module x\n', 'main.go': server })
    expect(plan.runtime).toEqual({ name: 'go', version: '1.27' })
    expect(why('runtime.version')).toBe('go.version.default')
    expect(codes).toContain('default_version')
  })
  test('the go line is the oldest that will do', async () => {
    const { plan, why } = await ok({ 'go.mod': mod, 'main.go': server })
    expect([plan.runtime.version, why('runtime.version')]).toEqual(['1.27', 'go.version.go go.mod:3'])
  })
  test('the toolchain line is the one', async () => {
    const { plan, why } = await ok({ 'go.mod': `${mod}toolchain go1.26.4\n`, 'main.go': server })
    expect([plan.runtime.version, why('runtime.version')]).toEqual(['1.26.4', 'go.version.toolchain go.mod:4'])
  })
  test('.go-version before it, with a notice', async () => {
    const { plan, codes } = await ok({ 'go.mod': `${mod}toolchain go1.26.4\n`, '.go-version': '1.27.1\n', 'main.go': server })
    expect(plan.runtime.version).toBe('1.27.1')
    expect(codes).toContain('overruled_version')
  })
  test('.tool-versions, mise.toml', async () => {
    expect((await ok({ 'go.mod': 'module x\n', '.tool-versions': 'golang 1.26.2\n', 'main.go': server })).plan.runtime.version).toBe(
      '1.26.2',
    )
    expect((await ok({ 'go.mod': 'module x\n', 'mise.toml': '[tools]\ngo = "1.26"\n', 'main.go': server })).plan.runtime.version).toBe(
      '1.26',
    )
  })
  test('a pin below the go line contradicts it', async () => {
    const answer = await refused({ 'go.mod': 'module x\ngo 1.27.1\n', '.go-version': '1.25\n', 'main.go': server })
    expect(answer.code).toBe('conflicting_constraints')
    expect(answer.message).toContain('go.mod:2')
  })
  test('an old line gets no more fixes', async () => {
    expect((await ok({ 'go.mod': 'module x\n', '.go-version': '1.24', 'main.go': server })).codes).toContain('end_of_life')
  })
})

describe('which package', () => {
  test('option', async () => {
    const tree = { 'go.mod': mod, 'cmd/api/main.go': main, 'cmd/worker/main.go': main }
    const { plan, why } = await ok(tree, { entrypoint: 'cmd/worker/main.go' })
    expect(plan.steps).toContainEqual(expect.objectContaining({ argv: expect.arrayContaining(['./cmd/worker']) }))
    expect(why('entrypoint')).toBe('config.entrypoint cmd/worker/main.go:3')
    expect((await refused(tree, { entrypoint: 'cmd/none/main.go' })).code).toBe('entrypoint_not_found')
  })
  test('main at the top', async () => {
    const { steps, command, why, codes } = await ok({ 'go.mod': mod, 'main.go': server, 'cmd/tool/main.go': main })
    expect(why('entrypoint')).toBe('go.start.root main.go:8')
    expect(command).toBe('/usr/local/bin/app')
    expect(steps).toContain('build run env CGO_ENABLED=0 go build -tags timetzdata -trimpath -ldflags -s -w -o /out/app .')
    expect(codes).toContain('entrypoint_chosen')
  })
  test('the only one of cmd', async () => {
    const { why, plan } = await ok({ 'go.mod': mod, 'cmd/api/main.go': server, 'tools/gen/main.go': main, 'lib.go': 'package weather\n' })
    expect(why('entrypoint')).toBe('go.start.cmd cmd/api/main.go:8')
    expect(plan.entrypoint).toBe('cmd/api/main.go')
  })
  test('called like the module', async () => {
    const { why } = await ok({ 'go.mod': mod, 'cmd/weather/main.go': main, 'cmd/migrate/main.go': main })
    expect(why('entrypoint')).toBe('go.start.module-name cmd/weather/main.go:3')
  })
  test('a module of a workspace with main', async () => {
    const { why, steps } = await ok({
      'go.work': 'go 1.26\n\nuse (\n\t./api\n\t./lib\n)\n',
      'api/go.mod': 'module example.com/api\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n',
      'api/go.sum': 'x',
      'api/main.go': server,
      'lib/go.mod': 'module example.com/lib\n\ngo 1.26\n',
      'lib/lib.go': 'package lib\n',
    })
    expect(why('entrypoint')).toBe('go.start.module-name api/main.go:8')
    expect(steps.slice(0, 4)).toEqual([
      'build copy source:api/go.mod api/go.sum api',
      'build copy source:lib/go.mod lib/go.mod',
      'build copy source:go.work .',
      'build run go mod download',
    ])
  })
  test('several: candidates', async () => {
    const answer = await refused({ 'go.mod': mod, 'cmd/a/main.go': main, 'cmd/b/main.go': main })
    expect([answer.code, answer.patches]).toEqual([
      'several_candidates',
      [{ entrypoint: 'cmd/a/main.go' }, { entrypoint: 'cmd/b/main.go' }],
    ])
  })
  test('among several commands the server', async () => {
    const { why } = await ok({ 'go.mod': mod, 'cmd/seed/main.go': main, 'cmd/server/main.go': main })
    expect(why('entrypoint')).toBe('go.start.name cmd/server/main.go:3')
  })
  test('tests, examples and ignored files are no programs', async () => {
    const answer = await refused({
      'go.mod': mod,
      'examples/x/main.go': main,
      'gen.go': `//go:build ignore\n\n${main}`,
      'main_test.go': main,
      'lib.go': 'package weather\n',
    })
    expect(answer.code).toBe('nothing_detected')
  })
  test('main.go without a module: only with what comes with Go', async () => {
    expect((await ok({ 'main.go': server })).steps).toContain(
      'build run env CGO_ENABLED=0 go build -tags timetzdata -trimpath -ldflags -s -w -o /out/app main.go',
    )
    const answer = await refused({ 'main.go': server.replace('"log"', '"log"\n\t"github.com/x/y"') })
    expect([answer.code, answer.place]).toEqual(['unsupported_project', 'main.go:5'])
    expect(answer.hint).toContain('go mod init')
  })
})

describe('how it is built', () => {
  test('modules from go.mod and go.sum alone, with the caches of Go', async () => {
    const { plan, steps } = await ok({ 'go.mod': `${mod}require github.com/google/uuid v1.6.0\n`, 'go.sum': 'x', 'main.go': server })
    expect(steps).toEqual([
      'build copy source:go.mod go.sum .',
      'build run go mod download',
      'build copy source:. .',
      'build run env CGO_ENABLED=0 go build -tags timetzdata -trimpath -ldflags -s -w -o /out/app .',
      'image copy build:/etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt',
      'image copy build:/out/app /usr/local/bin/app',
    ])
    expect(plan.steps.filter((step) => step.kind === 'run').map(({ cache }) => cache)).toEqual(['go', 'go'])
  })
  test('no go.sum: said', async () => {
    const { codes, steps } = await ok({ 'go.mod': `${mod}require github.com/google/uuid v1.6.0\n`, 'main.go': server })
    expect(codes).toContain('no_lock')
    expect(steps.join('\n')).toContain('-mod=mod')
  })
  test('vendored modules are not fetched', async () => {
    const tree = {
      'go.mod': `${mod}require github.com/google/uuid v1.6.0\n`,
      'go.sum': 'x',
      'vendor/modules.txt': '# x\n',
      'main.go': server,
    }
    expect((await ok(tree)).steps[0]).toBe('build copy source:. .')
  })
  test('cgo: import "C"', async () => {
    const { steps, why } = await ok({ 'go.mod': mod, 'main.go': server, 'bind.go': 'package main\n\n// #include <math.h>\nimport "C"\n' })
    expect(steps.join('\n')).toContain('env CGO_ENABLED=1 go build')
    expect(why('build')).toBe('go.cgo.import bind.go:4')
  })
  test('cgo: a known binding, of a package of the module', async () => {
    const { why } = await ok({
      'go.mod': `${mod}require github.com/mattn/go-sqlite3 v1.14.0\n`,
      'go.sum': 'x',
      'main.go': server.replace('"log"', '"log"\n\t"example.com/weather/db"'),
      'db/db.go': 'package db\n\nimport _ "github.com/mattn/go-sqlite3"\n',
    })
    expect(why('build')).toBe('go.cgo.package db/db.go:3')
  })
  test('a replaced module of the source comes with the manifests', async () => {
    const { steps } = await ok({
      'go.mod': `${mod}require example.com/lib v0.0.0\nreplace example.com/lib => ./lib\n`,
      'go.sum': 'x',
      'main.go': server,
      'lib/go.mod': 'module example.com/lib\n',
      'lib/lib.go': 'package lib\n',
    })
    expect(steps.slice(0, 2)).toEqual(['build copy source:go.mod go.sum .', 'build copy source:lib/go.mod lib/go.mod'])
    const outside = await refused({
      'go.mod': `${mod}require example.com/lib v0.0.0\nreplace example.com/lib => ../lib\n`,
      'go.sum': 'x',
      'main.go': server,
    })
    expect([outside.code, outside.place]).toEqual(['unsupported_project', 'go.mod:5'])
  })
  test('what the program opens comes with it; what is embedded, or code, does not', async () => {
    const code = `package main

import (
	"html/template"
	"net/http"
	"os"
)

//go:embed schema.sql
var schema string

var pages = template.Must(template.ParseGlob("./templates/*.html"))

func main() {
	text, _ := os.ReadFile("config/app.yaml")
	http.Handle("/static/", http.FileServer(http.Dir("static")))
	http.Handle("/store", nil)
	http.ListenAndServe(":8080", nil)
}
`
    const { steps } = await ok({
      'go.mod': mod,
      'main.go': code,
      'schema.sql': 'x',
      'templates/a.html': 'x',
      'config/app.yaml': 'x',
      'static/a.css': 'x',
      'store/store.go': 'package store\n',
    })
    expect(steps.filter((step) => step.startsWith('image copy source'))).toEqual([
      'image copy source:config/app.yaml config/app.yaml',
      'image copy source:static static',
      'image copy source:templates templates',
    ])
  })
})

describe('where it listens', () => {
  const listens = (line: string, more = ''): Record<string, string> => ({
    'go.mod': mod,
    'main.go': `package main\n\nimport "net/http"\n\nfunc main() {\n${more}\t${line}\n}\n`,
  })
  test.each([
    ['http.ListenAndServe(":3000", nil)', 3000, 'go.port.listen main.go:6'],
    ['app.Listen(":4000")', 4000, 'go.port.listen main.go:6'],
    ['net.Listen("tcp", ":50051")', 50_051, 'go.port.listen main.go:6'],
    ['s := &http.Server{Addr: ":9090"}; s.ListenAndServe()', 9090, 'go.port.listen main.go:6'],
    ['r.Run()', 8080, 'port.default'],
    ['e.Start(":1323")', 1323, 'go.port.listen main.go:6'],
    ['http.ListenAndServe(":"+getenv("PORT", "5000"), nil)', 5000, 'go.port.env main.go:6'],
  ])('%s', async (line, port, why) => {
    const found = await ok(listens(line))
    expect([found.plan.port, found.why('port')]).toEqual([port, why])
  })
  test('a variable with a default further down', async () => {
    const { plan, why } = await ok(
      listens('http.ListenAndServe(":"+port, nil)', '\tport := os.Getenv("PORT")\n\tif port == "" {\n\t\tport = "7000"\n\t}\n'),
    )
    expect([plan.port, why('port'), plan.env['PORT']]).toEqual([7000, 'go.port.env main.go:6', '7000'])
  })
  test('a program that serves nothing has no port', async () => {
    const { plan, why } = await ok({ 'go.mod': mod, 'main.go': main })
    expect([plan.port, why('port'), plan.env]).toEqual([null, 'go.port.none', {}])
  })
  test('this machine only: said', async () => {
    expect((await ok(listens('http.ListenAndServe("127.0.0.1:3000", nil)'))).codes).toContain('binds_locally')
  })
  test('framework', async () => {
    const { plan, why } = await ok({
      'go.mod': `${mod}require github.com/gin-gonic/gin v1.10.0\n`,
      'go.sum': 'x',
      'main.go': 'package main\n\nimport "github.com/gin-gonic/gin"\n\nfunc main() {\n\tr := gin.Default()\n\tr.Run()\n}\n',
    })
    expect([plan.framework, why('framework'), plan.env]).toEqual([
      'gin',
      'go.framework.import main.go:3',
      { GIN_MODE: 'release', PORT: '8080' },
    ])
  })
})

describe('the lexer', () => {
  test('comments, raw texts and runes hide nothing and invent nothing', () => {
    const file = readGo(
      '/* package no */ // x\npackage a\nimport x `b`\n/* "c"\n*/ var s, r = "d\\"e", \'"\'\nvar t = `f\n"g"`\nfunc main() {}\n',
    )
    expect(file.package).toBe('a')
    expect(file.imports).toEqual([{ path: 'b', line: 3 }])
    expect(file.tokens.filter(({ kind }) => kind === 'text').map(({ text, line }) => [text, line])).toEqual([
      ['b', 3],
      ['d\\"e', 5],
      ['f\n"g"', 6],
    ])
    expect(file.tokens.find(({ text }) => text === 'main')?.line).toBe(8)
  })
  test.each(['`', '"', "'", '/*', 'package', 'import (', '"\\', 'package main\nfunc main('])('takes %s', (text) => {
    expect(() => readGo(text)).not.toThrow()
  })
})

test('a broken go.mod is named', async () => {
  const answer = await refused({ 'go.mod': 'module x\n<<<<<<< HEAD\n', 'main.go': server })
  expect([answer.code, answer.place]).toEqual(['invalid_manifest', 'go.mod:2'])
})

describe('what the image is made of', () => {
  const tree = { 'go.mod': mod, 'main.go': server }
  test('a program that needs nothing else is all of it', async () => {
    const { plan, why } = await ok(tree)
    expect([plan.base, why('base')]).toEqual([{ kind: 'image', ref: 'scratch' }, 'go.base.static'])
    const { text } = render(plan, 'buildkit')
    expect(text).toContain('FROM golang:1.27-bookworm AS build')
    expect(text).toContain('FROM scratch\n')
    expect(text).not.toMatch(/useradd|timeout/)
    expect(text.split('FROM scratch')[1]).not.toContain('RUN')
    expect(text.split('FROM scratch')[1]).toContain('\nUSER 1000:1000\n')
  })
  test.each([
    ['other programs', { ...tree, 'main.go': server.replace('"log"', '"log"\n\t"os/exec"') }, {}],
    ['C', { ...tree, 'bind.go': 'package main\n\nimport "C"\n' }, {}],
    ['packages of the distribution', tree, { systemPackages: { add: ['ffmpeg'] } }],
    ['the configuration', tree, { base: { distro: 'bookworm' } }],
  ] as const)('Debian for %s', async (_, files, config) => {
    const { plan } = await ok(files, config)
    expect(plan.base).toEqual({ kind: 'runtime', distro: 'bookworm' })
    const { text } = render(plan, 'buildkit')
    expect(text).toContain('FROM debian:bookworm-slim\n')
    expect(text).toContain('timeout')
  })
  test('an image of the user, and a compiler beside it', async () => {
    const { text } = render((await ok(tree, { base: { image: 'ghcr.io/me/base:1' } })).plan, 'buildkit')
    expect(text).toMatch(/FROM golang:1\.27-bookworm AS build[^]*FROM ghcr\.io\/me\/base:1\n/)
  })
  test('no command happens in an image without files', async () => {
    const { plan } = await ok({ 'requirements.txt': 'flask\n', 'app.py': 'print(1)\n' }, { base: { image: 'scratch' } })
    expect(() => render(plan, 'buildkit')).toThrow(/no files/)
  })
})

describe('beside other languages', () => {
  test('two that say how they start: candidates', async () => {
    const answer = await refused({
      'go.mod': mod,
      'main.go': server,
      'requirements.txt': 'flask\n',
      'app.py': 'from flask import Flask\napp = Flask(__name__)\n',
    })
    expect([answer.code, answer.patches]).toEqual(['several_candidates', [{ language: 'python' }, { language: 'go' }]])
  })
  test('a script of Python beside a Go program is no candidate, and language chooses', async () => {
    const tree = { 'go.mod': mod, 'main.go': server, 'build.py': 'print(1)\n' }
    expect((await ok(tree)).plan.language).toBe('go')
    expect((await ok(tree, { language: 'python' })).plan.language).toBe('python')
  })
  test('a module below the top is the unit', async () => {
    const { plan } = await ok({ 'README.md': '# x\n', 'backend/go.mod': mod, 'backend/main.go': server })
    expect([plan.unit, plan.entrypoint]).toEqual(['backend', 'backend/main.go'])
  })
})
