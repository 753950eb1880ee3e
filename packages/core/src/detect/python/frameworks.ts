import type { PythonFrameworkName } from './framework-names.ts'

/** A framework whose program is an object that a server calls. */
export interface PythonFramework {
  readonly name: PythonFrameworkName
  /** for people */
  readonly className: string
  readonly protocol: 'asgi' | 'wsgi'
  /** packages that bring uvicorn along; an extra has to be asked for */
  readonly serverBy?: readonly { readonly name: string; readonly extras?: readonly string[] }[]
  /** stands around another application, whose name counts */
  readonly holds?: true
  /** has a server of its own, which starts `module:app` */
  readonly own?: 'sanic'
}

interface Row extends PythonFramework {
  /** what is called to make the object, by its full name */
  readonly made: readonly string[]
}

/** One line each; the rest of the rules follows from the protocol. */
const rows: readonly Row[] = [
  asgi('fastapi', 'FastAPI', ['fastapi.FastAPI', 'fastapi.applications.FastAPI'], { name: 'fastapi', extras: ['standard', 'all'] }),
  asgi('starlette', 'Starlette', ['starlette.applications.Starlette']),
  asgi('litestar', 'Litestar', ['litestar.Litestar', 'litestar.app.Litestar'], { name: 'litestar', extras: ['standard', 'full'] }),
  asgi('quart', 'Quart', ['quart.Quart', 'quart.app.Quart']),
  asgi(
    'fasthtml',
    'FastHTML',
    [
      'fasthtml.FastHTML',
      'fasthtml.core.FastHTML',
      'fasthtml.common.FastHTML',
      'fasthtml.fast_app',
      'fasthtml.common.fast_app',
      'fasthtml.fastapp.fast_app',
    ],
    { name: 'python-fasthtml' },
  ),
  asgi('blacksheep', 'Application', ['blacksheep.Application', 'blacksheep.server.Application']),
  asgi('falcon', 'falcon.asgi.App', ['falcon.asgi.App']),
  asgi('connexion', 'connexion.App', ['connexion.AsyncApp', 'connexion.FlaskApp', 'connexion.App'], {
    name: 'connexion',
    extras: ['uvicorn'],
  }),
  asgi('esmerald', 'Esmerald', ['esmerald.Esmerald', 'ravyn.Ravyn']),
  { ...asgi('socketio', 'ASGIApp', ['socketio.ASGIApp', 'engineio.ASGIApp']), holds: true },
  asgi('django', 'get_asgi_application', [
    'django.core.asgi.get_asgi_application',
    'channels.routing.ProtocolTypeRouter',
    'channels.routing.get_default_application',
  ]),
  asgi('agentcore', 'BedrockAgentCoreApp', ['bedrock_agentcore.BedrockAgentCoreApp', 'bedrock_agentcore.runtime.BedrockAgentCoreApp'], {
    name: 'bedrock-agentcore',
  }),
  asgi('google-adk', 'get_fast_api_app', ['google.adk.cli.fast_api.get_fast_api_app'], { name: 'google-adk' }),
  asgi('a2a', 'to_a2a', ['google.adk.a2a.utils.agent_to_a2a.to_a2a']),
  { ...asgi('gradio', 'mount_gradio_app', ['gradio.mount_gradio_app', 'gradio.routes.mount_gradio_app'], { name: 'gradio' }), holds: true },
  { ...asgi('sanic', 'Sanic', ['sanic.Sanic', 'sanic.app.Sanic']), own: 'sanic' },
  wsgi('flask', 'Flask', ['flask.Flask', 'flask.app.Flask', 'apiflask.APIFlask', 'flask_openapi3.OpenAPI']),
  wsgi('bottle', 'Bottle', ['bottle.Bottle', 'bottle.default_app', 'bottle.app']),
  wsgi('falcon', 'falcon.App', ['falcon.App', 'falcon.API', 'falcon.app.App']),
  { ...wsgi('socketio', 'WSGIApp', ['socketio.WSGIApp', 'engineio.WSGIApp']), holds: true },
  wsgi('django', 'get_wsgi_application', ['django.core.wsgi.get_wsgi_application']),
]

