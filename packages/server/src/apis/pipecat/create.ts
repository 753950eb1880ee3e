import { isBuildError, type BuildRecord, type BuildRequest, type Kiln, type Source } from '@kiln/core'
import { hash } from 'node:crypto'
import type { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute, type Call } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { json } from './builds.ts'
import { dockerfilePathOf } from './dockerfile-path.ts'
import { errorSchema } from './errors.ts'
import { api, type Presenter } from './present.ts'
import { checkedRegion } from './region.ts'
import { createdSchema, createSchema } from './schemas.ts'
import { uploadNotFound, type StoredUpload, type UploadDocuments, type Used } from './upload-documents.ts'

export function createRoutes(parts: Parts, documents: UploadDocuments, present: Presenter): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/builds',
      operationId: 'createBuild',
      summary: 'Create a build',
      description:
        'Create a new build from an uploaded context. If a successful build already exists with the same context hash, region, and Dockerfile path, the cached build is returned instead of triggering a new build.',
      scope: 'build',
      body: { kind: 'json', schema: createSchema },
      answers: {
        200: { description: 'Cached build found - no new build triggered', schema: createdSchema },
        201: { description: 'New build created and triggered', schema: createdSchema },
        400: { description: 'Invalid request (e.g., upload not found, cloud build not enabled)', schema: errorSchema },
      },
      refusals: [409],
      async handle(call) {
        const { cached, record } = await create(parts, documents, call)
        const { caller } = call
        const hashed = JSON.stringify(record.attributes['contextHash'])
        const body = `{"build":${await present.text(caller.tenant, record)},"contextHash":${hashed},"cached":${cached}}`
        return new Response(body, { status: cached ? 200 : 201, headers: json })
      },
    }),
  ]
}

type CreateCall = Call<unknown, unknown, z.infer<typeof createSchema>>

interface Created {
  readonly record: BuildRecord
  readonly cached: boolean
}

/** An upload makes one build, however often it is asked for. */
async function create(parts: Parts, documents: UploadDocuments, { kiln, body, signal }: CreateCall): Promise<Created> {
  const { uploadId } = body
  const region = body.region === undefined ? undefined : checkedRegion(parts.regions, body.region)
  const dockerfilePath = dockerfilePathOf(body.dockerfilePath)
  const upload = await documents.find(kiln, uploadId)
  if (region !== undefined && region !== upload.region) throw regionMismatch(upload.region)
  if ('build' in upload) return await again(kiln, upload, dockerfilePath)
  const earlier = await cachedBuild(kiln, upload, dockerfilePath)
  const record = earlier ?? (await newBuild(parts, kiln, requestOf(uploadId, upload, dockerfilePath), upload, signal))
  const mine = { build: record.id, cached: earlier !== undefined, region: upload.region, dockerfilePath }
  const used = await documents.use(kiln, uploadId, mine)
  return used.build === mine.build ? { record, cached: used.cached } : await again(kiln, used, dockerfilePath)
}

async function again(kiln: Kiln, used: Used, dockerfilePath: string): Promise<Created> {
  if (used.dockerfilePath !== dockerfilePath)
    throw new Refused('upload_already_used', 'This upload was built with another Dockerfile path.', { hint: 'Upload the context again.' })
  const build = await kiln.get(used.build)
  // removed since
  if (!build) throw uploadNotFound()
  return { record: build.record, cached: used.cached }
}

/** The newest build of the same bytes, by their sha256: the public hash is 64 bits of MD5. Its image has to be there. */
async function cachedBuild(kiln: Kiln, { region, digest }: StoredUpload, dockerfilePath: string): Promise<BuildRecord | undefined> {
  const where = { contextDigest: digest, region, dockerfilePath, api }
  const [earlier] = await kiln.list({ where, state: 'succeeded', limit: 1 })
  return earlier && (await kiln.reusable(earlier.id)) === true ? earlier : undefined
}

type Request = Omit<BuildRequest, 'source'>

function requestOf(uploadId: string, { region, digest, contextHash, bytes }: StoredUpload, dockerfilePath: string): Request {
  return {
    name: 'pipecat-cloud',
    how: { dockerfile: dockerfilePath },
    partition: region,
    fingerprint: `pipecat ${hash('sha256', JSON.stringify([digest, region, dockerfilePath]))}`,
    // the same upload at the same moment, also at another server
    idempotencyKey: `pipecat-upload-${uploadId}`,
    attributes: { api, contextHash, contextDigest: digest, region, dockerfilePath, contextSizeBytes: String(bytes) },
  }
}

async function newBuild(
  { limits, uploads }: Parts,
  kiln: Kiln,
  request: Request,
  { digest }: StoredUpload,
  signal: AbortSignal,
): Promise<BuildRecord> {
  const source = (): Promise<Source> => uploads.open(kiln, digest, { signal, max: limits.upload })
  try {
    return (await kiln.build({ ...request, source }, { signal })).record
  } catch (error) {
    // bytes that no build names are not kept for ever
    if (isBuildError(error) && error.code === 'blob_missing') throw uploadNotFound()
    // the same upload was just built with another path
    if (isBuildError(error) && error.code === 'idempotency_mismatch')
      throw new Refused('upload_already_used', 'This upload was built with another Dockerfile path.')
    throw error
  }
}

function regionMismatch(region: string): Refused {
  return new Refused('region_mismatch', `The upload is for the region ${region}.`)
}
