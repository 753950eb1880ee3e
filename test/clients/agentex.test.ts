// The archive that `agentex agents package` writes (scripts/agentex_archive.py), handed over by the Scale SDK.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environment } from './environments.ts'
import { run } from './run.ts'
import { serve, type Served } from './server.ts'

const salt = crypto.randomUUID().slice(0, 8)
const scratch = mkdtempSync(join(tmpdir(), 'kiln-agentex-'))
let server: Served
let python = ''

beforeAll(async () => {
  python = join(await environment('scale'), 'python')
  server = await serve()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

const files = {
  Dockerfile: `FROM python:3.11-slim\nWORKDIR /app\nCOPY my_agent/pyproject.toml /app/my_agent/pyproject.toml\nCOPY my_agent/project /app/project\nRUN find . -type f | sort && echo ${salt}\n`,
  '.dockerignore': '*.pyc\n',
  'manifest.yaml': 'build:\n  context:\n    root: ../\n    include_paths: [my_agent]\n    dockerfile: my_agent/Dockerfile\n',
  'pyproject.toml': '[project]\nname = "my-agent"\nversion = "0.1.0"\n',
  'project/acp.py': 'print("hello")\n',
}

/** The same files, changed at another time. */
async function packed(name: string, seconds: number): Promise<string> {
  const home = join(scratch, name)
  for (const [path, text] of Object.entries(files)) {
    const file = join(home, 'my_agent', path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
    utimesSync(file, seconds, seconds)
  }
  const out = join(scratch, `${name}.tar.gz`)
  const ran = await run(python, [join(import.meta.dirname, 'scripts/agentex_archive.py'), home, out])
  if (ran.code !== 0) throw new Error(ran.err)
  return out
}

test('builds; packed again at another time it is other bytes and the same image, with no second run', async () => {
  const key = await server.key()
  const build = async (archive: string, agent: string): Promise<{ last: Record<string, unknown>; lines: string[] }> => {
    const env = {
      SGP_CLIENT_BASE_URL: server.url,
      SGP_API_KEY: key,
      SGP_ACCOUNT_ID: server.tenant,
      SALT: salt,
      ARCHIVE: archive,
      AGENT: agent,
    }
    const ran = await run(python, [join(import.meta.dirname, 'scripts/scale.py'), 'sync', 'one_file'], { env })
    if (ran.code !== 0) throw new Error(`${ran.err}\n${server.log()}`)
    return JSON.parse(ran.out) as Awaited<ReturnType<typeof build>>
  }
  const [one, two] = [await packed('one', 1_700_000_000), await packed('two', 1_750_000_000)]
  expect(readFileSync(one).equals(readFileSync(two))).toBe(false)
  const [first, second] = [await build(one, 'packed-one'), await build(two, 'packed-two')]
  expect(first.last).toMatchObject({ build_status: 'success', image_url: expect.stringContaining('/packed:') })
  expect(first.lines).toEqual(expect.arrayContaining(['./my_agent/pyproject.toml', './project/acp.py', salt]))
  expect(second.last).toMatchObject({
    build_status: 'success',
    image_url: first.last['image_url'],
    cloud_provider_build_id: first.last['cloud_provider_build_id'],
  })
})
