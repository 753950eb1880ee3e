import { connect } from 'node:net'

// The readers of benchmarks/sse.ts, in a process of their own. argv: port, how many

const [port, count] = [Number(process.argv[2]), Number(process.argv[3])]
let blocks = 0
let broken = 0
let delays: number[] = []
const readers = Array.from({ length: count }, open)

setInterval(() => void (process.connected && process.send!({ received: blocks }, undefined, {}, () => undefined)), 5)
process.on('message', (order: { readonly reset?: true; readonly report?: true }) => {
  if (order.reset) delays = []
  if (order.report)
    process.send!({ report: { p50: quantile(0.5), p99: quantile(0.99), broken, least: Math.min(...readers.map((one) => one.blocks)) } })
})
process.on('disconnect', () => process.exit())

interface Reading {
  blocks: number
}

function open(): Reading {
  const reading = { blocks: 0 }
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'))
  let half = false
  socket.on('data', (data) => {
    const ends = (half && data[0] === 10 ? 1 : 0) + endsIn(data)
    half = data.at(-1) === 10 && data.at(-2) !== 10
    reading.blocks += ends
    blocks += ends
    delay(data)
  })
  socket.on('error', () => (broken += 1))
  socket.on('end', () => (broken += 1))
  return reading
}

/** A block ends with an empty line; HTTP's own lines end with CR LF. */
function endsIn(data: Buffer): number {
  let found = 0
  for (let at = data.indexOf('\n\n'); at >= 0; at = data.indexOf('\n\n', at + 2)) found += 1
  return found
}

/** Of the oldest line in what arrived. */
function delay(data: Buffer): void {
  const at = data.indexOf('at=')
  if (at < 0 || at + 19 > data.length) return
  delays.push(performance.timeOrigin + performance.now() - Number(data.toString('latin1', at + 3, at + 18)))
}

function quantile(q: number): number {
  const sorted = Float64Array.from(delays).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}
