import { BuildError, type Digest, type Kiln } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { buildId, existing } from './builds.ts'

/** What a build was made of, as long as it is kept. */
export function storedRoutes(): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds/{id}/plan',
      operationId: 'getPlan',
      summary: 'The plan of a build that was planned',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'The plan', schema: z.looseObject({}).meta({ id: 'Plan' }) } },
      handle: async ({ kiln, params }) => json(await text(kiln, params.id, 'plan')),
    }),
    route({
      method: 'GET',
      path: '/builds/{id}/recipe',
      operationId: 'getRecipe',
      summary: 'The Dockerfile that the driver got, with the files that were generated beside it',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'The recipe', schema: z.looseObject({}).meta({ id: 'Recipe' }) } },
      handle: async ({ kiln, params }) => json(await text(kiln, params.id, 'recipe')),
    }),
    route({
      method: 'GET',
      path: '/builds/{id}/dockerfile',
      operationId: 'getDockerfile',
      summary: 'The Dockerfile that the driver got',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'The text', schema: z.string(), type: 'text/plain' } },
      async handle({ kiln, params }) {
        const recipe = JSON.parse(await text(kiln, params.id, 'recipe')) as { readonly text: string }
        return new Response(recipe.text, { headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' } })
      },
    }),
    route({
      method: 'GET',
      path: '/builds/{id}/context',
      operationId: 'getContext',
      summary: 'The files of a build as a tar',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'A tar', schema: z.string().meta({ format: 'binary' }), type: 'application/x-tar' } },
      async handle({ kiln, params, signal }) {
        const { record } = await existing(kiln, params.id)
        return tar(kiln, record.inputs.context, signal)
      },
    }),
  ]
}

async function tar(kiln: Kiln, context: Digest | undefined, signal: AbortSignal): Promise<Response> {
  const size = context && (await kiln.blobs.size(context))
  if (size === undefined) throw gone('context')
  const headers = { 'content-type': 'application/x-tar', 'content-length': String(size), 'x-content-type-options': 'nosniff' }
  return new Response(ReadableStream.from(kiln.blobs.open(context!, { signal })), { headers })
}

async function text(kiln: Kiln, id: string, what: 'plan' | 'recipe'): Promise<string> {
  const found = await (await existing(kiln, id)).stored(what)
  if (found === undefined) throw gone(what)
  return found
}

function gone(what: string): BuildError {
  return new BuildError('not_found', `The build has no ${what}, or it is not kept any more.`, {
    hint: 'Contexts are kept for a day after the end.',
  })
}

function json(written: string): Response {
  return new Response(written, { headers: { 'content-type': 'application/json' } })
}
