// What a build of RunAgents is asked with, and of the native API with the same files.
import { json, type Asked, type Row } from './row.ts'

export const path = '/api/v1/builds'
export const dockerfile = { Dockerfile: 'FROM scratch\nCOPY . .\n' }
export const program = { 'main.py': 'print(1)\n' }
const base = { name: 'web', files: dockerfile }

export const build = (changes: object): Asked => json(path, { ...base, ...changes })
/** Text, for keys that an object literal would lose. */
export const withFiles = (files: string): Asked => json(path, `{"name":"web","files":${files}}`)
export const nativeFiles = (files: string): Asked =>
  json('/kiln/v1/builds', `{"name":"web","dockerfile":"Dockerfile","source":{"files":${files}}}`)

export const both = (id: number, what: string, files: unknown, status: number, code: string): readonly Row[] => {
  const text = typeof files === 'string' ? files : JSON.stringify(files)
  return [
    { id, what: `${what} (RunAgents)`, ask: withFiles(text), status, code },
    { id, what: `${what} (native)`, ask: nativeFiles(text), status, code },
  ]
}

export function many(count: number, more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...more, ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, ''])) }
}
