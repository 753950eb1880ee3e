// What a build of Scale is asked with.
import type { Entry } from '../tar.ts'
import { boundary, form, scaleForm, type Asked, type Part } from './row.ts'

export const path = '/v5/builds'
export const create = (changes: Readonly<Record<string, string | undefined>>, archive?: Uint8Array): Asked =>
  form(path, scaleForm(changes, archive))
export const withType = (type: string, body: Uint8Array): Asked => ({ method: 'POST', path, body, headers: [['content-type', type]] })
export const ours = `multipart/form-data; boundary=${boundary}`
export const withPart = (part: Part): Asked => form(path, [part, ...scaleForm()])

export const link = (at: string, to: string): Entry => ({ path: at, type: '2', link: to })
export const hard = (at: string, to: string): Entry => ({ path: at, type: '1', link: to })
export const file = (at: string, body = 'x'): Entry => ({ path: at, body })
