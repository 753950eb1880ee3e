import { files as filesOf, isBuildError, type BuildRequest, type Build, type Config, type Kiln } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute, type Call } from '../../api.ts'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'
import { fingerprintOf } from './fingerprint.ts'
import { candidateWith, modulesOf } from './frameworks.ts'
import { buildInput, givenBuild, type BuildInput, type Given } from './given.ts'
import { buildSchema, ownId, viewOf } from './states.ts'
import { checkNamespace } from './tenancy.ts'

const acceptedSchema = buildSchema.extend({
  notices: z.array(z.string()).optional().describe('what became of the fields, where that is not plain; else left out'),
})

/** Starting a build, and how it stands. */
export function buildRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/builds',
      operationId: 'createBuild',
      summary: 'Start a build; its image is known at once',
      scope: 'build',
      body: { kind: 'json', schema: buildInput },
      answers: { 202: { description: 'Accepted, and durable', schema: acceptedSchema } },
      refusals: [429, 503],
      handle: (call) => create(parts, call),
    }),
    route({
      method: 'GET',
      path: '/builds/{id}',
      operationId: 'getBuild',
      summary: 'How a build stands',
      scope: 'read',
      params: z.object({ id: z.string() }),
      answers: { 200: { description: 'The build', schema: buildSchema } },
      async handle({ kiln, params }) {
        const id = ownId(params.id)
        const build = id === undefined ? undefined : await kiln.get(id)
        if (!build) throw new Refused('not_found', 'build not found')
        return Response.json(viewOf(build.record))
      },
    }),
  ]
}

async function create(parts: Parts, call: Call<unknown, unknown, BuildInput>): Promise<Response> {
  const { body, kiln, signal } = call
  checkNamespace(call, body.namespace)
  const given = givenBuild(body, parts.limits)
  const known = given.framework === undefined ? undefined : modulesOf(given.framework)
  const notices = [...given.notices, ...frameworkNotice(given.framework, known)]
  const build = await started(kiln, given, requestOf(await fingerprintOf(body), given, notices, signal), known, signal)
  // a hit has ended already, which the first GET says: the answer here is always the same
  const { id, image, created_at } = viewOf(build.record)
  return Response.json({ id, status: 'PENDING', image, created_at, ...(notices.length > 0 && { notices }) }, { status: 202 })
}

/** Where several files could start, a framework that is known decides, if it does. */
async function started(
  kiln: Kiln,
  given: Given,
  request: BuildRequest,
  modules: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Build> {
  try {
    return await kiln.build(request, { signal })
  } catch (error) {
    if (modules === undefined || !isBuildError(error) || error.code !== 'several_candidates') throw error
    const config = candidateWith(modules, error, given.files)
    if (!config || !request.how || !('config' in request.how)) throw error
    return await kiln.build({ ...request, how: { config: { ...request.how.config, ...config } } }, { signal })
  }
}

function requestOf(fingerprint: string, given: Given, notices: readonly string[], signal: AbortSignal): BuildRequest {
  return {
    name: given.name,
    source: () => filesOf(given.files, { signal }),
    fingerprint,
    how: hasDockerfile(given) ? { dockerfile: 'Dockerfile' } : { config: configOf(given) },
    attributes: { api: 'runagents', ...(notices.length > 0 && { notices: notices.join(' ') }) },
  }
}

function hasDockerfile({ files }: Given): boolean {
  return files.has('Dockerfile') || files.has('./Dockerfile')
}

/** Other manifests, which would win against a requirements.txt that was only laid beside them. */
const manifests = ['pyproject.toml', 'uv.lock', 'poetry.lock', 'Pipfile', 'Pipfile.lock', 'environment.yml', 'setup.py']

function configOf({ files, entryPoint, requirements }: Given): Config {
  const beside = requirements !== undefined && manifests.some((name) => files.has(name) || files.has(`./${name}`))
  return { ...(entryPoint !== undefined && { entrypoint: entryPoint }), ...(beside && { requirements }) }
}

function frameworkNotice(framework: string | undefined, modules: readonly string[] | undefined): readonly string[] {
  return framework === undefined || modules ? [] : [`The framework ${framework} is not known, and decided nothing.`]
}
