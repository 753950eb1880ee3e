import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dockerConfig, type DockerConfig } from '../src/index.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiln-config-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function config(content: unknown): Promise<DockerConfig> {
  await writeFile(join(directory, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content))
  return dockerConfig({ env: { PATH: `${directory}:${process.env['PATH']}`, DOCKER_CONFIG: directory }, timeoutMs: 500 })
}

async function helper(name: string, script: string): Promise<void> {
  await writeFile(join(directory, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const auth = Buffer.from('me:pass:word').toString('base64')
const login = { username: 'me', secret: 'pass:word' }

describe('auths', () => {
  test('a login by host, whatever form its key has', async () => {
    const logins = await config({
      auths: {
        'ghcr.io': { auth },
        'https://r.example.com/v2/': { auth },
        'https://index.docker.io/v1/': { auth },
        'localhost:5000': { username: 'me', password: 'pass:word' },
      },
    })
    for (const host of ['ghcr.io', 'r.example.com', 'docker.io', 'localhost:5000']) expect(await logins.credential(host)).toEqual(login)
    for (const host of ['ghcr.io.evil.com', 'hcr.io', 'localhost', 'localhost:5001']) expect(await logins.credential(host)).toBeUndefined()
  })

  test('an identity token', async () => {
    const logins = await config({ auths: { 'r.io': { auth: Buffer.from('00000000-0000:').toString('base64'), identitytoken: 'tok' } } })
    expect(await logins.credential('r.io')).toEqual({ username: '<token>', secret: 'tok' })
  })

  test('no file, no login', async () => {
    expect(await dockerConfig({ directory: join(directory, 'none') }).credential('ghcr.io')).toBeUndefined()
    expect(await (await config({ auths: { 'ghcr.io': {} } })).credential('ghcr.io')).toBeUndefined()
  })

  test.each([
    '{',
    '[]',
    '{"auths":3}',
    '{"auths":{"a":"b"}}',
    '{"credHelpers":{"a":1}}',
    '{"credsStore":{}}',
    '{"auths":{"ghcr.io":{"auth":"bm9jb2xvbg=="}}}',
  ])('refuses %s', async (text) => {
    await expect((await config(text)).credential('ghcr.io')).rejects.toMatchObject({ kind: 'failed' })
  })
})

describe('helpers', () => {
  test('get the server on standard input; the one of the host wins over the store', async () => {
    await helper('one', 'read server; echo "{\\"Username\\":\\"one $1\\",\\"Secret\\":\\"$server\\"}"')
    await helper('two', 'echo "{\\"Username\\":\\"two\\",\\"Secret\\":\\"s\\"}"')
    const logins = await config({ credHelpers: { 'ghcr.io': 'one' }, credsStore: 'two' })
    expect(await logins.credential('ghcr.io')).toEqual({ username: 'one get', secret: 'ghcr.io' })
    expect(await logins.credential('r.io')).toEqual({ username: 'two', secret: 's' })
  })

  test('Docker Hub goes by its old name', async () => {
    await helper('one', 'read server; echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"$server\\"}"')
    expect(await (await config({ credsStore: 'one' })).credential('docker.io')).toEqual({
      username: 'u',
      secret: 'https://index.docker.io/v1/',
    })
  })

  test('"not found" is no login, and the file is asked next', async () => {
    await helper('none', 'echo credentials not found in native keychain; exit 1')
    expect(await (await config({ credsStore: 'none' })).credential('ghcr.io')).toBeUndefined()
    expect(await (await config({ credsStore: 'none', auths: { 'ghcr.io': { auth } } })).credential('ghcr.io')).toEqual(login)
  })

  test.each([
    ['fails', 'echo boom; exit 3', 'boom'],
    ['talks', 'echo hello', 'not a login'],
    ['hangs', 'exec sleep 60', 'did not answer'],
    ['floods', 'exec yes', 'too much'],
  ])('one that %s is an error', async (name, script, said) => {
    await helper(name, script)
    await expect((await config({ credsStore: name })).credential('ghcr.io')).rejects.toThrow(said)
  })

  test.each(['../x', 'a/b', 'a b', '-x', '', 'x;id', 'a\n'].filter(Boolean))('a helper called %j is not started', async (name) => {
    await expect((await config({ credHelpers: { 'ghcr.io': name } })).credential('ghcr.io')).rejects.toThrow(
      'not the name of a credential helper',
    )
  })

  test('a missing one is an error, a cancelled one rejects with the reason', async () => {
    await expect((await config({ credsStore: 'missing' })).credential('ghcr.io')).rejects.toThrow(
      'docker-credential-missing is not installed',
    )
    await helper('slow', 'exec sleep 60')
    const asked = (await config({ credsStore: 'slow' })).credential('ghcr.io', { signal: AbortSignal.timeout(50) })
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
