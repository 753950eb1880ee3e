/** Every name that a rule of Python gives a program: the compiler holds the rules to this list. */
export const pythonFrameworks = [
  ...(['fastapi', 'starlette', 'litestar', 'quart', 'fasthtml', 'blacksheep', 'falcon', 'connexion', 'esmerald', 'socketio'] as const),
  ...(['django', 'flask', 'bottle', 'pyramid', 'sanic', 'aiohttp', 'tornado', 'robyn'] as const),
  ...(['agentcore', 'google-adk', 'a2a', 'mcp', 'fastmcp', 'agno', 'pydantic-ai', 'langgraph', 'pipecat', 'livekit'] as const),
  ...(['gradio', 'streamlit', 'chainlit', 'marimo', 'panel', 'mesop', 'nicegui', 'dash'] as const),
  ...(['celery', 'huey', 'faststream', 'faust', 'taskiq', 'dramatiq', 'arq', 'rq', 'temporal', 'prefect', 'apscheduler', 'pika'] as const),
  ...(['discord', 'telegram', 'slack'] as const),
] as const

export type PythonFrameworkName = (typeof pythonFrameworks)[number]
