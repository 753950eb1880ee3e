import { fieldsOf, textOf, type Field } from './protobuf.ts'

/** A piece of BuildKit's progress, as the engine sends it in `moby.buildkit.trace` (StatusResponse of BuildKit's control API). */
export interface Trace {
  readonly vertexes: readonly Vertex[]
  readonly statuses: readonly VertexStatus[]
  readonly logs: readonly VertexLog[]
}

export interface Vertex {
  readonly digest: string
  readonly name: string
  readonly cached: boolean
  readonly started: boolean
  readonly completed: boolean
  readonly error: string
}

export interface VertexStatus {
  readonly id: string
  readonly vertex: string
  readonly current: number
  readonly total: number
}

export interface VertexLog {
  readonly vertex: string
  readonly stream: 'out' | 'err'
  readonly bytes: Uint8Array
}

/** Decodes the base64 text of a trace. Throws RangeError when it is no such message. */
export function decodeTrace(text: string): Trace {
  const trace = { vertexes: [] as Vertex[], statuses: [] as VertexStatus[], logs: [] as VertexLog[] }
  for (const field of fieldsOf(Buffer.from(text, 'base64'))) {
    if (field.number === 1) trace.vertexes.push(vertex(field))
    else if (field.number === 2) trace.statuses.push(status(field))
    else if (field.number === 3) trace.logs.push(log(field))
  }
  return trace
}

function vertex(message: Field): Vertex {
  let found: Vertex = { digest: '', name: '', cached: false, started: false, completed: false, error: '' }
  for (const field of fieldsOf(message.bytes)) {
    if (field.number === 1) found = { ...found, digest: textOf(field) }
    else if (field.number === 3) found = { ...found, name: textOf(field) }
    else if (field.number === 4) found = { ...found, cached: field.varint !== 0 }
    else if (field.number === 5) found = { ...found, started: true }
    else if (field.number === 6) found = { ...found, completed: true }
    else if (field.number === 7) found = { ...found, error: textOf(field) }
  }
  return found
}

function status(message: Field): VertexStatus {
  let found: VertexStatus = { id: '', vertex: '', current: 0, total: 0 }
  for (const field of fieldsOf(message.bytes)) {
    if (field.number === 1) found = { ...found, id: textOf(field) }
    else if (field.number === 2) found = { ...found, vertex: textOf(field) }
    else if (field.number === 4) found = { ...found, current: field.varint }
    else if (field.number === 5) found = { ...found, total: field.varint }
  }
  return found
}

function log(message: Field): VertexLog {
  let found: VertexLog = { vertex: '', stream: 'out', bytes: new Uint8Array() }
  for (const field of fieldsOf(message.bytes)) {
    if (field.number === 1) found = { ...found, vertex: textOf(field) }
    else if (field.number === 3) found = { ...found, stream: field.varint === 2 ? 'err' : 'out' }
    else if (field.number === 4) found = { ...found, bytes: field.bytes }
  }
  return found
}
