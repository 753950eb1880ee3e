/** One field of a protobuf message: a number, or bytes. */
export interface Field {
  readonly number: number
  readonly varint: number
  readonly bytes: Uint8Array
}

const none = new Uint8Array()

/** The fields of a protobuf message in order (wire format of developers.google.com/protocol-buffers). Throws RangeError when it is cut or malformed. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  for (let at = 0; at < message.length;) {
    const key = varintAt(message, at)
    at = key.end
    const [number, wire] = [Math.floor(key.value / 8), key.value % 8]
    if (wire === 0) {
      const { value, end } = varintAt(message, at)
      at = end
      yield { number, varint: value, bytes: none }
      continue
    }
    const length = wire === 2 ? varintAt(message, at) : { value: wire === 1 ? 8 : wire === 5 ? 4 : Number.NaN, end: at }
    const end = length.end + length.value
    if (!(end <= message.length)) throw new RangeError('a protobuf field is longer than its message')
    yield { number, varint: 0, bytes: message.subarray(length.end, end) }
    at = end
  }
}

export function textOf(field: Field): string {
  return Buffer.from(field.bytes.buffer, field.bytes.byteOffset, field.bytes.byteLength).toString('utf8')
}

/** Exact up to 2^53; larger ones (negative int64) lose precision, and nobody here asks for them. */
function varintAt(message: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let at = start; at < start + 10; at++) {
    const byte = message[at]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * (at - start))
    if (byte < 0x80) return { value, end: at + 1 }
  }
  throw new RangeError('a protobuf number is cut')
}
