import { execa } from 'execa'
import { Duplex } from 'node:stream'
import type { Address } from './address.ts'

const stderrLimit = 4096
const killAfter = 2000

/**
 * A connection to a Docker Engine through ssh: the remote `docker system dial-stdio` joins our pipe to its socket. Nobody is
 * asked for a password. Ends with the words of ssh when that fails.
 */
export function dialSsh(address: Address & { kind: 'ssh' }): Duplex {
  const child = execa('ssh', sshArguments(address), {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    cleanup: true,
    forceKillAfterDelay: killAfter,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < stderrLimit) said += text
  })
  const stream = new PipeSocket(child.stdin, child.stdout, () => void child.kill())
  void child.then((result) => {
    // its exit alone tells an end from a failure
    if (result.exitCode === 0) stream.push(null)
    else stream.destroy(new SshError(said.trim() || result.shortMessage || 'ssh failed'))
    return undefined
  })
  return stream
}

class SshError extends Error {
  readonly code = 'ESSH'
}

/** ssh's own command line: no shell here, and nothing of the address can be taken for an option. */
export function sshArguments({ host, port, user }: Address & { kind: 'ssh' }): readonly string[] {
  const options = ['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10']
  const where = [...(port === undefined ? [] : ['-p', port]), ...(user === undefined ? [] : ['-l', user])]
  return [...options, ...where, '--', host, 'docker', 'system', 'dial-stdio']
}

/** A child's pipes with the few methods of a socket that node:http calls. */
class PipeSocket extends Duplex {
  readonly #input: NodeJS.WritableStream
  readonly #output: NodeJS.ReadableStream
  readonly #end: () => void

  constructor(input: NodeJS.WritableStream, output: NodeJS.ReadableStream, end: () => void) {
    super()
    this.#input = input
    this.#output = output
    this.#end = end
    output.on('data', (chunk: Uint8Array) => {
      if (!this.push(chunk)) output.pause()
    })
    output.on('error', (error) => this.destroy(error))
    // a pipe that breaks is told by the exit of ssh, with a reason
    input.on('error', () => undefined)
  }

  override _read(): void {
    this.#output.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#input.write(chunk)) done()
    else this.#input.once('drain', () => done())
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#input.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#end()
    done(error)
  }

  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
