/** The name of the static server in the image. */
export const staticServerFile = 'kiln-static.mjs'

/**
 * Serves the files of a directory, for sites that a build leaves as files: `node kiln-static.mjs DIRECTORY [--fallback]`.
 * Node alone, so that nothing has to be installed: `x`, `x.html` and `x/index.html`; 404.html; with `--fallback` index.html for
 * paths that no file has (applications that route in the browser). Hashed names are kept for a year, others are asked for anew.
 */
export const staticServer: string = String.raw`// Written by Kiln: serves the files of a directory. node kiln-static.mjs DIRECTORY [--fallback]
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, sep } from 'node:path'

const types = {
  avif: 'image/avif', bin: 'application/octet-stream', css: 'text/css; charset=utf-8', csv: 'text/csv; charset=utf-8', gif: 'image/gif',
  htm: 'text/html; charset=utf-8', html: 'text/html; charset=utf-8', ico: 'image/x-icon', jpeg: 'image/jpeg', jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8', json: 'application/json; charset=utf-8', map: 'application/json; charset=utf-8',
  md: 'text/markdown; charset=utf-8', mjs: 'text/javascript; charset=utf-8', mp3: 'audio/mpeg', mp4: 'video/mp4', pdf: 'application/pdf',
  png: 'image/png', svg: 'image/svg+xml', ttf: 'font/ttf', txt: 'text/plain; charset=utf-8', wasm: 'application/wasm', wav: 'audio/wav',
  webm: 'video/webm', webmanifest: 'application/manifest+json', webp: 'image/webp', woff: 'font/woff', woff2: 'font/woff2',
  xml: 'application/xml; charset=utf-8',
}
const root = await realpath(process.argv[2])
const fallback = process.argv.includes('--fallback')

/** A regular file below the root, links followed; undefined for anything else. */
async function fileAt(path) {
  try {
    const real = await realpath(join(root, path))
    const found = real.startsWith(root + sep) ? await stat(real) : undefined
    return found?.isFile() ? { real, size: found.size, time: found.mtime } : undefined
  } catch {
    return undefined
  }
}

async function fileFor(path) {
  const bare = path.replace(/\/+$/, '')
  const names = path.endsWith('/') ? [bare + '/index.html', bare + '.html'] : [path, path + '.html', path + '/index.html']
  for (const name of names) {
    const found = await fileAt(name)
    if (found) return found
  }
}

/** Names that bundlers make of what is in a file: hexadecimal (main.4f3b2a1c.css), capitals (main-K5ZPVWQN.js), or 8 signs in their directory. */
function isHashed(parts) {
  const name = parts.at(-1)
  if (/[.-](?=[a-f]*\d)[\da-f]{8,}\.(?!html$)\w+$/.test(name) || /-[\dA-Z]{8}\.(?:js|css)$/.test(name)) return true
  if (parts.some((part) => part === '_next' || part === 'immutable')) return true
  return parts.some((part) => /^(?:assets|_astro|_nuxt)$/.test(part)) && /[.-](?=[\w-]*[\dA-Z_])[\w-]{8}\.\w+$/.test(name)
}

/** What a file is sent with; one with a hash in its name never changes. */
function headersOf({ real, size, time }) {
  const type = types[extname(real).slice(1).toLowerCase()] ?? 'application/octet-stream'
  const hashed = isHashed(real.slice(root.length).split(sep))
  return {
    'content-type': type,
    'content-length': size,
    'last-modified': time.toUTCString(),
    etag: '"' + size.toString(16) + '-' + time.getTime().toString(16) + '"',
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=0, must-revalidate',
    'x-content-type-options': 'nosniff',
  }
}

function isFresh(request, headers) {
  const tag = request.headers['if-none-match']
  if (tag !== undefined) return tag.split(',').some((one) => one.trim().replace(/^W\//, '') === headers.etag)
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return !Number.isNaN(since) && Date.parse(headers['last-modified']) <= since
}

/** One range of bytes, as players of videos ask for; anything else gets the whole. */
function rangeOf(request, size) {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (from === undefined || (from === '' && to === '')) return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start <= end ? { start, end } : undefined
}

function send(request, response, file, status) {
  const headers = headersOf(file)
  if (status === 200 && isFresh(request, headers)) return response.writeHead(304, headers).end()
  const range = status === 200 ? rangeOf(request, file.size) : undefined
  if (range) {
    headers['content-range'] = 'bytes ' + range.start + '-' + range.end + '/' + file.size
    headers['content-length'] = range.end - range.start + 1
  }
  response.writeHead(range ? 206 : status, headers)
  if (request.method === 'HEAD' || file.size === 0) return response.end()
  createReadStream(file.real, range).on('error', () => response.destroy()).pipe(response)
}

function refuse(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text + '\n')
}

async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Method Not Allowed')
  let path
  try {
    path = decodeURIComponent((request.url ?? '/').split('?', 1)[0])
  } catch {
    return refuse(response, 400, 'Bad Request')
  }
  const hidden = path.split('/').some((part) => part.startsWith('.') && part !== '.well-known')
  if (hidden || path.includes('\0') || path.includes('\\')) return refuse(response, 404, 'Not Found')
  const file = await fileFor(path)
  if (file) return send(request, response, file, 200)
  const route = extname(path) === '' || (request.headers.accept ?? '').includes('text/html')
  const page = fallback && route ? await fileAt('index.html') : undefined
  if (page) return send(request, response, page, 200)
  const missing = await fileAt('404.html')
  return missing ? send(request, response, missing, 404) : refuse(response, 404, 'Not Found')
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0')
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.close(() => process.exit(0)))
`
