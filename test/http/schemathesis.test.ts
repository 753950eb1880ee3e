// Schemathesis, from PyPI, makes requests up from the OpenAPI documents, good ones and bad ones: no 5xx, no status that is not in the
// document, no answer that is not as it says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environment } from '../clients/environments.ts'
// @ts-expect-error asked by `npm test` before anything is installed: plain JavaScript
import { findPython } from '../clients/find-python.mjs'
import { run } from '../clients/run.ts'
import { apis } from './openapi.ts'
import { world, type World } from './world.ts'

const python = findPython() as { python: string } | { missing: string }
const missing = 'missing' in python ? `, skipped: ${python.missing}` : ''

const checks =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance'
/** cases per operation; the same ones in each run */
const examples = Number(process.env['KILN_SCHEMATHESIS_EXAMPLES'] ?? 10)

describe.skipIf(missing !== '')(`Schemathesis${missing}`, () => {
  let kiln: World
  let bin = ''
  let home = ''
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'kiln-schemathesis-'))
    bin = await environment('schemathesis')
    kiln = await world()
  })
  afterAll(async () => {
    await kiln?.[Symbol.asyncDispose]()
    rmSync(home, { recursive: true, force: true })
  })

  test.each(apis)('%s', async (api) => {
    const { code, out, err } = await run(
      join(bin, 'schemathesis'),
      [
        ...['run', `${kiln.address}/openapi/${api}.json`, '--no-color', '--checks', checks, '--phases', 'examples,coverage,fuzzing'],
        ...['--header', `Authorization: Bearer ${kiln.keys.admin}`, '--header', `x-api-key: ${kiln.keys.admin}`],
        ...['--max-examples', String(examples), '--seed', '1', '--generation-deterministic', '--no-shrink'],
        // it cannot write a tar: bad/scale.ts and contract.test.ts send them
        ...['--exclude-operation-id', 'createBuildFromArchive'],
        ...['--continue-on-failure', '--suppress-health-check', 'all', '--request-timeout', '30', '--warnings', 'off'],
      ],
      { cwd: home, env: { HOME: home }, limit: 110_000 },
    )
    const said = out.slice(out.indexOf('= FAILURES =')).slice(0, 20_000)
    expect(code, `${said}${err.slice(-3000)}`).toBe(0)
    expect(out).toMatch(/No issues found|passed/)
    expect((await kiln.ask({ path: '/healthz', as: '' })).status).toBe(200)
    expect(kiln.leftovers()).toEqual([])
  })
})
