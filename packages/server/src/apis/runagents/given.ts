import { shown } from '@kiln/core'
import { z } from 'zod'
import { ownMap } from '../../input/own-map.ts'
import type { ServerLimits } from '../../limits/limits.ts'
import { Refused } from '../../refusal.ts'
import { checkRequirements } from './requirements.ts'

const filesField = ownMap(z.string('has to be a text')).describe('content by path')
const namespace = z.string().nullish().describe("of old clients: the header's, or the tenant's name")
const grammar = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
/** what Windows takes for a device */
const device = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9])$/

/** Fields that are not here are ignored. */
export const buildInput = z
  .object({
    name: z
      .string('1 to 63 of a-z, 0-9 and - are needed')
      .regex(grammar, '1 to 63 of a-z, 0-9 and - are needed, and neither end may be -')
      .refine((name) => !device.test(name), 'is the name of a device')
      .describe('the last part of the image'),
    files: filesField,
    entry_point: z.string('has to be a text').nullish().describe('one of the files; detected when it is not given'),
    requirements: z.string('has to be a text').nullish().describe('takes the place of requirements.txt; names of packages only'),
    framework: z
      .string('has to be a text')
      .regex(/^(?:[A-Za-z0-9@][A-Za-z0-9 ._+/@-]{0,99})?$/, 'is no name')
      .nullish()
      .describe('decides between several files that could start'),
    namespace,
  })
  .meta({ id: 'BuildInput' })

export const filesInput = z.object({ files: filesField, namespace }).meta({ id: 'FilesInput' })

export type BuildInput = z.infer<typeof buildInput>

export interface Given {
  readonly name: string
  /** what is built */
  readonly files: ReadonlyMap<string, string>
  /** one of the files */
  readonly entryPoint: string | undefined
  readonly requirements: string | undefined
  readonly framework: string | undefined
  /** what has to be said about the fields */
  readonly notices: readonly string[]
}

/** Throws `invalid_files`, `too_many_files`, `payload_too_large`, `entry_point_not_found`, `disallowed_requirement`. */
export function givenBuild(input: BuildInput, limits: ServerLimits): Given {
  const files = new Map(checkedFiles(input.files, limits))
  const entryPoint = entryPointOf(input.entry_point, files)
  // an empty text is what some clients send for nothing
  const [requirements, framework] = [input.requirements || undefined, input.framework || undefined]
  const notices: string[] = []
  if (requirements !== undefined) {
    checkRequirements(requirements)
    const path = files.has('./requirements.txt') ? './requirements.txt' : 'requirements.txt'
    const before = files.get(path)
    if (before !== undefined && before !== requirements) notices.push('The field requirements took the place of the file requirements.txt.')
    files.set(path, requirements)
  }
  return { name: input.name, files, entryPoint, requirements, framework, notices }
}

/** The files with their paths as given, of which core's validator judges. */
export function checkedFiles(files: Readonly<Record<string, string>>, limits: ServerLimits): ReadonlyMap<string, string> {
  const given = Object.entries(files)
  if (given.length === 0) throw new Refused('invalid_files', 'files: at least one file is needed')
  if (given.length > limits.files) throw new Refused('too_many_files', `files: there are more than ${limits.files}`)
  for (const [path, text] of given)
    if (text.length > limits.file / 3 && Buffer.byteLength(text) > limits.file)
      throw new Refused('payload_too_large', `files.${shown(path)}: has more than ${limits.file} bytes`)
  return new Map(given)
}

function entryPointOf(given: string | null | undefined, files: ReadonlyMap<string, string>): string | undefined {
  if (given === undefined || given === null) return undefined
  const path = given.replace(/^\.\//, '')
  // to python and node it would be an option
  if (path.startsWith('-')) throw new Refused('entry_point_not_found', `entry_point: "${shown(given)}" begins as an option does`)
  if (path !== '' && (files.has(path) || files.has(`./${path}`))) return path
  throw new Refused('entry_point_not_found', `entry_point: "${shown(given)}" is not one of the files`)
}
