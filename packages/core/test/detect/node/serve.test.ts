import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchServer } from '../../../src/detect/node/written/fetch-server.ts'
import { staticServer } from '../../../src/detect/node/written/static-server.ts'

// The two programs that Kiln writes into images, run as they are there.

const home = mkdtempSync(join(tmpdir(), 'kiln-servers-'))
const started: ChildProcess[] = []

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function start(...args: string[]): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort()
  const child = spawn(process.execPath, args, { cwd: home, env: { PORT: String(port) }, stdio: ['ignore', 'inherit', 'inherit'] })
  started.push(child)
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const up = await ask(port, '/').catch(() => undefined)
    if (up) return { port, child }
    await new Promise((done) => setTimeout(done, 20))
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** As it is written: no URL parser takes dots away. */
function ask(port: number, path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: init.method ?? 'GET', headers: init.headers ?? {} }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts).toString() }))
    })
    sent.on('error', reject)
    sent.end(init.body)
  })
}

beforeAll(() => {
  write({
    'kiln-static.mjs': staticServer,
    'kiln-serve.mjs': fetchServer,
    'secret.txt': 'secret',
    'site/index.html': 'home',
    'site/about.html': 'about',
    'site/blog/index.html': 'blog',
    'site/404.html': 'no such page',
    'site/empty.txt': '',
    'site/.env': 'secret',
    'site/.well-known/security.txt': 'contact',
    'site/assets/index-C_u-SrDd.js': 'js',
    'site/static/main.4f3b2a1c.css': 'css',
    'site/assets/hero-download.png': 'png',
    'site/bootstrap-5-bundle.js': 'js',
    'site/film.mp4': '0123456789',
    'site/ä b.txt': 'umlaut',
    'spa/index.html': 'app',
    'web.mjs': `export default { async fetch(request, env) {
      const url = new URL(request.url)
      if (url.pathname === '/boom') throw new Error('boom')
      if (url.pathname === '/env') return new Response(env.PORT)
      const headers = new Headers({ 'x-method': request.method })
      headers.append('set-cookie', 'a=1'); headers.append('set-cookie', 'b=2')
      return new Response(url.pathname + ' ' + request.headers.get('x-said') + ' ' + (await request.text()), { status: 201, headers })
    } }`,
    'express.cjs': "module.exports = (request, response) => response.end('plain ' + request.url)",
    'koa.mjs': "export default { callback: () => (request, response) => response.end('koa') }",
    'fastify.mjs': `import { createServer } from 'node:http'
      export default { ready() {}, inject() {}, listen: ({ port, host }) => createServer((q, r) => r.end('fastify')).listen(port, host) }`,
    'nothing.mjs': 'export default 1',
  })
  symlinkSync(join(home, 'secret.txt'), join(home, 'site/link.txt'))
})
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

