import { shown } from '@kiln/core'
import { z } from 'zod'
import { Refused, type Fault } from '../../refusal.ts'
import { provenance } from './record.ts'

// The text fields of a create. They may stand before or behind the archive.

const named = (pattern: RegExp, message: string): z.ZodType<string> => z.string().regex(pattern, message)
// oxlint-disable-next-line no-control-regex -- what a log or a terminal would act on
const plain = z.string().regex(/^[^\x00-\x1f\x7f]{0,1024}$/, 'up to 1,024 characters, none of them a control character')

const shape = {
  image_name: z.string(),
  image_tag: named(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, 'not a tag: letters, digits, ".", "_" and "-", up to 128').default('latest'),
  image_url: named(/^[\x21-\x7e]{1,512}$/, 'not an image reference').optional(),
  agent_name: named(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, ".", "_" and "-", up to 128').optional(),
  agent_id: z.string().optional(),
  build_args: z.string().optional().describe('a JSON object of texts; for a context_archive alone'),
  platform: z
    .enum(['linux/amd64', 'linux/arm64', 'linux/arm/v7'])
    .optional()
    .describe("for a context_archive alone; default the builder's own"),
  source_dirty: z
    .string()
    .regex(/^(true|false|1|0)$/i, 'true or false is needed')
    .optional(),
  ...(Object.fromEntries(provenance.map((name) => [name, plain.optional()])) as Record<
    (typeof provenance)[number],
    z.ZodOptional<z.ZodString>
  >),
}
const fieldsSchema = z.object(shape)
const someSchema = fieldsSchema.partial()

export const formSchema: z.ZodType = fieldsSchema
  .extend({ context_archive: z.string().meta({ format: 'binary' }).optional().describe('a tar or tar.gz with a Dockerfile at its root') })
  .meta({ id: 'CreateBuild' })

export interface Fields {
  readonly imageName: string
  readonly imageTag: string
  readonly imageUrl: string | undefined
  readonly agent: { readonly name: string } | { readonly id: string }
  readonly args: Readonly<Record<string, string>>
  readonly platform: `linux/${string}` | undefined
  /** what came with the build about its source */
  readonly attributes: Readonly<Record<string, string>>
}

type Given = ReadonlyMap<string, string>

/** Refuses what can be seen to be wrong before the archive is read; later fields may still be missing. */
export function checkEarly(given: Given): void {
  const found = someSchema.safeParse(Object.fromEntries(given))
  const { image_name: name, image_url: url, build_args: args, agent_name: agent, agent_id: id } = Object.fromEntries(given)
  refuseAny([
    ...(found.error?.issues.map(faultOf) ?? []),
    ...(url === undefined ? [] : [fault('context_archive', 'context_archive and image_url exclude each other')]),
    ...(agent !== undefined && id !== undefined ? [fault('agent_id', 'agent_name and agent_id exclude each other')] : []),
  ])
  if (name !== undefined) checkImageName(name)
  if (args !== undefined) argsOf(args)
}

/** All fields of a form. Throws `invalid_input` with every fault, `registry_not_allowed`, `invalid_name`. */
export function checkFields(given: Given, hasFile: boolean): Fields {
  const found = fieldsSchema.safeParse(Object.fromEntries(given))
  refuseAny([...(found.error?.issues.map(faultOf) ?? []), ...together(given, hasFile)])
  const fields = found.data!
  checkImageName(fields.image_name)
  const attributes = provenance.flatMap((name) => (given.get(name) ? [[name, given.get(name)!] as const] : []))
  const dirty = fields.source_dirty
  return {
    imageName: fields.image_name,
    imageTag: fields.image_tag,
    imageUrl: fields.image_url,
    agent: fields.agent_name === undefined ? { id: fields.agent_id! } : { name: fields.agent_name },
    args: argsOf(fields.build_args),
    platform: fields.platform,
    attributes: { ...Object.fromEntries(attributes), ...(dirty !== undefined && { source_dirty: String(/^(true|1)$/i.test(dirty)) }) },
  }
}

/** What fields say together. */
function together(given: Given, hasFile: boolean): readonly Fault[] {
  const url = given.has('image_url')
  const faults: Fault[] = []
  if (given.has('context_archive')) faults.push(fault('context_archive', 'a file is needed, this is a text'))
  else if (hasFile === url) faults.push(fault('context_archive', 'exactly one of context_archive and image_url is needed', 'missing'))
  if (given.has('agent_name') === given.has('agent_id'))
    faults.push(fault('agent_name', 'exactly one of agent_name and agent_id is needed', 'missing'))
  if (url)
    for (const name of ['build_args', 'platform']) if (given.has(name)) faults.push(fault(name, `${name} is for a context_archive alone`))
  return faults
}

function checkImageName(name: string): void {
  if (name.includes('/')) throw new Refused('registry_not_allowed', `The image name "${shown(name)}" has a registry or a path.`)
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    refuseAny([
      fault(
        'image_name',
        `"${shown(name)}" is not 1 to 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit`,
        'invalid_name',
      ),
    ])
}

const argument = /^[A-Za-z_][A-Za-z0-9_]*$/

function argsOf(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {}
  const value = parsed(text)
  const wrong = (why: string): never => refuseAny([fault('build_args', why)]) as never
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('a JSON object is needed')
  const entries = Object.entries(value)
  for (const [name, one] of entries) {
    if (!argument.test(name) || name in Object.prototype) wrong(`"${shown(name)}" is not a name of a build argument`)
    if (typeof one !== 'string') wrong(`the value of "${shown(name)}" is not a text`)
  }
  if (entries.length > 100) wrong('there are more than 100')
  return value as Record<string, string>
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function faultOf({ path, message, code }: z.core.$ZodIssue): Fault {
  const missing = code === 'invalid_type' && message.endsWith('received undefined')
  return { where: ['body', ...path.map(String)], message: missing ? 'Field required' : message, kind: missing ? 'missing' : code }
}

function fault(field: string, message: string, kind = 'invalid'): Fault {
  return { where: ['body', field], message, kind }
}

function refuseAny(faults: readonly Fault[]): void {
  const [first] = faults
  if (first) throw new Refused('invalid_input', `${first.where.slice(1).join('.')}: ${first.message}`, { faults })
}
