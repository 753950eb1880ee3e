// What the code and the compiler's configurations of a member name outside of it.
import { describe, expect, test } from 'vitest'
import { ok, type Tree } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value)
const server = "import { createServer } from 'node:http'\ncreateServer(() => {}).listen(8080)\n"
const built = (name: string): string => json({ name, main: 'dist/index.js', scripts: { build: 'node build.js' } })
const api = (more: object = {}): string => json({ name: '@t/api', scripts: { start: 'node server.js' }, ...more })
const base: Tree = {
  'package.json': json({ name: 'root', private: true, workspaces: ['apps/*', 'libs/*'] }),
  'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
  'apps/api/package.json': api(),
  'apps/api/server.js': server,
}

const builds = async (tree: Tree): Promise<readonly string[]> =>
  (await ok(tree)).plan.steps.flatMap((step) => (step.kind === 'run' && step.argv.includes('build') ? [step.directory!] : []))

describe('a directory of nobody that several members reach', () => {
  const both: Tree = {
    ...base,
    'apps/api/package.json': api({ dependencies: { b: '*' } }),
    'apps/api/server.js': `import '../../tools/x.js'\n${server}`,
    'libs/b/package.json': built('b'),
    'libs/b/src/a.ts': "import '../../../tools/x.js'\n",
    'libs/c/package.json': built('c'),
  }

  test('what it imports is built before each of them', async () => {
    expect(await builds({ ...both, 'tools/x.js': "import '../libs/c/dist/index.js'\n" })).toEqual(['libs/c', 'libs/b'])
  })

  test('through another one, in a circle', async () => {
    const tree = {
      ...both,
      'tools/x.js': "import '../more/y.js'\nimport '../libs/b/dist/index.js'\n",
      'more/y.js': "import '../tools/x.js'\nimport '../libs/c/dist/index.js'\n",
    }
    expect(await builds(tree)).toEqual(['libs/c', 'libs/b'])
  })

  test('its aliases are those of the member that reaches it', async () => {
    const paths = (to: string): string => json({ compilerOptions: { paths: { '#log': [to] } } })
    const tree = {
      ...both,
      'tools/x.ts': "import '#log'\n",
      'apps/api/server.js': `import '../../tools/x'\n${server}`,
      'libs/b/src/a.ts': "import '../../../tools/x'\n",
      'libs/b/tsconfig.json': paths('../c/index.ts'),
      'libs/c/index.ts': '',
      'libs/d/package.json': built('d'),
      'libs/d/index.ts': '',
    }
    expect(await builds(tree)).toEqual(['libs/c', 'libs/b'])
    expect(await builds({ ...tree, 'apps/api/tsconfig.json': paths('../../libs/d/index.ts') })).toEqual(['libs/c', 'libs/b', 'libs/d'])
  })
})

describe('configurations of the compiler', () => {
  const typed = (tsconfig: object, more: Tree = {}): Tree => ({ ...base, 'apps/api/tsconfig.json': json(tsconfig), ...more })
  const context = async (tree: Tree): Promise<readonly string[]> => (await ok(tree)).plan.context!

  test('aliases to directories that are not there are not counted', async () => {
    const none = Array.from({ length: 120 }, (_, at) => [`*${at}`, [`../../none/${at}/*`]])
    const paths = Object.fromEntries([...none, ['#lib/*', ['../../none/*', '../../shared/*/index']]])
    const more = { 'apps/api/server.js': `import '#lib/log'\n${server}`, 'shared/log/index.ts': '' }
    expect(await context(typed({ compilerOptions: { paths } }, more))).toContain('shared/log')
  })

  test('a list of what it extends is no longer than a person writes', async () => {
    const list = (length: number): object => ({ extends: [...Array.from({ length }, (_, at) => `./none${at}`), '../../base.json'] })
    expect(await context(typed(list(10), { 'base.json': '{}' }))).toContain('base.json')
    expect(await context(typed(list(100), { 'base.json': '{}' }))).not.toContain('base.json')
  })
})
