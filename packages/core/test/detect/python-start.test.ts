import { describe, expect, test } from 'vitest'
import { ok, planned, refused } from '../plan/planning.ts'

const fastapi = 'from fastapi import FastAPI\napp = FastAPI()\n'
const guard = 'def main():\n    pass\n\nif __name__ == "__main__":\n    main()\n'
const uvicorn = (target: string): string => `python -m uvicorn ${target} --host 0.0.0.0 --port $PORT`
const gunicorn = (target: string): string => `python -m gunicorn --threads 8 --timeout 0 ${target}`

function byImport(web: string, module: string): string {
  return `python -c from aiohttp import ${web}; from importlib import import_module; app = import_module("${module}").app; ${web}.run_app(app)`
}

describe('FastAPI', () => {
  test('an application of any name, with its place', async () => {
    const found = await ok({ 'service.py': 'import os\nfrom fastapi import FastAPI\n\nweb = FastAPI(title="x")\n' })
    expect(found.command).toBe(uvicorn('service:web'))
    expect(found.plan).toMatchObject({ framework: 'fastapi', entrypoint: 'service.py', port: 8080, env: { PORT: '8080' } })
    expect(found.why('entrypoint')).toBe('python.start.fastapi service.py:4')
  })
  test('with its type written, and by the module', async () => {
    expect((await ok({ 'app.py': 'import fastapi\napp: fastapi.FastAPI = fastapi.FastAPI()\n' })).command).toBe(uvicorn('app:app'))
  })
  test('a class of the same name from elsewhere is none', async () => {
    expect((await ok({ 'app.py': 'from mine import FastAPI\napp = FastAPI()\n', 'mine.py': 'class FastAPI: pass' })).command).toBe(
      'python app.py',
    )
  })
  test('a factory without required arguments', async () => {
    const factory = (head: string): Promise<string> =>
      ok({ 'main.py': `from fastapi import FastAPI\n${head}\n    return FastAPI()\n` }).then((found) => found.command)
    expect(await factory('def create_app():')).toBe(uvicorn('main:create_app --factory'))
    expect(await factory('def create_app(debug: bool = False, *, x=(1, 2)) -> FastAPI:')).toBe(uvicorn('main:create_app --factory'))
    expect(await factory('def create_app(settings) -> FastAPI:')).toBe('python main.py')
  })
  test('another file that imports the application is the program when it has a usual name', async () => {
    const found = await ok({
      'main.py': 'from core.web import app\nimport core.routes\n',
      'core/__init__.py': '',
      'core/web.py': fastapi,
      'core/routes.py': 'from core.web import app\n',
    })
    expect(found.command).toBe(uvicorn('main:app'))
    expect(found.why('entrypoint')).toBe('python.start.re-export main.py:1')
  })
  test('the port of uvicorn.run', async () => {
    const found = await ok({
      'app.py': `${fastapi}import os\nif __name__ == "__main__":\n    import uvicorn\n    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", 9001)))\n`,
    })
    expect(found.plan.port).toBe(9001)
    expect(found.why('port')).toBe('python.port.call app.py:6')
    expect(found.plan.start.at(-1)).toEqual({ env: 'PORT', default: '9001' })
  })
  test('a server that nothing declares is added, and that is said', async () => {
    const found = await ok({ 'app.py': fastapi, 'requirements.txt': 'fastapi==0.115.0\n' })
    expect(found.packages).toEqual(['fastapi==0.115.0', 'uvicorn'])
    expect(found.codes).toContain('server_added')
    expect(found.steps[0]).toBe('image write requirements.kiln.txt "-r requirements.txt\\nuvicorn\\n"')
  })
  test.each(['fastapi[standard]==0.115.0', 'FastAPI[Standard]==0.1', 'fastapi==0.1\nuvicorn[standard]==0.3'])(
    'a server that %j brings is not added',
    async (requirements) => {
      expect((await ok({ 'app.py': fastapi, 'requirements.txt': requirements })).codes).not.toContain('server_added')
    },
  )
  test('a name that only begins alike is another package', async () => {
    const found = await ok({ 'main.py': guard, 'requirements.txt': 'fastapi-ipware==0.1\n' })
    expect(found.plan.framework).toBeNull()
  })
})

