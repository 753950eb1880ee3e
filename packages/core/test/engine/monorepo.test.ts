// One unit of a monorepo: what others change is a hit, and what others have is not sent to a builder.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createEngine, directory, files, type Build, type Kiln, type Source } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const example = resolve(import.meta.dirname, '../../../../examples/agents/pnpm-monorepo')
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kiln-monorepo-'))
  cpSync(example, home, { recursive: true, filter: (path) => !/(?:plan|kiln\.test)\.json$|node_modules/.test(path) })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

async function built(kiln: Kiln, source: Source, config = {}): Promise<Build> {
  await using opened = source
  const build = await kiln.build({ name: 'assistant', source: opened, how: { config } })
  expect((await build.result()).state).toBe('succeeded')
  return build
}

async function packed(build: Build): Promise<string[]> {
  const input = Buffer.concat(await Array.fromAsync(build.context()!))
  return execFileSync('tar', ['-tf', '-'], { input, encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '' && !path.endsWith('/'))
}

describe.each(['a directory', 'a map'])('of %s', (kind) => {
  const opened = async (more: Record<string, string> = {}): Promise<Source> => {
    for (const [path, text] of Object.entries(more)) writeFileSync(join(home, path), text)
    if (kind === 'a directory') return directory(home)
    const listed = execFileSync('find', ['.', '-type', 'f'], { cwd: home, encoding: 'utf8' }).split('\n').filter(Boolean)
    return files(Object.fromEntries(listed.map((path) => [path.slice(2), execFileSync('cat', [join(home, path)])])))
  }

  test('a change in another package is a hit, one in the closure is not', async () => {
    const driver = fakeDriver()
    await using engine = createEngine({ drivers: [driver] })
    const kiln = engine.for('acme')
    const first = await built(kiln, await opened())
    const other = await built(
      kiln,
      await opened({ 'apps/board/report.js': '// changed\n', 'packages/charts/more.js': '// new\n', 'NOTES.md': 'x' }),
    )
    expect(other.reuse).toBe('hit')
    expect(other.record.key).toBe(first.record.key)
    const own = await built(kiln, await opened({ 'packages/tools/src/more.ts': 'export {}\n' }))
    expect(own.reuse).toBe('none')
    expect((await own.explainMiss()).files).toMatchObject({ added: ['packages/tools/src/more.ts'], changed: [], removed: [] })
    expect(driver.jobs).toHaveLength(2)
  })

  test('the packed context has the closure and nothing else', async () => {
    await using engine = createEngine({ drivers: [fakeDriver()] })
    const paths = await packed(await built(engine.for('acme'), await opened({ 'NOTES.md': 'x' })))
    expect(paths).toContain('packages/tools/src/index.ts')
    expect(paths).toContain('pnpm-lock.yaml')
    expect(paths.filter((path) => /board|charts|NOTES/.test(path))).toEqual([])
  })

  test('a whole source is packed whole', async () => {
    await using engine = createEngine({ drivers: [fakeDriver()] })
    const config = { unit: '.', start: ['node', 'apps/board/report.js'] }
    const paths = await packed(await built(engine.for('acme'), await opened(), config))
    expect(paths).toContain('apps/board/report.js')
  })
})
