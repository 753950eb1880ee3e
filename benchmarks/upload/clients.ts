import { Agent, request } from 'node:http'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'node:net'
import { once } from 'node:events'

// The clients of benchmarks/upload.ts, in processes of their own. argv: send | ping, port, bytes

const [what, port, bytes] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])]
process.on('disconnect', () => process.exit())
const agent = new Agent({ keepAlive: true })
const waits: number[] = []
const piece = randomBytes(2 ** 20)

process.on('message', (order: 'go' | 'waits') => {
  if (order === 'go') send().then((ms) => process.send!({ ms }), fail)
  else process.send!({ waits: waits.splice(0) })
})
if (what === 'ping') void ping().catch(fail)
process.send!({ ready: true })

/** Other bytes each time, so that nothing is known. ms until the answer. */
async function send(): Promise<number> {
  const [head, tail] = [
    '--BOUND\r\nContent-Disposition: form-data; name="image_name"\r\n\r\nx\r\n' +
      '--BOUND\r\nContent-Disposition: form-data; name="context_archive"; filename="upload"\r\nContent-Type: application/octet-stream\r\n\r\n',
    '\r\n--BOUND--\r\n',
  ]
  randomBytes(16).copy(piece)
  const start = performance.now()
  const socket = createConnection(port, '127.0.0.1')
  const answered = once(socket, 'data')
  socket.write(
    `POST /v1/upload HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: multipart/form-data; boundary=BOUND\r\n` +
      `content-length: ${head.length + bytes + tail.length}\r\n\r\n${head}`,
  )
  for (let at = 0; at < bytes; at += piece.length) if (!socket.write(piece.subarray(0, bytes - at))) await once(socket, 'drain')
  socket.write(tail)
  const [answer] = (await answered) as [Buffer]
  if (!answer.toString().startsWith('HTTP/1.1 200')) throw new Error(answer.toString())
  const ms = performance.now() - start
  socket.destroy()
  return ms
}

/** One small request every 5 ms. */
async function ping(): Promise<void> {
  for (;;) {
    const start = performance.now()
    await new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/v1/ping', agent }, (answer) => answer.resume().on('end', resolve))
        .on('error', reject)
        .end()
    })
    waits.push(performance.now() - start)
    await sleep(5)
  }
}

function fail(error: unknown): void {
  console.error(error)
  process.exit(1)
}