describe('Flask', () => {
  test('an application', async () => {
    const found = await ok({
      'app.py': 'from flask import Flask\nserver = Flask(__name__)\n',
      'requirements.txt': 'flask==3.0\ngunicorn==22.0\n',
    })
    expect(found.command).toBe(gunicorn('app:server'))
    expect(found.plan).toMatchObject({ framework: 'flask', env: { PORT: '8080' } })
    expect(found.why('entrypoint')).toBe('python.start.flask app.py:2')
  })
  test('a factory in a package', async () => {
    const found = await ok({ 'shop/__init__.py': 'from flask import Flask\n\ndef create_app(config=None):\n    return Flask(__name__)\n' })
    expect(found.command).toBe(gunicorn('shop:create_app()'))
    expect(found.packages).toEqual(['flask', 'gunicorn'])
  })
})

describe('where imports are found', () => {
  test('src is on the path', async () => {
    const found = await ok({
      'src/pkg/__init__.py': '',
      'src/pkg/main.py': `${fastapi}from pkg.tools import x\n`,
      'src/pkg/tools.py': 'x = 1',
    })
    expect(found.command).toBe(uvicorn('pkg.main:app'))
    expect(found.plan.env['PYTHONPATH']).toBe('/app/src')
  })
  test('src is a package of its own', async () => {
    const found = await ok({ 'src/main.py': `${fastapi}from src.tools import x\n`, 'src/tools.py': 'x = 1' })
    expect(found.command).toBe(uvicorn('src.main:app'))
    expect(found.plan.env['PYTHONPATH']).toBeUndefined()
  })
  test('the directory of the file is on the path', async () => {
    const found = await ok({ 'app/main.py': `${fastapi}from tools import x\n`, 'app/tools.py': 'x = 1' })
    expect(found.command).toBe(uvicorn('main:app'))
    expect(found.plan.env['PYTHONPATH']).toBe('/app/app')
  })
  test('a script in a package is run as a module', async () => {
    expect((await ok({ 'bot/__init__.py': '', 'bot/agent.py': `from .tools import x\n${guard}`, 'bot/tools.py': 'x = 1' })).command).toBe(
      'python -m bot.agent',
    )
    expect((await ok({ 'bot/__init__.py': '', 'bot/__main__.py': 'from bot.tools import x', 'bot/tools.py': 'x = 1' })).command).toBe(
      'python -m bot',
    )
  })
  test.each([
    ['01-api.py', fastapi, uvicorn('01-api:app')],
    ['my-agent/01-api.py', `from .tools import x\n${fastapi}`, uvicorn('my-agent.01-api:app')],
    ['my-agent/run-it.py', `from . import tools\n${guard}`, 'python -m my-agent.run-it'],
    ['my-bot.py', guard, 'python my-bot.py'],
    ['my-web.py', 'from aiohttp import web\napp = web.Application()\n', byImport('web', 'my-web')],
    ['class.py', 'from aiohttp import web\napp = web.Application()\n', byImport('web', 'class')],
    [
      'my-demo.py',
      'import gradio as gr\ndemo = gr.Interface(str, "text", "text")\n',
      `python -c from importlib import import_module; demo = import_module("my-demo").demo; demo.launch()`,
    ],
  ])('%s, which no statement can import', async (file, text, command) => {
    expect((await ok({ [file]: text })).command).toBe(command)
  })
  test('a name with a dot is no module, so that no server loads it', async () => {
    const answer = await refused({ 'app.v2.py': fastapi })
    expect(answer).toMatchObject({ code: 'unsupported_project', place: 'app.v2.py:', patches: [] })
    expect((await refused({ 'app.v2.py': `${fastapi}\n${guard}` })).patches).toEqual([{ start: ['python', 'app.v2.py'] }])
    expect((await ok({ 'app.v2.py': fastapi }, { start: ['python', 'app.v2.py'] })).command).toBe('python app.v2.py')
    expect((await ok({ 'bot.v2.py': guard })).command).toBe('python bot.v2.py')
    expect((await ok({ 'page.v2.py': 'import streamlit as st\nst.write(1)\n' })).command).toContain('streamlit run page.v2.py')
  })
  test('an application that a package has ready', async () => {
    const found = await ok({
      'app.py': 'from litellm.proxy import proxy_server\n\napp = proxy_server.app\n',
      'requirements.txt': 'litellm[proxy]\n',
    })
    expect(found.command).toContain('python -m uvicorn app:app')
    expect((await ok({ 'app.py': 'from litellm.proxy import other\n\napp = other.app\n' })).command).toBe('python app.py')
  })
  test('a file with the name of what runs it is not found in its place', async () => {
    const page = 'import streamlit as st\nst.write(1)\n'
    const shadow = await ok({ 'ui/streamlit.py': page, 'requirements.txt': 'streamlit\n' })
    expect(shadow.command).toContain('python -m streamlit run ui/streamlit.py')
    expect(shadow.plan.env).not.toHaveProperty('PYTHONPATH')
  })
  test.each([
    ['api/v1.0/main.py', `from . import x\n${fastapi}`, 'api/v1.0'],
    ['api/v1.0/main.py', `from . import x\n${guard}`, 'api/v1.0'],
    ['v1.0/app/main.py', `from .. import x\n${fastapi}`, 'v1.0'],
  ])('%s imports relatively, below a directory with a dot', async (file, text, directory) => {
    const answer = await refused({ [file]: text, [`${directory}/x.py`]: '' })
    expect(answer).toMatchObject({ code: 'unsupported_project', place: `${file}:`, patches: [] })
    expect(answer.message).toContain(`${directory} has a dot in its name, so that it is no package`)
    const start = ['python', file]
    expect((await ok({ [file]: text }, { start })).command).toBe(start.join(' '))
  })
  test('a directory with a dot is no package, one below may be', async () => {
    const within = await ok({ 'v1.0/app/main.py': `from . import x\n${fastapi}`, 'v1.0/app/x.py': '' })
    expect([within.command, within.plan.env['PYTHONPATH']]).toEqual([uvicorn('app.main:app'), '/app/v1.0'])
    const either = `try:\n    from . import x\nexcept ImportError:\n    import x\n${fastapi}`
    const found = await ok({ 'api/v1.0/main.py': either, 'api/v1.0/x.py': '' })
    expect([found.command, found.plan.env['PYTHONPATH']]).toEqual([uvicorn('main:app'), '/app/api/v1.0'])
  })
  test('a directory that is no name of a module', async () => {
    const found = await ok({ 'my-agent/main.py': fastapi })
    expect(found.command).toBe(uvicorn('main:app'))
    expect(found.plan.env['PYTHONPATH']).toBe('/app/my-agent')
  })
})

