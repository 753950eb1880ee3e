import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/plan/config.ts'
import { ok, type Tree } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value)

/** web (Next) needs ui; worker is nobody's business. */
function members(local: string): Record<string, string> {
  return {
    'apps/web/package.json': json({
      name: '@t/web',
      scripts: { start: 'next start' },
      dependencies: { '@t/ui': local, next: '^16.0.0', react: '^19.0.0' },
    }),
    'apps/web/app/page.js': 'export default () => 1\n',
    'apps/worker/package.json': json({ name: '@t/worker', dependencies: { lodash: '^4.0.0' } }),
    'packages/ui/package.json': json({ name: '@t/ui', version: '1.0.0', main: 'index.js', dependencies: { react: '^19.0.0' } }),
    'packages/ui/index.js': 'export {}\n',
  }
}

const root = { name: 'root', private: true, workspaces: ['apps/*', 'packages/*'] }
const npmLock = (packages: object): string => json({ lockfileVersion: 3, packages: { '': root, ...packages } })
const npm: Tree = {
  'package.json': json(root),
  'package-lock.json': npmLock({ 'node_modules/next': { version: '16.0.0' } }),
  ...members('*'),
}
const without = (tree: Tree, ...files: readonly string[]): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !files.includes(path)))
const bare = without(npm, 'package-lock.json')
const pnpm: Tree = {
  'package.json': json({ name: 'root', packageManager: 'pnpm@10.1.0' }),
  'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n',
  'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
  ...members('workspace:*'),
}
const berry = '__metadata:\n  version: 8\n'

const atRoot = 'node ../../node_modules/next/dist/bin/next start'
const own = 'node node_modules/next/dist/bin/next start'
const nextAt = (specifier: string): string => json({ ...root, dependencies: { next: specifier } })

describe('the start of a member names its package where the manager puts it', () => {
  test.each<[string, Tree, string]>([
    ['npm, by its lock', npm, atRoot],
    ['npm, where the lock has it in the member', { ...npm, 'package-lock.json': npmLock({ 'apps/web/node_modules/next': {} }) }, own],
    [
      'npm, where the lock has it above the member',
      { ...npm, 'package-lock.json': npmLock({ 'apps/node_modules/next': {} }) },
      'node ../node_modules/next/dist/bin/next start',
    ],
    ['npm without a lock', bare, atRoot],
    ['npm with a lock that names no places', { ...npm, 'package-lock.json': json({ lockfileVersion: 1, dependencies: {} }) }, atRoot],
    ['yarn 1', { ...bare, 'yarn.lock': '# yarn lockfile v1\n' }, atRoot],
    ['yarn 4', { ...bare, 'yarn.lock': berry }, atRoot],
    ['yarn 4 that hoists nothing', { ...bare, 'yarn.lock': berry, '.yarnrc.yml': 'nmHoistingLimits: workspaces\n' }, own],
    ['yarn, where the root wants another version', { ...bare, 'yarn.lock': berry, 'package.json': nextAt('^14.0.0') }, own],
    ['yarn, where the root wants the same', { ...bare, 'yarn.lock': berry, 'package.json': nextAt('^16.0.0') }, atRoot],
    ['bun', { ...bare, 'bun.lock': '{\n  "lockfileVersion": 1,\n}\n' }, atRoot],
    [
      'bun, where the lock has it in the member',
      { ...bare, 'bun.lock': '{\n  "packages": {\n    "@t/web/next": ["next@16.0.0"],\n  }\n}\n' },
      own,
    ],
    ['bun that links as pnpm does', { ...bare, 'bun.lock': '{\n  "lockfileVersion": 1,\n  "configVersion": 1,\n}\n' }, own],
    [
      'bun that is told to hoist',
      { ...bare, 'bun.lock': '{\n  "configVersion": 1,\n}\n', 'bunfig.toml': '[install]\nlinker = "hoisted"\n' },
      atRoot,
    ],
    ['pnpm', pnpm, own],
    ['pnpm that is told to hoist', { ...pnpm, '.npmrc': 'node-linker=hoisted\n' }, atRoot],
    [
      'pnpm, where the root alone asks for it',
      {
        ...pnpm,
        'package.json': json({ name: 'root', packageManager: 'pnpm@10.1.0', dependencies: { next: '^16.0.0' } }),
        'apps/web/package.json': json({ name: '@t/web', scripts: { start: 'node node_modules/next/dist/bin/next start' } }),
      },
      atRoot,
    ],
  ])('%s', async (_, tree, command) => {
    expect((await ok(tree, { unit: 'apps/web' })).command).toBe(command)
  })

  test('a start of the user’s own is left as it is', async () => {
    const start = ['node', 'node_modules/next/dist/bin/next', 'start']
    expect((await ok(npm, { unit: 'apps/web', start })).plan.start).toEqual(start)
  })
})

