import { files, type Json, type Kiln } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { analysisOf, analysisSchema, requirementsOf, requirementsSchema, type Analysis } from './analysis.ts'
import { checkedFiles, filesInput } from './given.ts'
import { checkNamespace } from './tenancy.ts'

/** What the files say, without a build. */
export function analyzeRoutes({ limits, now }: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/requirements',
      operationId: 'detectRequirements',
      summary: 'The packages that the files need, and the one that starts',
      scope: 'build',
      body: { kind: 'json', schema: filesInput },
      answers: { 200: { description: 'Found', schema: requirementsSchema } },
      async handle(call) {
        checkNamespace(call, call.body.namespace)
        await using source = await files(checkedFiles(call.body.files, limits), { signal: call.signal })
        return Response.json(await requirementsOf(call.kiln, source, call.signal))
      },
    }),
    route({
      method: 'POST',
      path: '/analyze',
      operationId: 'analyze',
      summary: 'Tools, models, secrets, destinations and packages of the files; kept for an hour',
      scope: 'build',
      body: { kind: 'json', schema: filesInput },
      answers: { 201: { description: 'Found', schema: analysisSchema } },
      async handle(call) {
        checkNamespace(call, call.body.namespace)
        const { kiln, signal } = call
        await using source = await files(checkedFiles(call.body.files, limits), { signal })
        const needs = await requirementsOf(kiln, source, signal)
        const analysis = analysisOf(newId(now()), await kiln.findings(source, { signal }), needs)
        await keep(kiln, analysis, now())
        return Response.json(analysis, { status: 201 })
      },
    }),
    route({
      method: 'GET',
      path: '/analysis/{id}',
      operationId: 'getAnalysis',
      summary: 'An analysis of the last hour',
      scope: 'read',
      params: z.object({ id: z.string() }),
      answers: { 200: { description: 'As it was answered', schema: analysisSchema } },
      async handle({ kiln, params }) {
        const found = idForm.test(params.id) ? await kiln.documents.read(kind, { name: params.id, limit: 1 }) : []
        const [document] = found.filter(({ value }) => now() - madeAt(value) < keptMs)
        if (!document) throw new Refused('not_found', 'analysis not found')
        return Response.json((document.value as unknown as Kept).analysis)
      },
    }),
  ]
}

interface Kept {
  /** ms since the epoch */
  readonly at: number
  readonly analysis: Analysis
}

const kind = 'runagents.analysis'
const keptMs = 3600_000
/** analyses of a tenant */
const most = 50

/** Sorts by time, so that the oldest are the first. */
function newId(now: number): string {
  return `analysis-${now.toString(16).padStart(12, '0')}${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
}

const idForm = /^analysis-[0-9a-f]{28}$/

async function keep({ documents }: Kiln, analysis: Analysis, now: number): Promise<void> {
  const value: Kept = { at: now, analysis }
  await documents.write(kind, analysis.id, value as unknown as Json, 'new')
  const all = await documents.read(kind, { limit: most + 20 })
  for (const [index, { name, version, value: old }] of all.entries())
    if (now - madeAt(old) >= keptMs || index < all.length - most) await documents.write(kind, name, null, version)
}

function madeAt(value: Json): number {
  return (value as unknown as Kept).at
}