describe('plain scripts', () => {
  test("the seed's agent", async () => {
    const found = await ok({ 'agent.py': `import os\n${guard}` })
    expect(found.command).toBe('python agent.py')
    expect(found.plan).toMatchObject({
      language: 'python',
      runtime: { name: 'python', version: '3.11' },
      port: 8080,
      entrypoint: 'agent.py',
    })
    expect(found.why('entrypoint')).toBe('python.start.main agent.py:5')
    expect(found.why('port')).toBe('port.default')
  })
  test('the only file, whatever its name', async () => {
    const found = await ok({ 'zebra.py': 'print(1)\n', 'README.md': '' })
    expect(found.command).toBe('python zebra.py')
    expect(found.why('entrypoint')).toBe('python.start.name zebra.py')
  })
  test('a usual name, without a guard', async () => {
    expect((await ok({ 'agent.py': 'import helper\n', 'helper.py': 'x = 1', 'other.py': 'y = 1' })).command).toBe('python agent.py')
  })
  test('the file that imports the others', async () => {
    expect((await ok({ 'zebra.py': 'import lion\n', 'lion.py': 'x = 1' })).command).toBe('python zebra.py')
  })
  test('a library with a self-test is not the program', async () => {
    expect((await ok({ 'zebra.py': `import lion\n${guard}`, 'lion.py': guard })).command).toBe('python zebra.py')
  })
  test('tests, documentation and packaging are not the program', async () => {
    expect(
      (await ok({ 'tests/test_a.py': guard, 'setup.py': guard, 'conftest.py': guard, 'docs/conf.py': guard, 'zebra.py': guard })).command,
    ).toBe('python zebra.py')
  })
  test('of several usual names the first, and the others are shown', async () => {
    const found = await ok({ 'agent.py': guard, 'main.py': guard })
    expect(found.command).toBe('python main.py')
    expect(found.evidence.values.find(({ field }) => field === 'entrypoint')?.lost[0]?.value).toBe('agent.py')
    expect(found.notices.find(({ code }) => code === 'entrypoint_chosen')?.fix).toEqual({ entrypoint: 'agent.py' })
  })
  test('several unusual ones are for people to decide', async () => {
    expect(await refused({ 'a.py': guard, 'b.py': guard })).toMatchObject({
      code: 'several_candidates',
      patches: [{ entrypoint: 'a.py' }, { entrypoint: 'b.py' }],
    })
    expect(await refused({ 'a.py': fastapi, 'b.py': fastapi })).toMatchObject({
      code: 'several_candidates',
      patches: [{ entrypoint: 'a.py' }, { entrypoint: 'b.py' }],
    })
  })
  test('the choice between several names the rule and the line of each', async () => {
    const answer = await planned({ 'a.py': guard, 'b/__main__.py': 'print(1)\n', 'c/__main__.py': 'print(1)\n' })
    expect(answer.ok ? [] : answer.candidates.map(({ evidence: { rule, file, line } }) => [rule, file, line])).toEqual([
      ['python.start.main', 'a.py', 4],
      ['python.start.main', 'b/__main__.py', 1],
      ['python.start.main', 'c/__main__.py', 1],
    ])
  })
  test('a server of the standard library: its port, and a warning when it is not reachable', async () => {
    const tree = {
      'main.py': 'from http.server import *\nserver = HTTPServer(("127.0.0.1", 9000), BaseHTTPRequestHandler)\nserver.serve_forever()\n',
    }
    const found = await ok(tree)
    expect(found.plan.port).toBe(9000)
    expect(found.notices.find(({ code }) => code === 'binds_locally')).toMatchObject({ file: 'main.py', line: 2 })
  })
})

