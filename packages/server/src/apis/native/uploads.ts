import { BuildError } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { bytesOf } from './create.ts'
import { digestSchema } from './schemas.ts'

const params = z.object({ digest: digestSchema })
const answer = z
  .object({ digest: z.string(), bytes: z.int(), exists: z.boolean().describe('true: these bytes were there before') })
  .meta({ id: 'Upload' })

/** Archives by digest. What another tenant has uploaded does not count: bytes are known to whoever has sent them. */
export function uploadRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/uploads/{digest}',
      operationId: 'getUpload',
      summary: 'Whether this tenant has uploaded these bytes',
      scope: 'build',
      params,
      answers: { 200: { description: 'It has', schema: answer } },
      async handle({ kiln, params: { digest } }) {
        const bytes = await kiln.uploads.size(digest)
        if (bytes === undefined) throw new BuildError('not_found', 'There is no upload with this digest.')
        return Response.json({ digest, bytes, exists: true })
      },
    }),
    route({
      method: 'PUT',
      path: '/uploads/{digest}',
      operationId: 'putUpload',
      summary: 'Upload a tar or tar.gz under the sha256 of its bytes; builds have to name it within the hour',
      scope: 'build',
      params,
      body: { kind: 'raw', type: 'application/octet-stream', schema: z.string().meta({ format: 'binary' }) },
      answers: {
        200: { description: 'Was there before, nothing was read', schema: answer },
        201: { description: 'Is there now', schema: answer },
      },
      async handle({ kiln, params: { digest }, request, signal }) {
        const known = await kiln.uploads.size(digest)
        if (known !== undefined) return Response.json({ digest, bytes: known, exists: true })
        const kept = await parts.uploads.keep(kiln, bytesOf(request, parts.limits.upload), {
          max: parts.limits.upload,
          expect: digest,
          signal,
        })
        return Response.json({ digest, bytes: kept.bytes, exists: false }, { status: 201 })
      },
    }),
  ]
}
