import { parseHead, wrongForm, type PartHead } from './part-head.ts'
import type { Pulled } from '../input/pull.ts'

/** The parts of a body, one after the other: `next`, then its `body` to the end, then `next` again. */
export interface Multipart {
  /** undefined behind the last part */
  next(): Promise<PartHead | undefined>
  body(): AsyncGenerator<Buffer, void>
}

const headBytes = 16 * 1024
const epilogueBytes = 1024

/**
 * multipart/form-data as RFC 7578 has it and clients send it: no preamble, nothing but white space behind the end. What is otherwise is
 * refused, where a lenient reader would skip parts in silence. Chunks are passed on as they came, not copied.
 */
export function createMultipart(input: Pulled, boundary: string): Multipart {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // as if a line had ended before the first byte
  let rest: Buffer = Buffer.from('\r\n')
  let begun = false

  const more = async (): Promise<boolean> => {
    // a chunk is done with when the next one is asked for
    const kept = Buffer.from(rest)
    const chunk = await input.next()
    rest = chunk && kept.length === 0 ? chunk : Buffer.concat(chunk ? [kept, chunk] : [kept])
    return chunk !== undefined
  }
  const take = async (count: number): Promise<Buffer> => {
    while (rest.length < count) if (!(await more())) throw endsEarly()
    const taken = rest.subarray(0, count)
    rest = rest.subarray(count)
    return taken
  }
  const end = async (): Promise<void> => {
    let size = 0
    do {
      size += rest.length
      if (size > epilogueBytes || /[^\s]/.test(rest.toString('latin1'))) throw wrongForm('there is something behind its end')
      rest = Buffer.alloc(0)
    } while (await more())
  }
  const head = async (): Promise<PartHead> => {
    let at = rest.indexOf('\r\n\r\n')
    while (at < 0) {
      if (rest.length > headBytes) break
      const looked = Math.max(0, rest.length - 3)
      if (!(await more())) throw endsEarly()
      at = rest.indexOf('\r\n\r\n', looked)
    }
    if (at < 0 || at > headBytes) throw wrongForm(`a part has more than ${headBytes} bytes of headers`)
    return parseHead((await take(at + 4)).subarray(0, -4))
  }
  return {
    async next() {
      if (!begun && !(await take(delimiter.length)).equals(delimiter)) throw wrongForm('it does not begin with its boundary')
      begun = true
      const line = (await take(2)).toString('latin1')
      if (line === '\r\n') return head()
      if (line !== '--') throw wrongForm('its boundary is followed by something')
      await end()
      return undefined
    },
    async *body() {
      for (;;) {
        const at = rest.indexOf(delimiter)
        const sure = at < 0 ? rest.length - begunDelimiter(rest, delimiter) : at
        if (sure > 0) yield rest.subarray(0, sure)
        rest = rest.subarray(at < 0 ? sure : sure + delimiter.length)
        if (at >= 0) return
        if (!(await more())) throw endsEarly()
      }
    },
  }
}

/** How many bytes at the end could be the beginning of a delimiter. */
function begunDelimiter(bytes: Buffer, delimiter: Buffer): number {
  for (let at = Math.max(0, bytes.length - delimiter.length + 1); at < bytes.length; at++) {
    at = bytes.indexOf(0x0d, at)
    if (at < 0) return 0
    if (bytes.compare(delimiter, 0, bytes.length - at, at) === 0) return bytes.length - at
  }
  return 0
}

function endsEarly(): ReturnType<typeof wrongForm> {
  return wrongForm('it ends before its last boundary')
}