describe('what the configuration says', () => {
  test('the entry point, and the framework in it', async () => {
    expect((await ok({ 'a.py': guard, 'b.py': fastapi }, { entrypoint: 'b.py' })).command).toBe(uvicorn('b:app'))
    expect((await ok({ 'a.py': guard, 'b.py': fastapi }, { entrypoint: './a.py' })).command).toBe('python a.py')
  })
  test('an entry point that is not there', async () => {
    expect(await refused({ 'a.py': guard }, { entrypoint: 'b.py' })).toMatchObject({
      code: 'entrypoint_not_found',
      patches: [{ entrypoint: 'a.py' }],
    })
  })
  test('an entry point that is called as an option is a file', async () => {
    expect((await ok({ '-m.py': guard })).command).toBe('python ./-m.py')
  })
  test('the start command and the port', async () => {
    const found = await ok({ 'a.py': guard, 'b.py': guard }, { start: ['python', 'b.py', '--fast'], port: 7000 })
    expect(found.command).toBe('python b.py --fast')
    expect(found.plan.port).toBe(7000)
    expect(found.why('start')).toBe('config.start')
  })
  test('a framework of the configuration is kept', async () => {
    expect((await ok({ 'agent.py': guard }, { framework: 'flask' })).plan.framework).toBe('flask')
  })
})