describe('the server of files', () => {
  let port: number
  beforeAll(async () => {
    ;({ port } = await start('kiln-static.mjs', 'site'))
  })
  test.each([
    ['/', 200, 'home'],
    ['/?x=1', 200, 'home'],
    ['/about', 200, 'about'],
    ['/about/', 200, 'about'],
    ['/blog', 200, 'blog'],
    ['/blog/', 200, 'blog'],
    ['/empty.txt', 200, ''],
    ['/%C3%A4%20b.txt', 200, 'umlaut'],
    ['/.well-known/security.txt', 200, 'contact'],
    ['/nothing', 404, 'no such page'],
    ['/.env', 404, 'Not Found\n'],
    ['/../secret.txt', 404, 'Not Found\n'],
    ['/%2e%2e/secret.txt', 404, 'Not Found\n'],
    ['/..%2fsecret.txt', 404, 'Not Found\n'],
    ['/blog/..%5c..%5csecret.txt', 404, 'Not Found\n'],
    ['/link.txt', 404, 'no such page'],
    ['/%00', 404, 'Not Found\n'],
    ['/%zz', 400, 'Bad Request\n'],
  ])('%s', async (path, status, body) => {
    expect(await ask(port, path)).toMatchObject({ status, body })
  })
  test('types, and how long browsers keep a file', async () => {
    const headers = async (path: string): Promise<[unknown, unknown]> => {
      const found = (await ask(port, path)).headers
      return [found['content-type'], found['cache-control']]
    }
    const [kept, asked] = ['public, max-age=31536000, immutable', 'public, max-age=0, must-revalidate']
    expect(await headers('/')).toEqual(['text/html; charset=utf-8', asked])
    expect(await headers('/assets/index-C_u-SrDd.js')).toEqual(['text/javascript; charset=utf-8', kept])
    expect(await headers('/static/main.4f3b2a1c.css')).toEqual(['text/css; charset=utf-8', kept])
    expect(await headers('/assets/hero-download.png')).toEqual(['image/png', asked])
    expect(await headers('/bootstrap-5-bundle.js')).toEqual(['text/javascript; charset=utf-8', asked])
  })
  test('what did not change is not sent again, a range is a part', async () => {
    const { etag } = (await ask(port, '/film.mp4')).headers
    expect(await ask(port, '/film.mp4', { headers: { 'if-none-match': etag! } })).toMatchObject({ status: 304, body: '' })
    const part = await ask(port, '/film.mp4', { headers: { range: 'bytes=2-4' } })
    expect(part).toMatchObject({ status: 206, body: '234', headers: { 'content-range': 'bytes 2-4/10', 'content-length': '3' } })
    expect(await ask(port, '/film.mp4', { headers: { range: 'bytes=-3' } })).toMatchObject({ status: 206, body: '789' })
    expect(await ask(port, '/film.mp4', { headers: { range: 'bytes=9-2' } })).toMatchObject({ status: 200 })
  })
  test('only GET and HEAD', async () => {
    expect(await ask(port, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '', headers: { 'content-length': '4' } })
    expect((await ask(port, '/', { method: 'POST' })).status).toBe(405)
  })
  test('a route of an application in the browser is its page; a missing file is none', async () => {
    const spa = await start('kiln-static.mjs', 'spa', '--fallback')
    expect(await ask(spa.port, '/users/7')).toMatchObject({ status: 200, body: 'app' })
    expect((await ask(spa.port, '/gone.js')).status).toBe(404)
    expect((await ask(spa.port, '/users/j.doe', { headers: { accept: 'text/html,*/*' } })).body).toBe('app')
    expect((await ask(port, '/users/7')).status).toBe(404)
  })
  test('SIGTERM ends it', async () => {
    const { child } = await start('kiln-static.mjs', 'spa')
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(0)
  })
})

describe('the listener for an exported application', () => {
  test('one with a fetch', async () => {
    const { port, child } = await start('kiln-serve.mjs', 'web.mjs')
    const answer = await ask(port, '/a%20b?c', { method: 'POST', headers: { 'x-said': 'hi' }, body: 'text' })
    expect(answer).toMatchObject({ status: 201, body: '/a%20b hi text', headers: { 'x-method': 'POST', 'set-cookie': ['a=1', 'b=2'] } })
    expect((await ask(port, '/env')).body).toBe(String(port))
    expect(await ask(port, '/boom')).toMatchObject({ status: 500, body: 'Internal Server Error\n' })
    expect(await ask(port, '/', { method: 'HEAD' })).toMatchObject({ status: 201, body: '' })
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(0)
  })
  test('files of a directory come first', async () => {
    const { port } = await start('kiln-serve.mjs', 'web.mjs', 'site')
    expect(await ask(port, '/about.html')).toMatchObject({ status: 200, body: 'about', headers: { 'content-type': 'text/html' } })
    expect((await ask(port, '/../secret.txt')).body).not.toContain('secret\n')
    expect((await ask(port, '/about')).status).toBe(201)
  })
  test.each([
    ['express.cjs', 'plain /x'],
    ['koa.mjs', 'koa'],
    ['fastify.mjs', 'fastify'],
  ])('%s', async (file, body) => {
    expect((await ask((await start('kiln-serve.mjs', file)).port, '/x')).body).toBe(body)
  })
  test('what exports no application says so', async () => {
    await expect(start('kiln-serve.mjs', 'nothing.mjs')).rejects.toThrow('it ended with 1')
  })
})
