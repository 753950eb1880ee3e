// Does the rig do what it is for: an unmodified FROM, an install in RUN, a container that answers over HTTP.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dir, engines } from './parts.mjs'
import { ask, rigStatus } from './probe.mjs'

const apps = {
  python: {
    Dockerfile: `FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
RUN useradd --create-home app
COPY . .
USER app
CMD ["python", "main.py"]
`,
    'requirements.txt': 'bottle\n',
    'main.py': `from bottle import route, run


@route("/")
def index():
    return "well"


run(host="0.0.0.0", port=8000, quiet=True)
`,
  },
  node: {
    Dockerfile: `FROM node:22-slim
WORKDIR /app
COPY package.json .
RUN npm install --omit=dev
COPY . .
USER node
CMD ["npm", "start"]
`,
    'package.json': '{"name":"app","private":true,"scripts":{"start":"node main.js"},"dependencies":{"polka":"0.5.2"}}\n',
    'main.js': `require('polka')().get('/', (_, res) => res.end('well')).listen(8000, '0.0.0.0');\n`,
  },
}

const builders = { classic: '0', buildkit: '1' }

/**
 * Builds, runs and asks each app on each engine, with both builders, and prints a table.
 * @param {readonly string[]} names  engines; default: those that answer
 * @param {(line: string) => void} log
 * @returns {Promise<boolean>} whether all went well
 */
export async function smoke(names, log) {
  const status = await rigStatus()
  const chosen = names.length > 0 ? names : engines.filter((part) => part in status.engines)
  const tmp = mkdtempSync(join(tmpdir(), 'kiln-rig-smoke-'))
  let well = chosen.length > 0
  console.log(`${'engine'.padEnd(11)}${'app'.padEnd(8)}${'builder'.padEnd(10)}${'build s'.padStart(8)}${'answer s'.padStart(10)}  result`)
  try {
    for (const [app, files] of Object.entries(apps)) {
      mkdirSync(join(tmp, app))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(tmp, app, name), text)
    }
    for (const part of chosen)
      for (const app of Object.keys(apps))
        for (const [builder, buildkit] of Object.entries(builders)) {
          const host = status.engines[part]?.host
          const result = host === undefined ? { error: `${part} does not answer` } : await tryOut(host, buildkit, join(tmp, app))
          const row = part.padEnd(11) + app.padEnd(8) + builder.padEnd(10)
          if ('error' in result) log(`${row}${result.error}`)
          else console.log(`${row}${result.build.toFixed(1).padStart(8)}${result.answer.toFixed(1).padStart(10)}  ok`)
          well &&= !('error' in result)
        }
  } finally {
    rmSync(tmp, { recursive: true, force: true })
  }
  return well
}

/** @param {string} host @param {string} buildkit @param {string} context */
async function tryOut(host, buildkit, context) {
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: buildkit, DOCKER_CONFIG: join(dir, 'cli') }
  /** @param {string[]} args */
  const docker = async (...args) => {
    const file = join(dir, 'engine28/usr/bin/docker')
    return (await promisify(execFile)(file, args, { env, timeout: 300_000, maxBuffer: 1 << 26 })).stdout.trim()
  }
  const image = `kiln-rig-smoke-${process.pid}`
  let container
  try {
    const began = Date.now()
    await docker('build', '--no-cache', '-q', '-t', image, context)
    const built = Date.now()
    container = await docker('run', '-d', '-p', '127.0.0.1::8000', image)
    const published = await docker('port', container, '8000')
    const port = Number(published.split(':').at(-1))
    if (!(await becomesWell(port))) throw new Error(`no answer; the container's log: ${await docker('logs', container)}`)
    return { build: (built - began) / 1000, answer: (Date.now() - built) / 1000 }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  } finally {
    if (container !== undefined) await docker('rm', '-f', container).catch(() => {})
    await docker('rmi', '-f', image).catch(() => {})
  }
}

/** @param {number} port */
async function becomesWell(port) {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100)))
    if ((await ask({ host: '127.0.0.1', port }, '/'))?.body === 'well') return true
  return false
}
