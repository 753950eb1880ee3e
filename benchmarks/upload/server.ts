import { createWriteStream } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openKiln } from '@kiln/kiln'
import { fakeDriver } from '@kiln/testkit/driver'
import { defaultLimits } from '../../packages/server/src/limits/limits.ts'
import { toNodeListener } from '../../packages/server/src/node/node.ts'
import { createUploads } from '../../packages/server/src/uploads/create-uploads.ts'

// The server of benchmarks/upload.ts, in a process of its own. argv: bare | kiln | kiln-md5, a directory

const [variant, directory] = [process.argv[2]!, process.argv[3]!]
const port = variant === 'bare' ? await bare() : await kiln(variant === 'kiln-md5')
let peak = 0
const look = (): number => (peak = Math.max(peak, process.memoryUsage.rss()))
setInterval(look, 5).unref()
process.on('message', (order: 'reset' | 'report') => {
  if (order === 'reset') peak = 0
  look()
  process.send!({ peak, cpu: process.cpuUsage() })
})
process.on('disconnect', () => process.exit())
process.send!({ port })

/** The body as it is, into a file: what no server can be faster than. */
async function bare(): Promise<number> {
  let count = 0
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === 'GET') return void outgoing.end('{}')
    const file = join(directory, `bare-${(count += 1)}`)
    pipeline(incoming, createWriteStream(file)).then(
      () => unlink(file).finally(() => outgoing.end('{}')),
      () => outgoing.destroy(),
    )
  })
  return listening(server)
}

async function kiln(md5: boolean): Promise<number> {
  const engine = await openKiln({ dataDir: directory, drivers: [fakeDriver()], worker: false })
  const uploads = createUploads(defaultLimits)
  const tenant = engine.for('acme')
  const listener = toNodeListener(async (request) => {
    if (request.method === 'GET') return Response.json({})
    const { file } = await uploads.form(tenant, request, { max: 2 ** 30, md5, signal: request.signal })
    return Response.json(file)
  })
  return listening(createServer(listener))
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
