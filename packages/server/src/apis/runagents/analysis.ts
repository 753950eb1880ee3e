import type { Config, Destination, Findings, Kiln, Plan, PlanDependency, Planned, Source } from '@kiln/core'
import { BuildError } from '@kiln/core'
import { z } from 'zod'

const place = { file: z.string(), line: z.int() }

export const requirementsSchema = z
  .object({
    requirements: z.array(z.string()).describe('what the program needs, declared or from its imports, as pip or npm reads it'),
    entry_point: z.string().optional().describe('the file that starts, where one was found'),
  })
  .meta({ id: 'Requirements' })

export const analysisSchema = z
  .object({
    id: z.string().meta({ examples: ['analysis-a1b2c3d4'] }),
    tools: z.array(z.object({ name: z.string(), base_url: z.string(), ...place })),
    model_providers: z.array(z.object({ provider: z.string(), model: z.string() })),
    model_usages: z.array(z.object({ role: z.string(), variable_name: z.string(), ...place })),
    secrets: z
      .array(z.object({ type: z.string(), ...place, severity: z.enum(['high', 'medium', 'low']) }))
      .describe('never with their values'),
    outbound_destinations: z.array(z.string()).describe('hosts'),
    detected_requirements: z.array(z.string()),
    entry_point: z.string().optional(),
    system_prompt_suggestion: z.string().describe('the first system prompt in the code; empty where there is none'),
  })
  .meta({ id: 'Analysis' })

export type Analysis = z.infer<typeof analysisSchema>
export type Requirements = z.infer<typeof requirementsSchema>

/** of each list, and bytes in all: an analysis is kept, and read again with the others of its tenant */
const mostEntries = 200
const mostBytes = 64 * 2 ** 10

/** Shorter lists where the names of the files are long. */
export function analysisOf(id: string, found: Findings, needs: Requirements): Analysis {
  for (let most = mostEntries; ; most = Math.floor(most / 2)) {
    const analysis = withAtMost(most, id, found, needs)
    if (most === 0 || JSON.stringify(analysis).length <= mostBytes) return analysis
  }
}

function withAtMost(most: number, id: string, found: Findings, { requirements, entry_point }: Requirements): Analysis {
  const { destinations, models, secrets, prompts } = found
  const asked = new Map(models.map(({ provider, model }) => [JSON.stringify([provider, model]), { provider, model }]))
  return {
    id,
    tools: toolsOf(destinations.filter(({ provider }) => !provider)).slice(0, most),
    model_providers: [...asked.values()].slice(0, most),
    model_usages: models.slice(0, most).map(({ role, variable, file, line }) => ({ role, variable_name: variable, file, line })),
    secrets: secrets.slice(0, most).map(({ type, file, line, severity }) => ({ type, file, line, severity })),
    outbound_destinations: destinations.slice(0, most).map(({ host }) => host),
    detected_requirements: requirements.slice(0, most),
    ...(entry_point !== undefined && { entry_point }),
    system_prompt_suggestion: (prompts[0]?.text ?? '').slice(0, 4000),
  }
}

function toolsOf(destinations: readonly Destination[]): Analysis['tools'] {
  const taken = new Set<string>()
  return destinations.map(({ host, url, file, line }) => {
    const name = toolName(host)
    const free = taken.has(name) ? host.replaceAll(/[^a-z0-9]+/g, '-') : name
    taken.add(free)
    return { name: free, base_url: url, file, line }
  })
}

/** `api.stripe.com` is `stripe-api`. */
function toolName(host: string): string {
  const labels = host.split('.')
  const country = labels.length > 2 && /^(?:com?|org|net|ac|gov)$/.test(labels.at(-2)!) && labels.at(-1)!.length === 2
  return `${labels.at(country ? -3 : -2)!}-api`
}

/**
 * What the program needs, from the plan of its files. Of several files that could start the likeliest is taken, and where none can,
 * any: its imports count. Throws what a file that cannot be read says.
 */
export async function requirementsOf(kiln: Kiln, source: Source, signal: AbortSignal): Promise<Requirements> {
  const first = await kiln.plan(source, {}, { signal })
  if (first.ok) return ofPlan(first.plan)
  const config = fallback(first, source)
  const second = config && (await kiln.plan(source, config, { signal }))
  if (second?.ok) return ofPlan(second.plan)
  if (first.code === 'nothing_detected' || first.code === 'several_candidates' || first.code === 'unsupported_project')
    return { requirements: [] }
  throw new BuildError(first.code, first.message, { hint: first.hint })
}

function ofPlan({ dependencies, entrypoint }: Plan): Requirements {
  const needed = dependencies.filter(({ group }) => group === 'default').map(lineOf)
  return { requirements: [...new Set(needed)], ...(entrypoint !== null && { entry_point: entrypoint }) }
}

function lineOf({ ecosystem, name, extras = [], specifier }: PlanDependency): string {
  if (ecosystem === 'npm') return specifier === '' || specifier === '*' ? name : `${name}@${specifier}`
  return `${name}${extras.length > 0 ? `[${extras.join(',')}]` : ''}${specifier.startsWith('@') ? ' ' : ''}${specifier}`
}

function fallback({ code, candidates: [candidate] }: Extract<Planned, { ok: false }>, source: Source): Config | undefined {
  if (code === 'several_candidates' && candidate) return candidate.config
  if (code !== 'nothing_detected') return undefined
  const programs = source.entries.filter(({ kind, path }) => kind === 'file' && /\.(?:py|[cm]?[jt]s)$/.test(path)).map(({ path }) => path)
  const [entrypoint] = programs.toSorted((a, b) => a.split('/').length - b.split('/').length)
  return entrypoint === undefined ? undefined : { entrypoint }
}
