import { randomBytes } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { OurFacts } from './ours.ts'
import { tarHead } from './tar.ts'

/** A tar of files of 10 MB that no compressor or hash can make short work of; answers with its bytes. */
export async function makeContext(file: string, bytes: number): Promise<number> {
  const size = 10_000_384
  await using handle = await open(file, 'w')
  const text = Buffer.from('FROM scratch\nCOPY . .\n')
  await handle.write(Buffer.concat([tarHead('Dockerfile', text.length), text, Buffer.alloc(512 - text.length)]))
  for (let i = 0; (i + 1) * size <= bytes; i++) await handle.write(Buffer.concat([tarHead(`data/${i}.bin`, size), randomBytes(size)]))
  await handle.write(Buffer.alloc(1024))
  // or the system writes it while others are measured
  await handle.sync()
  return (await handle.stat()).size
}

/** Uploads it and waits until its build was accepted. */
export async function sendContext({ address, key }: OurFacts, file: string, name: string): Promise<void> {
  const options = encodeURIComponent(JSON.stringify({ dockerfile: 'Dockerfile' }))
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-tar', 'content-length': statSync(file).size }
  const sent = request(`${address}/kiln/v1/builds/archive?name=${name}&options=${options}`, { method: 'POST', headers })
  const answered = new Promise<string>((resolve, reject) => {
    sent.on('error', reject).on('response', (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(`${answer.statusCode} ${text}`))
    })
  })
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), sent)
  const answer = await answered
  if (!answer.startsWith('201 ')) throw new Error(answer)
}