describe('the build of a member', () => {
  const runs = async (tree: Tree): Promise<readonly string[]> =>
    (await ok(tree, { unit: 'apps/web' })).plan.steps.flatMap((step) =>
      step.kind === 'run' ? [`${step.directory}: ${step.argv.join(' ')}`] : [],
    )

  test.each<[string, Tree, string]>([
    ['npm', npm, 'npm exec -- next build'],
    ['yarn', { ...bare, 'yarn.lock': berry }, 'yarn run next build'],
    ['bun', { ...bare, 'bun.lock': '{}' }, 'bun x next build'],
    ['pnpm', pnpm, 'pnpm exec next build'],
  ])('%s starts the tool of a framework', async (_, tree, command) => {
    expect(await runs(tree)).toContain(`apps/web: ${command}`)
  })

  test('what comes before it names its package too: the client of Prisma', async () => {
    const api = {
      name: '@t/web',
      scripts: { start: 'node dist/a.js', build: 'tsc' },
      devDependencies: { prisma: '^6' },
      dependencies: { '@prisma/client': '^6' },
    }
    const tree = { ...npm, 'apps/web/package.json': json(api), 'apps/web/src/a.ts': 'export {}\n', 'apps/web/prisma/schema.prisma': '' }
    expect((await runs(tree)).slice(0, 2)).toEqual([
      'apps/web: node ../../node_modules/prisma/build/index.js generate',
      'apps/web: npm run build',
    ])
  })

  test('a command with variables is the root’s manager’s too', async () => {
    const web = {
      name: '@t/web',
      scripts: { build: 'vite build' },
      devDependencies: { '@sveltejs/kit': '^2', '@sveltejs/adapter-auto': '^6' },
    }
    const tree = {
      ...pnpm,
      'apps/web/package.json': json(web),
      'apps/web/svelte.config.js': "import adapter from '@sveltejs/adapter-auto'\n",
    }
    expect((await runs(tree))[0]).toBe('apps/web: env GCP_BUILDPACKS=1 pnpm run build')
  })
})

