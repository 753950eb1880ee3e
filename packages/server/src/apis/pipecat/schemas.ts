import { z } from 'zod'
import { statuses } from './states.ts'

// Field texts are those of the public document: ours is a superset of it.

const text = (description: string, example?: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .meta({ description, ...(example !== undefined && { examples: [example] }) })
    .optional()

const count = (description: string, example: number): z.ZodOptional<z.ZodInt> =>
  z
    .int()
    .min(0)
    .meta({ description, examples: [example] })
    .optional()

const time = (description: string, example: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .meta({ format: 'date-time', description, examples: [example] })
    .optional()

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const buildId = z.object({ id: z.string().regex(uuid, 'a UUID is needed').meta({ format: 'uuid' }) })

export const createSchema = z
  .object({
    uploadId: z.string().meta({
      format: 'uuid',
      description: 'The upload ID returned from the upload-url endpoint.',
      examples: ['550e8400-e29b-41d4-a716-446655440000'],
    }),
    region: z
      .string()
      .meta({
        description: 'Target region for the build. Must match the region used when getting the upload URL.',
        examples: ['us-west'],
      })
      .optional(),
    dockerfilePath: z
      .string()
      .default('Dockerfile')
      .meta({ description: 'Path to the Dockerfile within the context archive.', examples: ['Dockerfile'] }),
  })
  .meta({ id: 'CreateBuildRequest' })

const buildSchema = z
  .object({
    id: z
      .string()
      .meta({ format: 'uuid', description: 'Unique identifier for the build.', examples: ['123e4567-e89b-12d3-a456-426614174000'] }),
    organizationId: text('Organization that owns this build.', 'org_abc123'),
    status: z
      .enum(statuses)
      .meta({ description: 'Current status of the build.', examples: ['building'] })
      .optional(),
    region: text('Region where the build is running.', 'us-west'),
    contextHash: text('Hash of the build context.', 'a1b2c3d4e5f6a7b8'),
    dockerfilePath: text('Path to the Dockerfile used for this build.', 'Dockerfile'),
    imageUri: text(
      "URI of the built image (only present when status is 'success').",
      '123456789.dkr.ecr.us-west-2.amazonaws.com/pipecat-cloud/org_abc123:a1b2c3d4e5f6a7b8',
    ),
    logsUrl: z
      .string()
      .meta({ format: 'uri', description: 'URL to view build logs.', examples: ['https://console.aws.amazon.com/codebuild/...'] })
      .optional(),
    errorMessage: text('Error message if the build failed.', 'Docker build failed: COPY failed - file not found'),
    contextSizeBytes: count('Size of the uploaded context in bytes.', 10_485_760),
    imageSizeBytes: count('Size of the built Docker image in bytes. Only present for successful builds.', 524_288_000),
    buildDurationSeconds: count('Build duration in seconds (only present when build is complete).', 120),
    startedAt: time('When the build started.', '2026-02-20T12:00:00.000Z'),
    completedAt: time('When the build completed.', '2026-02-20T12:02:00.000Z'),
    createdAt: time('When the build record was created.', '2026-02-20T12:00:00.000Z'),
    updatedAt: time('When the build record was last updated.', '2026-02-20T12:02:00.000Z'),
  })
  .meta({ id: 'Build' })

export const createdSchema = z
  .object({
    build: buildSchema,
    contextHash: z.string().meta({ description: 'Hash of the uploaded context. Used for build caching.', examples: ['a1b2c3d4e5f6a7b8'] }),
    cached: z
      .boolean()
      .meta({ description: 'Whether this response uses a cached build (true) or triggered a new build (false).', examples: [false] }),
  })
  .meta({ id: 'CreateBuildResponse' })

export const listQuery = z.object({
  status: z.enum(statuses).optional(),
  region: z.string().optional(),
  contextHash: z.string().optional(),
  dockerfilePath: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).default(0),
})
export type BuildsQuery = z.infer<typeof listQuery>

export const listSchema = z
  .object({ builds: z.array(buildSchema), total: z.int().min(0), limit: z.int().min(1), offset: z.int().min(0) })
  .meta({ id: 'BuildList' })

export const oneSchema = z.object({ build: buildSchema }).meta({ id: 'GetBuildResponse' })

export const uploadUrlSchema = z
  .object({
    uploadId: z.string().meta({ format: 'uuid' }),
    uploadUrl: z.string().meta({ format: 'uri', description: 'Where the context is posted to as a form, once.' }),
    uploadFields: z.record(z.string(), z.string()).describe('All of them go into the form, unchanged, before the part "file".'),
    expiresAt: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'UploadUrlResponse' })
