// A project as Pipecat's users have it, and its CLIs on it. Both versions share this: what they send for a build is the same.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, type Ran } from './run.ts'
import type { Served } from './server.ts'

export interface Project {
  readonly home: string
  /** one command of the CLI in the project's directory */
  cli(...words: readonly string[]): Promise<Ran & { readonly requests: readonly string[] }>
}

export function project(
  server: Served,
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Project {
  const home = mkdtempSync(join(tmpdir(), 'kiln-pipecat-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const settings = {
    PIPECAT_API_HOST: server.url,
    PIPECAT_CONFIG_PATH: join(home, '..', 'kiln-no-such-pipecat.toml'),
    COLUMNS: '300',
    NO_COLOR: '1',
    ...env,
  }
  return {
    home,
    async cli(...words) {
      const before = server.seen.length
      const ran = await run(program[0]!, [...program.slice(1), ...words], { cwd: home, env: settings })
      return { ...ran, requests: requestsOf(server, before) }
    },
  }
}

/** What was asked since, without queries and ids, and what was asked again and again once. */
function requestsOf(server: Served, since: number): readonly string[] {
  const lines = server.seen.slice(since).map(({ method, path, status }) => `${method} ${short(path, server.tenant)} ${status}`)
  return lines.filter((line, at) => line !== lines[at - 1])
}

function short(path: string, tenant: string): string {
  const [plain = '', query] = path.split('?')
  const named = plain.replace(`/organizations/${tenant}`, '/organizations/ORG').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
  return query?.includes('contextHash=') ? `${named}?contextHash` : named
}

export const bot = (salt: string, last = ''): Readonly<Record<string, string>> => ({
  Dockerfile: `FROM python:3.11-slim\nCOPY . /app\nRUN echo "bot ${salt} is here" && ls /app\n${last}`,
  'bot.py': 'print("bot")\n',
  'pcc-deploy.toml': 'agent_name = "kiln-bot"\n',
  '.env': 'SECRET=never\n',
})

/** Of `deploy --yes` on new files, up to the end of the build. */
export const newBuild: readonly string[] = [
  'GET /v1/organizations/ORG/properties 200',
  'GET /v1/organizations/ORG/builds?contextHash 200',
  'POST /v1/organizations/ORG/builds/upload-url 200',
  'POST UPLOAD 204',
  'POST /v1/organizations/ORG/builds 201',
  'GET /v1/organizations/ORG/builds/ID 200',
]

/** Of `deploy --yes` on files that were built. */
export const cachedBuild: readonly string[] = newBuild.slice(0, 2)

/** The requests of a deploy that concern its build: those before it looks for the agent. */
export function buildPart(requests: readonly string[]): readonly string[] {
  const end = requests.findIndex((line) => line.includes('/services/'))
  const part = requests.slice(0, end < 0 ? undefined : end)
  // asked once more for the region that it shows
  return part.at(-1) === newBuild[0] && part.length > 1 ? part.slice(0, -1) : part
}

/** The path of the upload is the server's own business. */
export function upload(line: string): string {
  return line.replace(/^POST \S*upload(?!-url)\S* /, 'POST UPLOAD ')
}
