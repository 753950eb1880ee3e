import { finalStates, type Config, type Digest, type Plan, type State } from '@kiln/core'
import { z } from 'zod'
import { ownMap } from '../../input/own-map.ts'

// What the native API reads and writes. Maps with free keys are handed on as they came: a file may be called
// `__proto__`, which a copy of zod's would lose.

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const texts = ownMap(z.string('a text is needed'))

const object = <T>(what: string): z.ZodType<T> => z.custom<T>(isObject, `${what}: an object is needed`).meta({ type: 'object' })

export type GivenFile = string | { readonly base64: string }

/** Not by a pattern for the whole: that one has no room for texts of 8 MiB. */
function isBase64(text: string): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding))
}

function isFile(value: unknown): value is GivenFile {
  if (typeof value === 'string') return true
  return isObject(value) && Object.keys(value).length === 1 && typeof value['base64'] === 'string' && isBase64(value['base64'])
}

const givenFiles = ownMap(z.custom<GivenFile>(isFile, 'a text is needed, or { base64 }')).meta({
  type: 'object',
  additionalProperties: {
    oneOf: [{ type: 'string' }, { type: 'object', properties: { base64: { type: 'string' } }, required: ['base64'] }],
  },
})

export const digestSchema = z
  .custom<Digest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value), 'not a sha256 digest')
  .meta({
    type: 'string',
    pattern: '^sha256:[0-9a-f]{64}$',
  })

export const sourceSchema = z
  .strictObject({
    files: givenFiles.optional().describe('text by path, or { base64 } for bytes'),
    upload: digestSchema.optional().describe('a tar or tar.gz that was put to /uploads/{digest}'),
  })
  .refine(({ files, upload }) => (files === undefined) !== (upload === undefined), 'exactly one of files and upload is needed')
  .meta({ id: 'Source' })

const ms = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)

const options = {
  name: z.string().describe('the last path part of the image'),
  config: object<Config>('config').optional().describe('wishes over detection, as in kiln.json'),
  plan: object<Plan>('plan').optional().describe('an edited plan'),
  dockerfile: z.string().min(1).max(4096).optional().describe('path of a Dockerfile of the source'),
  target: z.string().min(1).max(255).optional().describe('a stage of the Dockerfile'),
  args: texts.optional().describe('build arguments; never for secrets'),
  secrets: texts.optional().describe('id: reference for the server, never a value'),
  platforms: z
    .array(z.string().regex(/^linux\/[a-z0-9]+(\/v[0-9]+)?$/))
    .max(16)
    .optional(),
  labels: texts.optional(),
  partition: z.string().max(255).optional().describe('builds of different partitions never share a run'),
  tags: z.array(z.string().max(128)).max(100).optional().describe('further tags of the same repository'),
  attributes: texts
    .refine((given) => !Object.hasOwn(given, 'api'), 'attributes: "api" is the server\'s, which says by it through which API a build came')
    .optional()
    .describe('free facts, kept with the record; not "api"'),
  output: z.enum(['push', 'load']).optional(),
  cache: z.enum(['use', 'refresh', 'only']).optional(),
  maxAge: ms.optional().describe('ms; an earlier run older than this is not used'),
  pull: z.boolean().optional().describe('look for newer base images'),
  driver: z.string().max(100).optional(),
  runMs: ms.optional().describe('ms that the run may take'),
}

const oneHow = ({ config, plan, dockerfile }: { config?: unknown; plan?: unknown; dockerfile?: unknown }): boolean =>
  [config, plan, dockerfile].filter((one) => one !== undefined).length <= 1
const targetHasFile = ({ dockerfile, target }: { dockerfile?: unknown; target?: unknown }): boolean =>
  target === undefined || dockerfile !== undefined

export const optionsSchema = z
  .strictObject(options)
  .refine(oneHow, 'config, plan and dockerfile exclude each other')
  .refine(targetHasFile, 'target is for a dockerfile')
  .meta({ id: 'BuildOptions' })

export const buildSchema = z
  .strictObject({ ...options, source: sourceSchema })
  .refine(oneHow, 'config, plan and dockerfile exclude each other')
  .refine(targetHasFile, 'target is for a dockerfile')
  .meta({ id: 'BuildRequest' })

export type GivenOptions = z.infer<typeof optionsSchema>
export type GivenSource = z.infer<typeof sourceSchema>

export const planSchema = z.strictObject({ source: sourceSchema, config: object<Config>('config').optional() }).meta({ id: 'PlanRequest' })

// answers

const states = ['queued', 'building', ...finalStates] as const satisfies readonly State[]

const failure = z
  .looseObject({ code: z.string(), message: z.string(), hint: z.string(), retryable: z.boolean(), data: z.looseObject({}) })
  .meta({ id: 'Failure' })

export const recordSchema = z
  .looseObject({
    id: z.string(),
    run: z.string(),
    name: z.string(),
    key: z.string(),
    image: z.string().describe('the image URI, known before the run'),
    tags: z.array(z.string()),
    state: z.enum(states),
    cancelling: z.boolean(),
    reuse: z.enum(['none', 'joined', 'hit']),
    attempt: z.int(),
    attributes: z.record(z.string(), z.string()),
    driver: z.object({ name: z.string(), why: z.string() }),
    inputs: z.looseObject({}),
    built: z.looseObject({ digest: z.string(), digestKind: z.string(), ref: z.string() }).optional(),
    error: failure.optional(),
    acceptedAt: z.number().describe('ms since the epoch, as all times'),
    startedAt: z.number().optional(),
    endedAt: z.number().optional(),
  })
  .meta({ id: 'Build' })

const notices = z.array(z.looseObject({ code: z.string(), message: z.string() }))

export const acceptedSchema = recordSchema
  .extend({ notices: notices.describe('what detection and planning had to say') })
  .meta({ id: 'AcceptedBuild' })

export const plannedSchema = z.looseObject({ ok: z.boolean(), notices }).meta({ id: 'Planned' })

export const pageSchema = z
  .object({
    builds: z.array(recordSchema),
    total: z.int().describe('of all that match'),
    next: z.string().optional().describe('the `after` of the next page, where there is one'),
  })
  .meta({ id: 'BuildPage' })

export const missSchema = z
  .looseObject({
    inputs: z.array(z.looseObject({ name: z.string() })),
    files: z.looseObject({ added: z.array(z.string()), removed: z.array(z.string()), changed: z.array(z.string()) }),
  })
  .meta({ id: 'Miss' })

export const stateSchema = z.enum(states)
