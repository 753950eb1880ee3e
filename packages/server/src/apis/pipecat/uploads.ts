import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute, type Call } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { timeOf } from './present.ts'
import { checkedRegion } from './region.ts'
import { uploadUrlSchema } from './schemas.ts'
import type { UploadDocuments } from './upload-documents.ts'

/** The path says whose upload it is, so that its bytes have a place; nothing is taken in before the signature has said the same. */
const place = z.object({ owner: z.string(), uploadId: z.string() })
const contentType = 'application/gzip'
/** whoever sends them has no key: no more than a grant needs */
const fieldBytes = 16 * 2 ** 10

/** An address to post a context to, once, without a key; and what is there. */
export function uploadRoutes(parts: Parts, documents: UploadDocuments): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/builds/upload-url',
      operationId: 'createUploadUrl',
      summary: 'Get an address to upload a context to',
      scope: 'build',
      body: { kind: 'json', schema: z.object({ region: z.string().optional() }).meta({ id: 'UploadUrlRequest' }).optional() },
      answers: { 200: { description: 'The address, and the fields of the form', schema: uploadUrlSchema } },
      async handle({ kiln, body, caller: { tenant } }) {
        const region = checkedRegion(parts.regions, body?.region ?? parts.regions.default)
        const { id, expires } = await documents.issue(kiln, tenant, region)
        const facts = { method: 'POST', region, max: String(parts.limits.upload) }
        const grant = await parts.links.sign({ purpose: 'upload', tenant, id, expires, facts })
        return Response.json({
          uploadId: id,
          uploadUrl: `${parts.publicUrl}/v1/builds/uploads/${encodeURIComponent(tenant)}/${id}`,
          uploadFields: { key: id, 'Content-Type': contentType, 'x-kiln-grant': grant },
          expiresAt: timeOf(expires),
        })
      },
    }),
    route({
      method: 'POST',
      path: '/builds/uploads/{owner}/{uploadId}',
      operationId: 'uploadContext',
      summary: 'Upload a context: the fields as they were given, then the file',
      scope: 'open',
      // a grant is good once
      limited: false,
      params: place,
      body: { kind: 'raw', type: 'multipart/form-data', schema: z.object({ file: z.string().meta({ format: 'binary' }) }) },
      answers: { 204: { description: 'It is stored' } },
      refusals: [403, 409],
      handle: (call) => receive(parts, documents, call),
    }),
  ]
}

async function receive(
  parts: Parts,
  documents: UploadDocuments,
  { request, params, signal }: Call<z.infer<typeof place>>,
): Promise<Response> {
  const kiln = parts.engine.for(params.owner)
  if (request.url.includes('?')) throw badSignature()
  const granted = async (fields: ReadonlyMap<string, string>): Promise<void> => {
    await checkGrant(parts, params, fields)
    await documents.checkIssued(kiln, params.uploadId)
  }
  const { fields, file } = await parts.uploads.form(kiln, request, {
    max: parts.limits.upload,
    md5: true,
    field: fieldBytes,
    signal,
    beforeFile: granted,
  })
  // what came behind the file, too
  await checkGrant(parts, params, fields)
  if (!file) throw noFile()
  const { digest, md5, bytes } = file
  await documents.store(kiln, params.uploadId, { digest, contextHash: md5!.slice(0, 16), bytes })
  return new Response(null, { status: 204 })
}

/** All fields are as they were given, and no other is there. Throws `bad_signature`, `upload_expired`. */
async function checkGrant(parts: Parts, { owner, uploadId }: z.infer<typeof place>, fields: ReadonlyMap<string, string>): Promise<void> {
  const grant = await parts.links.open('upload', fields.get('x-kiln-grant') ?? '')
  if (grant === 'bad_signature') throw badSignature()
  if (grant === 'expired') throw new Refused('upload_expired', 'This upload URL has expired.')
  const right = grant.tenant === owner && grant.id === uploadId && grant.facts['method'] === 'POST'
  const known = fields.size === 3 && fields.get('key') === uploadId && fields.get('Content-Type') === contentType
  if (!right || !known) throw badSignature()
}

function badSignature(): Refused {
  return new Refused('bad_signature', 'The upload URL and the fields of the form have to be as they were given, the fields first.')
}

function noFile(): Refused {
  const message = 'Field required'
  return new Refused('invalid_input', `file: ${message}`, { faults: [{ where: ['body', 'file'], message, kind: 'missing' }] })
}
