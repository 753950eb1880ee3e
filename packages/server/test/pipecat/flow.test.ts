import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createEngine } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { pipecat } from '../../src/apis/pipecat/pipecat.ts'
import { createHandler } from '../../src/handler.ts'
import { listen } from '../../src/node/listen.ts'
import { authenticate, project, tarGz } from './world.ts'

const run = promisify(execFile)

/** What the block leaves to its reader: the fields as they were given, then the file. */
const upload = `
FIELDS=()
while IFS= read -r field; do FIELDS+=(-F "$field"); done < <(echo "$UPLOAD_RESPONSE" | jq -r '.uploadFields | to_entries[] | "\\(.key)=\\(.value)"')
curl -s -o /dev/null -w 'uploaded %{http_code}\\n' "\${FIELDS[@]}" -F 'file=@context.tar.gz;type=application/gzip' "$(echo "$UPLOAD_RESPONSE" | jq -r .uploadUrl)"
`

test('the shell block of the public documentation, with only the host changed', { timeout: 20_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiln-pipecat-'))
  await using engine = createEngine({ drivers: [fakeDriver()] })
  await using server = await listen({
    engine,
    handler: (address) => createHandler({ engine, authenticate, publicUrl: address, apis: [pipecat] }),
  })
  try {
    await writeFile(join(directory, 'context.tar.gz'), await tarGz(project))
    const block = (await readFile(join(import.meta.dirname, 'seed-flow.sh'), 'utf8')).replaceAll(
      'https://api.pipecat.daily.co',
      server.address,
    )
    expect(block.match(/# 2\. .*\n/g)).toHaveLength(1)
    const script = `${block.replace(/(# 2\. .*\n)/, (line) => line + upload)}\necho "IMAGE_URI=$IMAGE_URI BUILD_ID=$BUILD_ID"\n`
    const shell = async (): Promise<string> =>
      (await run('bash', ['-c', script], { cwd: directory, env: { ...process.env, PIPECAT_API_KEY: 'acme' }, timeout: 10_000 })).stdout
    const first = await shell()
    const [, id] =
      /^uploaded 204\nBuild started: ([0-9a-f-]{36})\nPoll GET \/builds\/\1 for status\nIMAGE_URI= BUILD_ID=\1\n$/.exec(first) ?? []
    expect(id, first).toBeDefined()
    await (await engine.for('acme').get(id!))!.result()
    expect(await shell()).toMatch(
      new RegExp(`^uploaded 204\nUsing cached build!\nIMAGE_URI=localhost/kiln/acme/pipecat-cloud:[0-9a-f]{16} BUILD_ID=${id}\n$`),
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
