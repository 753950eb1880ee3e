// The README is run as it stands: each `ts` block as a module from the root, each line of the `sh` blocks as a command.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const env = {
  ...process.env,
  PATH: `${root}/node_modules/.bin:${process.env['PATH']}`,
  KILN_DATA_DIR: join(root, '.kiln/readme'),
  NO_COLOR: '1',
}

afterAll(() => rmSync(join(root, '.kiln'), { recursive: true, force: true }))

describe('ts blocks', () => {
  test.each(blocks('ts').map((code, at) => [at + 1, code] as const))('block %i prints what its comments say', (at, code) => {
    // inside the workspace, so that the packages are found, and where git does not look
    const file = join(root, '.kiln', `readme-block-${at}.ts`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, code)
    try {
      const printed = execFileSync(process.execPath, ['--conditions=kiln-source', file], {
        cwd: root,
        env,
        encoding: 'utf8',
        timeout: 240_000,
      })
      for (const [, said] of code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)) {
        const words = said!.split(': ').at(-1)!.replaceAll('…', '').trim()
        expect(printed).toContain(words)
      }
    } finally {
      rmSync(file, { force: true })
    }
  })
})

describe('sh blocks', () => {
  const lines = blocks('sh')
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
  // these two are this very test run and the demo, which has a test of its own
  const commands = lines.filter((line) => !['npm run demo', 'npm test'].includes(line))

  test('there are commands', () => expect(commands.length).toBeGreaterThanOrEqual(3))

  test.each(commands)('%s', (line) => {
    const [program, ...args] = line.split(' ')
    expect(program).toBe('npx')
    const printed = execFileSync('npx', args, { cwd: root, env, encoding: 'utf8', timeout: 240_000 })
    expect(printed.trim()).not.toBe('')
  })

  test('the README says how the kiln command finds the engine of the rig', () => {
    const [, command] = /`export DOCKER_HOST=\$\((.*?)\)`/.exec(readme) ?? []
    expect(command).toBeDefined()
    expect(execFileSync('sh', ['-c', command!], { cwd: root, env, encoding: 'utf8', timeout: 60_000 })).toMatch(
      /^(unix|tcp|http|ssh):\/\/\S+\n$/,
    )
  })

  test('npm run demo', () => {
    const printed = execFileSync(process.execPath, ['scripts/demo.mjs'], { cwd: root, env, encoding: 'utf8', timeout: 280_000 })
    expect(printed).toMatch(/hit after [\d.]+ ms/)
    expect(printed).toContain('GET http://127.0.0.1')
    expect(printed).toContain('-> 200')
    expect(printed).toMatch(/kept {3}.*(pip install|npm|pnpm)/)
  })
})

test('the bash block serves: a key, a build by curl, its log', async () => {
  const [block] = blocks('bash')
  const port = await freePort()
  // a group of its own, so that the server in the background can be ended with it
  const shell = spawn('bash', ['-ec', block!.replaceAll('8080', String(port))], { cwd: root, env, detached: true })
  let [out, err] = ['', '']
  shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  shell.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  try {
    await once(shell, 'exit')
    expect(out, err).toContain(`kiln serves at http://127.0.0.1:${port}`)
    expect(out, err).toMatch(/"image":"localhost\/kiln\/acme\/hello:[0-9a-f]{16}"/)
    expect(out, err).toContain('COPY . .')
    expect(shell.exitCode, err).toBe(0)
  } finally {
    process.kill(-shell.pid!, 'SIGTERM')
    if (!shell.stdout.destroyed) await once(shell, 'close')
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('links', () => {
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ]
  test.each(pages)('of %s lead somewhere', (page) => {
    const targets = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1]!)
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
  })
})

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!)
}