/** What is no application itself, but whose methods give one, or which others of our rules start. */
const makers: Readonly<Record<string, readonly string[]>> = {
  mcp: [
    'mcp.server.fastmcp.FastMCP',
    'mcp.server.FastMCP',
    'mcp.server.fastmcp.server.FastMCP',
    'mcp.server.MCPServer',
    'mcp.server.mcpserver.MCPServer',
    'mcp.server.mcpserver.server.MCPServer',
  ],
  fastmcp: ['fastmcp.FastMCP', 'fastmcp.server.FastMCP', 'fastmcp.server.server.FastMCP'],
  agno: [
    'agno.os.AgentOS',
    'agno.os.app.AgentOS',
    'agno.playground.Playground',
    'agno.playground.playground.Playground',
    'agno.app.fastapi.app.FastAPIApp',
    'agno.app.fastapi.FastAPIApp',
  ],
  a2a: [
    'a2a.server.apps.A2AStarletteApplication',
    'a2a.server.apps.A2AFastAPIApplication',
    'a2a.server.apps.jsonrpc.A2AStarletteApplication',
  ],
  'pydantic-ai': ['pydantic_ai.Agent', 'pydantic_ai.agent.Agent'],
  pyramid: ['pyramid.config.Configurator'],
  dash: ['dash.Dash', 'dash.dash.Dash', 'jupyter_dash.JupyterDash'],
  'graph-builder': [
    'langgraph.graph.StateGraph',
    'langgraph.graph.state.StateGraph',
    'langgraph.graph.MessageGraph',
    'langgraph.graph.message.MessageGraph',
    'langgraph.graph.Graph',
    'langgraph_supervisor.create_supervisor',
    'langgraph_swarm.create_swarm',
  ],
  graph: [
    'langgraph.prebuilt.create_react_agent',
    'langgraph.prebuilt.chat_agent_executor.create_react_agent',
    'langchain.agents.create_agent',
    'deepagents.create_deep_agent',
  ],
  celery: ['celery.Celery', 'celery.app.Celery'],
  huey: ['huey.RedisHuey', 'huey.SqliteHuey', 'huey.FileHuey', 'huey.MemoryHuey', 'huey.PriorityRedisHuey'],
  faststream: ['faststream.FastStream', 'faststream.app.FastStream'],
  faust: ['faust.App'],
  taskiq: [
    'taskiq_redis.ListQueueBroker',
    'taskiq_redis.RedisStreamBroker',
    'taskiq_redis.PubSubBroker',
    'taskiq_aio_pika.AioPikaBroker',
    'taskiq_nats.NatsBroker',
    'taskiq_nats.PullBasedJetStreamBroker',
    'taskiq.InMemoryBroker',
    'taskiq.ZeroMQBroker',
  ],
  gradio: ['gradio.Blocks', 'gradio.Interface', 'gradio.ChatInterface', 'gradio.TabbedInterface', 'gradio.routes.Blocks'],
  marimo: ['marimo.App'],
  adk: [
    'google.adk.agents.Agent',
    'google.adk.agents.LlmAgent',
    'google.adk.agents.SequentialAgent',
    'google.adk.agents.ParallelAgent',
    'google.adk.agents.LoopAgent',
    'google.adk.Agent',
    'google.adk.agents.llm_agent.Agent',
    'google.adk.agents.llm_agent.LlmAgent',
    'google.adk.agents.sequential_agent.SequentialAgent',
    'google.adk.agents.parallel_agent.ParallelAgent',
    'google.adk.agents.loop_agent.LoopAgent',
    'google.adk.agents.base_agent.BaseAgent',
    'google.adk.agents.BaseAgent',
    'google.adk.Workflow',
    'google.adk.workflow.Workflow',
  ],
}

const methods: readonly { readonly of: readonly string[]; readonly names: readonly string[]; readonly gives: string | PythonFramework }[] =
  [
    { of: ['mcp'], names: ['streamable_http_app', 'sse_app'], gives: asgi('mcp', 'FastMCP', [], { name: 'mcp' }) },
    { of: ['fastmcp'], names: ['http_app', 'streamable_http_app', 'sse_app'], gives: asgi('fastmcp', 'FastMCP', [], { name: 'fastmcp' }) },
    { of: ['agno'], names: ['get_app'], gives: asgi('agno', 'AgentOS', []) },
    { of: ['a2a'], names: ['build'], gives: asgi('a2a', 'A2AStarletteApplication', []) },
    { of: ['pydantic-ai'], names: ['to_ag_ui', 'to_a2a', 'to_web'], gives: asgi('pydantic-ai', 'Agent', []) },
    { of: ['pyramid'], names: ['make_wsgi_app'], gives: wsgi('pyramid', 'Configurator', []) },
    { of: ['graph-builder'], names: ['compile'], gives: 'graph' },
    { of: ['graph'], names: ['with_config'], gives: 'graph' },
  ]

/** Applications that a package has ready: nothing is called to make them. */
const ready: ReadonlyMap<string, PythonFramework> = new Map([['litellm.proxy.proxy_server.app', asgi('fastapi', 'FastAPI', [])]])

export function readyApp(fullName: string): PythonFramework | undefined {
  return ready.get(fullName)
}

/** Callables that put themselves around an application and are one then. */
const wrappers = new Set([
  'asgiref.wsgi.WsgiToAsgi',
  'a2wsgi.WSGIMiddleware',
  'a2wsgi.ASGIMiddleware',
  'werkzeug.middleware.proxy_fix.ProxyFix',
  'werkzeug.middleware.dispatcher.DispatcherMiddleware',
  'whitenoise.WhiteNoise',
])

export function isWrapper(fullName: string): boolean {
  return wrappers.has(fullName) || /Middleware$/.test(fullName)
}

/** What calling something gives: an application, or the name of a maker. */
export type Kind = PythonFramework | string

const byName: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...rows.flatMap((row) => row.made.map((name) => [name, row] as const)),
  ...Object.entries(makers).flatMap(([kind, names]) => names.map((name) => [name, kind] as const)),
])

export function kindOfCall(fullName: string): Kind | undefined {
  return byName.get(fullName)
}

export function kindOfMethod(of: Kind, name: string): Kind | undefined {
  // methods such as `add_node` of a builder give the builder again
  const found = methods.find((one) => typeof of === 'string' && one.of.includes(of) && one.names.includes(name))
  return found?.gives ?? (of === 'graph-builder' ? of : undefined)
}

/** A word that every file has which imports one of these. */
export const frameworkWord: RegExp = new RegExp(
  `\\b(?:${[...new Set([...byName.keys(), ...ready.keys()].map((name) => name.split('.', 1)[0]!))].join('|')})\\b`,
)

/** An application object, or the function that makes it. */
export interface AppObject {
  readonly framework: PythonFramework
  readonly name: string
  readonly factory: boolean
  /** 1-based */
  readonly line: number
}

function asgi(
  name: PythonFrameworkName,
  className: string,
  made: readonly string[],
  ...serverBy: NonNullable<PythonFramework['serverBy']>
): Row {
  return { name, className, made, protocol: 'asgi', ...(serverBy.length > 0 ? { serverBy } : {}) }
}

function wsgi(name: PythonFrameworkName, className: string, made: readonly string[]): Row {
  return { name, className, made, protocol: 'wsgi' }
}