describe('scripts of the project', () => {
  const project = (scripts: string): string => `[project]\nname = "x-cli"\n[project.scripts]\n${scripts}\n`
  const run = 'def run():\n    return 0\n'
  const command = (module: string, name: string): string => `python -c import sys; from ${module} import ${name}; sys.exit(${name}())`

  test('the only one, though nothing else could be started', async () => {
    const found = await ok({ 'pyproject.toml': project('serve = "x.cli:main"'), 'x/__init__.py': '', 'x/cli.py': 'def main(): pass\n' })
    expect(found.command).toBe(command('x.cli', 'main'))
    expect(found.why('start')).toBe('python.start.project-script pyproject.toml:4')
    expect(found.plan.entrypoint).toBe('x/cli.py')
  })
  test('before files that can be started, and named like the project among several; of a src directory', async () => {
    const tree = {
      'pyproject.toml': project('other = "x_cli.app:other"\nx_cli = "x_cli.app:run"'),
      'src/x_cli/app.py': run,
      'src/x_cli/tool.py': guard,
    }
    const found = await ok(tree)
    expect(found.command).toBe(command('x_cli.app', 'run'))
    expect(found.plan.env['PYTHONPATH']).toBe('/app/src')
  })
  test('an attribute of a class, and of poetry', async () => {
    const poetry = '[tool.poetry]\nname = "x"\n[tool.poetry.scripts]\nx = { reference = "x:Main.run", type = "console" }\n'
    expect((await ok({ 'pyproject.toml': poetry, 'x.py': run })).command).toBe(
      'python -c import sys; from x import Main; sys.exit(Main.run())',
    )
  })
  test('an application wins against a script that does not serve, which is said', async () => {
    const tree = { 'pyproject.toml': project('x-cli = "tool:run"'), 'tool.py': run, 'web.py': fastapi }
    const found = await ok(tree)
    expect(found.command).toBe(uvicorn('web:app'))
    expect(found.notices.find(({ code }) => code === 'entrypoint_chosen')?.fix).toMatchObject({
      start: ['python', '-c', expect.anything()],
    })
    expect((await ok({ ...tree, 'pyproject.toml': project('serve = "tool:run"') })).command).toBe(command('tool', 'run'))
    const serving = `import uvicorn\ndef run():\n    uvicorn.run("web:app", host="0.0.0.0", port=9000)\n`
    const served = await ok({ ...tree, 'tool.py': serving })
    expect(served.command).toBe(command('tool', 'run'))
    expect(served.plan.port).toBe(9000)
  })
  test('several without a name that says it are for people to decide', async () => {
    const tree = { 'pyproject.toml': project('a = "x.a:run"\nb = "x.a:stop"'), 'src/x/a.py': run }
    const { code, patches } = await refused(tree)
    expect(code).toBe('several_candidates')
    expect(patches).toHaveLength(2)
    const found = await ok(tree, patches[1])
    expect(found.command).toBe(command('x.a', 'stop'))
    expect(found.plan.env['PYTHONPATH']).toBe('/app/src')
  })
  test.each(['x-cli = "elsewhere:run"', 'x-cli = "x:run(); import os"', 'x-cli = "x"', 'x-cli = 7'])(
    '%s is passed over and said',
    async (script) => {
      const found = await ok({ 'pyproject.toml': project(script), 'x.py': run, 'main.py': guard })
      expect(found.command).toBe('python main.py')
      expect(found.notices.find(({ code }) => code === 'script_not_used')).toMatchObject({ file: 'pyproject.toml', line: 4 })
    },
  )
})
