// `npm run demo`: set-up, an engine, then examples/demo/demo.ts on Node 24.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findEngine, tellsOf } from '../test/rig/rig.mjs'
import { node24, setup } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const say = (line) => process.stderr.write(`${line}\n`)

try {
  setup(say)
  const engine = await findEngine({ start: true, log: say })
  if ('missing' in engine) say(`The demo shows what needs no Docker Engine: ${engine.missing}`)
  const env = { ...process.env, ...('host' in engine && { DOCKER_HOST: engine.host, KILN_DEMO_ENGINE: engine.host }) }
  const child = spawn(node24, ['--conditions=kiln-source', join(root, 'examples/demo/demo.ts')], { cwd: root, env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('close', (code) => {
    if ('host' in engine && engine.origin === 'rig') say(tellsOf(engine))
    process.exitCode = code ?? 1
  })
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
