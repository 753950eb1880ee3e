// Builds that fail for want of something, on a real engine: the fix is found in what the tools print, and it helps.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker } from '@kiln/driver-docker'
import { afterAll, expect, test } from 'vitest'
import { engines } from './docker-engine.ts'

const { host } = await engines()
const root = join(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'kiln-fix-engine-'))
const env = { ...process.env, DOCKER_HOST: host, KILN_DATA_DIR: join(scratch, 'data'), KILN_PROGRESS: 'plain', NO_COLOR: '1' }
const images: string[] = []

afterAll(async () => {
  await using driver = docker({ host })
  for (const image of images) await driver.images!.untag(image, {})
  rmSync(scratch, { recursive: true, force: true })
})

// the last command of the build loads the program in the image, so that a build that works is one that starts
const loads = `{
  // the program has to load
  "build": { "add": [["python", "-c", "import main"]] }
}
`

function fixed(files: Readonly<Record<string, string>>): { readonly err: string; readonly config: string } {
  const home = mkdtempSync(join(scratch, 'source-'))
  for (const [path, text] of Object.entries({ 'kiln.json': loads, ...files })) writeFileSync(join(home, path), text)
  const words = ['--conditions=kiln-source', join(root, 'packages/cli/bin/kiln.mjs'), 'build', home, '--fix']
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  images.push(stdout.trim())
  expect(stderr).toMatch(/^fix: \S+kiln\.json keeps it$/m)
  const config = readFileSync(join(home, 'kiln.json'), 'utf8')
  expect(config).toContain('// the program has to load')
  return { err: stderr, config }
}

test('a header that is missing: compilers in the build stage, the library in the image', () => {
  const { err, config } = fixed({
    'main.py': 'import psycopg2\n',
    'requirements.txt': '--no-binary psycopg2-binary\npsycopg2-binary==2.9.10\n',
  })
  expect(err).toContain('pg_config (PostgreSQL) is missing')
  expect(config).toContain('"systemPackages": { "add": ["libpq5"] },\n  "buildPackages": { "add": ["gcc", "libc6-dev", "libpq-dev"] }')
})

test('a compiler that is missing, where uv installs', () => {
  const { err, config } = fixed({ 'main.py': 'import netifaces\n', 'requirements.txt': 'netifaces==0.11.0\n' })
  expect(err).toContain('pip install failed: the compiler gcc is missing')
  expect(config).toContain('"buildPackages": { "add": ["gcc", "libc6-dev"] }')
})

test('an import that nothing declares', () => {
  const { err, config } = fixed({ 'main.py': 'import yaml\n', 'requirements.txt': 'requests==2.32.3\n' })
  expect(err).toContain("No module named 'yaml'")
  expect(config).toContain('"dependencies": { "add": ["pyyaml"] }')
})

test('a package that wants another Python', () => {
  const { err, config } = fixed({ 'main.py': 'import audioop\n', 'requirements.txt': 'audioop-lts==0.2.1\n' })
  expect(err).toContain('no matching distribution found for audioop-lts==0.2.1')
  expect(config).toContain('"runtime": { "version": "3.13" }')
})