describe('a member with Playwright fetches its browser once its packages are installed', () => {
  const fetching = (file: string): string =>
    `image run env PLAYWRIGHT_BROWSERS_PATH=/opt/playwright node ${file} install --only-shell chromium`
  const api = { name: '@t/web', scripts: { start: 'node main.js' }, dependencies: { playwright: '^1.50.0' } }
  const plain = { 'apps/web/package.json': json(api), 'apps/web/main.js': "import 'playwright'\n" }

  test.each<[string, Tree, string]>([
    ['npm, before the source', npm, '../../node_modules/playwright/cli.js'],
    ['pnpm, which the image installs with', pnpm, 'node_modules/playwright/cli.js'],
  ])('%s', async (_, tree, file) => {
    const { plan, steps, evidence } = await ok({ ...tree, ...plain }, { unit: 'apps/web' })
    const at = steps.indexOf(fetching(file))
    expect(plan.steps[at]).toMatchObject({ directory: 'apps/web' })
    expect(evidence.steps[at]!.rule).toBe('step.package')
    expect(plan.env['PLAYWRIGHT_BROWSERS_PATH']).toBe('/opt/playwright')
    expect(steps[at - 1]).toMatch(/^image (?:npm|pnpm) /)
  })

  test('where another member asks for it', async () => {
    const tree = {
      ...pnpm,
      'apps/web/package.json': json({ ...api, dependencies: { '@t/ui': 'workspace:*' } }),
      'apps/web/main.js': "import '@t/ui'\n",
      'packages/ui/package.json': json({ name: '@t/ui', version: '1.0.0', main: 'index.js', dependencies: { playwright: '^1.50.0' } }),
    }
    expect((await ok(tree, { unit: 'apps/web' })).steps).toContain(fetching('../../packages/ui/node_modules/playwright/cli.js'))
  })

  test('with a build of known outputs: of the packages of the image', async () => {
    const built = { ...api, scripts: { start: 'node dist/main.js', build: 'tsc' }, devDependencies: { typescript: '^5.0.0' } }
    const tree = {
      ...npm,
      'apps/web/package.json': json(built),
      'apps/web/tsconfig.json': '{"compilerOptions":{"outDir":"dist"}}',
      'apps/web/src/main.ts': 'export {}\n',
    }
    const { steps } = await ok(tree, { unit: 'apps/web' })
    const at = steps.indexOf(fetching('../../node_modules/playwright/cli.js'))
    expect(steps[at - 1]).toMatch(/^image npm /)
    expect(steps[at + 1]).toBe('image copy source:apps/web apps/web')
  })

  const standalone = { 'next.config.mjs': "export default { output: 'standalone' }\n", 'app/page.js': 'export default () => 1\n' }
  const nextApp = json({ name: '@t/web', scripts: { build: 'next build' }, dependencies: { next: '^16.0.0', playwright: '^1.50.0' } })
  test.each<[string, Tree, string | undefined, string]>([
    [
      'member',
      { ...npm, 'apps/web/package.json': nextApp, 'apps/web/next.config.mjs': standalone['next.config.mjs'] },
      'apps/web',
      '../../',
    ],
    ['single package', { ...standalone, 'package.json': nextApp }, undefined, ''],
  ])('a %s whose image takes no packages has the browser of the build stage', async (_, tree, unit, way) => {
    const { steps } = await ok(tree, unit === undefined ? {} : { unit })
    expect(steps).toContain(fetching(`${way}node_modules/playwright/cli.js`).replace('image', 'build'))
    expect(steps).toContain('image copy build:/opt/playwright /opt/playwright')
  })

  test('uv', async () => {
    const project = (name: string, needs: string): string =>
      `[project]\nname = "${name}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = [${needs}]\n`
    const tree = {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["services/*"]\n',
      'uv.lock': `version = 1
requires-python = ">=3.11"
[[package]]
name = "api"
source = { virtual = "services/api" }
dependencies = [{ name = "playwright" }]
[[package]]
name = "playwright"
version = "1.50.0"
`,
      'services/api/pyproject.toml': project('api', '"playwright"'),
      'services/api/main.py': 'import playwright\nprint(1)\n',
    }
    const { steps } = await ok(tree, { unit: 'services/api' })
    const at = steps.indexOf('image run env PLAYWRIGHT_BROWSERS_PATH=/opt/playwright python -m playwright install --only-shell chromium')
    expect(steps[at - 1]).toBe('image copy build:/opt/venv /opt/venv')
    expect(steps[at + 1]).toBe('image copy source:services/api services/api')
  })

  test('Deno: by its own runtime, at the end', async () => {
    const tree = {
      'deno.json': json({ imports: { playwright: 'npm:playwright@^1.50.0' }, tasks: { start: 'deno run -A main.ts' } }),
      'main.ts': "import 'playwright'\nDeno.serve(() => new Response('x'))\n",
    }
    const { steps } = await ok(tree, { dependencies: { add: ['playwright'] } })
    expect(steps.at(-1)).toBe(
      'image run env PLAYWRIGHT_BROWSERS_PATH=/opt/playwright DENO_DIR=/opt/deno-cache deno run --allow-all npm:playwright install --only-shell chromium',
    )
  })
})

describe('packages beside the manifests are added to a member as to a single package', () => {
  const single = { 'package.json': json({ dependencies: { express: '^5' } }), 'main.js': 'import "express"\n' }
  const inWorkspace = {
    'apps/web/package.json': json({ name: '@t/web', dependencies: { express: '^5' } }),
    'apps/web/main.js': 'import "express"\n',
  }
  const added = async (tree: Tree, config: Config): Promise<readonly string[]> => {
    const { plan } = await ok(tree, { ...config, dependencies: { add: ['zod@^4'] }, start: ['node', 'main.js'] })
    return plan.steps.flatMap((step) => (step.kind === 'run' ? [step.argv.join(' ')] : []))
  }

  test.each<[string, Tree, readonly string[]]>([
    ['npm', { 'package-lock.json': npmLock({}) }, ['npm install --no-save --omit=dev --no-audit --no-fund zod@^4']],
    ['pnpm', { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" }, ['pnpm add --save-prod --prod zod@^4']],
    ['yarn 1', { 'yarn.lock': '# yarn lockfile v1\n' }, ['yarn add --production --ignore-scripts zod@^4']],
    ['yarn 4', { 'yarn.lock': berry }, ['yarn add zod@^4', 'env YARN_ENABLE_SCRIPTS=0 yarn workspaces focus --all --production']],
    ['bun', { 'bun.lock': '{}' }, ['bun add --omit=dev zod@^4']],
  ])('%s', async (_, lock, commands) => {
    expect(await added({ ...single, ...lock }, {})).toEqual(commands)
    expect(await added({ ...bare, ...inWorkspace, ...lock }, { unit: 'apps/web' })).toEqual(commands)
  })
})
