import { describe, expect, test } from 'vitest'
import { ok, refused, type Tree } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value)
const vite = json({ name: 'page', scripts: { build: 'vite build' }, devDependencies: { vite: '^7.0.0' } })
const page = (directory: string): Tree => ({
  [`${directory}/package.json`]: vite,
  [`${directory}/package-lock.json`]: json({ lockfileVersion: 3, packages: {} }),
  [`${directory}/index.html`]: '<!doctype html>',
  [`${directory}/src/main.js`]: 'document.title = "x"\n',
})
const fastapi = (serving: string): string => `from pathlib import Path
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

app = FastAPI()
${serving}
`

describe('served by a Python program', () => {
  const steps = ['frontend npm package.json package-lock.json +dev', 'frontend copy source:. .', 'frontend run npm run build']

  test('built in a stage of its own, and put to where the code looks for it', async () => {
    const found = await ok({
      'main.py': fastapi('app.mount("/", StaticFiles(directory="frontend/dist", html=True))'),
      'requirements.txt': 'fastapi\nuvicorn\n',
      ...page('frontend'),
    })
    expect(found.plan).toMatchObject({
      language: 'python',
      frontend: { unit: 'frontend', workspace: null, runtime: { name: 'node', version: '24' } },
    })
    expect(found.steps.slice(0, 3)).toEqual(steps)
    expect(found.steps.slice(-2)).toEqual(['image copy source:. .', 'image copy frontend:dist frontend/dist'])
    expect(found.why('frontend')).toBe('frontend.served main.py:6')
    expect(found.notices.find(({ code }) => code === 'frontend_built')).toMatchObject({
      file: 'main.py',
      line: 6,
      fix: { frontend: false },
    })
  })

  test.each([
    ['FastAPI', 'main.py', fastapi('app.mount("/", StaticFiles(directory=Path(__file__).parent / "web" / "dist"))')],
    [
      'from another directory',
      'app/main.py',
      fastapi('DIST = Path(__file__).parent.parent / "web" / "dist"\napp.mount("/", StaticFiles(directory=DIST))'),
    ],
    ['os.path.join', 'main.py', fastapi('import os\nroot = os.path.join(os.path.dirname(__file__), "web", "dist")')],
    ['Flask', 'main.py', 'from flask import Flask\napp = Flask(__name__, static_folder="web/dist", static_url_path="/")\n'],
    [
      'send_from_directory',
      'main.py',
      'from flask import Flask, send_from_directory\napp = Flask(__name__)\n@app.get("/")\ndef index():\n    return send_from_directory("web/dist", "index.html")\n',
    ],
    [
      'templates',
      'main.py',
      fastapi('from fastapi.templating import Jinja2Templates\ntemplates = Jinja2Templates(directory="./web/dist")'),
    ],
    ['a path in the image', 'main.py', fastapi('app.mount("/", StaticFiles(directory="/app/web/dist"))')],
    ['a file of it', 'main.py', fastapi('INDEX = open("web/dist/index.html").read()')],
  ])('%s', async (_, file, text) => {
    const { plan, steps: all } = await ok({ [file]: text, 'requirements.txt': 'fastapi\nflask\nuvicorn\ngunicorn\n', ...page('web') })
    expect(plan.frontend?.unit).toBe('web')
    expect(all).toContain('image copy frontend:dist web/dist')
  })

  test('Django: its files are there before they are collected', async () => {
    const settings =
      'STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]\nSTATIC_ROOT = BASE_DIR / "staticfiles"\nWSGI_APPLICATION = "shop.wsgi.application"\nINSTALLED_APPS = ["django.contrib.staticfiles"]\n'
    const { steps: all } = await ok({
      'manage.py':
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nfrom django.core.management import execute_from_command_line\n',
      'shop/__init__.py': '',
      'shop/settings.py': settings,
      'shop/wsgi.py': 'from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n',
      'requirements.txt': 'django\ngunicorn\nwhitenoise\n',
      ...page('frontend'),
    })
    expect(all.slice(-3)).toEqual([
      'image copy source:. .',
      'image copy frontend:dist frontend/dist',
      'image run python manage.py collectstatic --noinput',
    ])
  })

  test('a directory that is served and not there is the place of the only front end of a usual name', async () => {
    const found = await ok({
      'main.py': fastapi('app.mount("/", StaticFiles(directory="static", html=True))'),
      'requirements.txt': 'fastapi\nuvicorn\n',
      ...page('ui'),
    })
    expect(found.steps).toContain('image copy frontend:dist static')
    expect(found.why('frontend')).toBe('frontend.served.directory main.py:6')
  })

  test('a build that writes into the program needs no word of the code', async () => {
    const found = await ok({
      'main.py': 'from flask import Flask\napp = Flask(__name__)\n',
      'requirements.txt': 'flask\ngunicorn\n',
      ...page('frontend'),
      'frontend/vite.config.js': "export default { build: { outDir: '../static', emptyOutDir: true } }\n",
    })
    expect(found.plan.frontend).toMatchObject({ unit: 'frontend', workspace: '.' })
    expect(found.steps).toContain('frontend copy source:frontend frontend')
    expect(found.steps).toContain('image copy frontend:static static')
    expect(found.why('frontend')).toBe('frontend.written frontend/package.json')
    const check = found.plan.steps.find((step) => step.in === 'frontend' && step.kind === 'run' && step.argv[0] === 'node')
    expect(check).toMatchObject({ directory: 'frontend', argv: expect.arrayContaining(['../static']) })
  })

  test('at the top, beside the program', async () => {
    const top = Object.fromEntries(Object.entries(page('x')).map(([path, text]) => [path.slice(2), text]))
    const found = await ok({
      'main.py': fastapi('app.mount("/", StaticFiles(directory="dist"))'),
      'requirements.txt': 'fastapi\nuvicorn\n',
      ...top,
    })
    expect(found.plan).toMatchObject({ language: 'python', frontend: { unit: '.' } })
    expect(found.steps).toContain('image copy frontend:dist dist')
  })

  test('beside the program’s own directory: both lie in the image as in the source', async () => {
    const found = await ok({
      'backend/main.py': fastapi('app.mount("/", StaticFiles(directory="../frontend/dist"))'),
      'backend/requirements.txt': 'fastapi\nuvicorn\n',
      ...page('frontend'),
      'notes.md': 'x',
    })
    expect(found.plan).toMatchObject({
      unit: 'backend',
      workspace: '.',
      context: ['backend', 'frontend'],
      frontend: { unit: 'frontend', workspace: null },
    })
    expect(found.steps).toContain('image pip backend/requirements.txt')
    expect(found.steps.slice(-2)).toEqual(['image copy source:backend backend', 'image copy frontend:dist frontend/dist'])
  })

  test('one that nothing serves is not built', async () => {
    const found = await ok({ 'main.py': fastapi(''), 'requirements.txt': 'fastapi\nuvicorn\n', ...page('frontend') })
    expect(found.plan.frontend).toBeNull()
  })

  test('a comment is no word of the code', async () => {
    const found = await ok({
      'main.py': fastapi('# StaticFiles "frontend/dist"'),
      'requirements.txt': 'fastapi\nuvicorn\n',
      ...page('frontend'),
    })
    expect(found.plan.frontend).toBeNull()
  })

  test('the configuration says none, or which', async () => {
    const tree = {
      'main.py': fastapi('app.mount("/", StaticFiles(directory="frontend/dist"))'),
      'requirements.txt': 'fastapi\nuvicorn\n',
      ...page('frontend'),
      ...page('other'),
    }
    expect((await ok(tree, { frontend: false })).plan.frontend).toBeNull()
    expect((await ok(tree, { frontend: 'other' })).steps).toContain('image copy frontend:dist frontend/dist')
    expect((await ok(tree, { frontend: 'other' })).plan.frontend?.unit).toBe('other')
    expect(await refused(tree, { frontend: 'nowhere' })).toMatchObject({ code: 'invalid_config' })
  })
})

describe('served by a Node program', () => {
  const express = (path: string): string => `import express from 'express'
import path from 'node:path'
const app = express()
app.use(express.static(${path}))
app.listen(8080)
`

  test('a folder with a package.json of its own', async () => {
    const found = await ok({
      'package.json': json({ type: 'module', scripts: { start: 'node server.js' }, dependencies: { express: '^5.0.0' } }),
      'server.js': express("path.join(import.meta.dirname, 'client', 'dist')"),
      ...page('client'),
    })
    expect(found.plan).toMatchObject({ start: ['node', 'server.js'], frontend: { unit: 'client' } })
    expect(found.steps.slice(-2)).toEqual(['image copy source:. .', 'image copy frontend:dist client/dist'])
  })

  test('a member of the same workspace: no candidate of its own, and built with what it needs', async () => {
    const found = await ok({
      'package.json': json({ private: true, workspaces: ['apps/*', 'packages/*'] }),
      'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
      'apps/api/package.json': json({
        name: 'api',
        type: 'module',
        scripts: { start: 'node server.js' },
        dependencies: { express: '^5.0.0' },
      }),
      'apps/api/server.js': express("'../web/dist'"),
      'apps/web/package.json': json({
        name: 'web',
        scripts: { build: 'vite build' },
        dependencies: { look: '*' },
        devDependencies: { vite: '^7.0.0' },
      }),
      'apps/web/index.html': '<!doctype html>',
      'packages/look/package.json': json({ name: 'look', version: '1.0.0', main: 'index.js' }),
      'packages/look/index.js': 'export {}\n',
      'packages/other/package.json': json({ name: 'other', version: '1.0.0' }),
    })
    expect(found.plan).toMatchObject({ unit: 'apps/api', workspace: '.', frontend: { unit: 'apps/web', workspace: '.' } })
    expect(found.plan.context).toEqual(['apps/api', 'apps/web', 'package-lock.json', 'package.json', 'packages/look'])
    expect(found.steps).toContain('image copy frontend:apps/web/dist apps/web/dist')
    expect(found.steps.filter((step) => step.startsWith('image copy source'))).toEqual(['image copy source:apps/api apps/api'])
  })

  test('outside of the program’s workspace: that lies in the image as in the source', async () => {
    const { plan, steps: all } = await ok(
      {
        'services/package.json': json({ workspaces: ['*'] }),
        'services/package-lock.json': json({ lockfileVersion: 3, packages: {} }),
        'services/api/package.json': json({ name: 'api', scripts: { start: 'node server.js' }, dependencies: { express: '5' } }),
        'services/api/server.js':
          "import express from 'express'\nimport { join } from 'node:path'\nexpress().use(express.static(join(import.meta.dirname, '..', '..', 'web', 'dist'))).listen(8080)\n",
        ...page('web'),
      },
      { unit: 'services/api', frontend: 'web' },
    )
    expect(plan).toMatchObject({ unit: 'services/api', workspace: '.', frontend: { unit: 'web' } })
    expect(all.slice(-3)).toEqual([
      'image npm services/package.json services/package-lock.json services/api/package.json',
      'image copy source:services/api services/api',
      'image copy frontend:dist web/dist',
    ])
  })

  test('neither says how it starts: the one that serves is the unit', async () => {
    const tree = (serving: string): Tree => ({
      'package.json': json({ private: true, workspaces: ['apps/*'] }),
      'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
      'apps/api/package.json': json({ name: 'api', type: 'module', dependencies: { express: '^5.0.0' } }),
      'apps/api/server.js': express(serving),
      'apps/web/package.json': json({ name: 'web', scripts: { build: 'vite build' }, devDependencies: { vite: '^7.0.0' } }),
      'apps/web/index.html': '<!doctype html>',
    })
    expect((await ok(tree("'../web/dist'"))).plan).toMatchObject({ unit: 'apps/api', frontend: { unit: 'apps/web' } })
    expect((await refused(tree('process.cwd()'))).patches).toEqual([{ unit: 'apps/api' }, { unit: 'apps/web' }])
  })
})
