// What people decided about the tables, beside the lists they are made from.

/** Rows that go before all lists: extras and versions that programs need, and names that stand for nothing on purpose. */
export const overrides: readonly (readonly [module: string, says: string])[] = [
  ['openai', 'openai>=1.0'],
  ['fastapi', 'fastapi[standard]'],
  ['uvicorn', 'uvicorn[standard]'],
  ['psycopg', 'psycopg[binary]'],
  ['pkg_resources', 'setuptools<82'],
  ['mcp.server.fastmcp', 'mcp<2'],
  ['google.colab', '-'],
  ['livekit', 'livekit'],
  ['langgraph', 'langgraph'],
]

/** Names that an import must never be taken for: unrelated or empty packages on a well-known module's name. */
export const neverNames: ReadonlySet<string> = new Set(
  'google google-cloud azure crypto exceptions opencv clip whisper-py config settings utils tests test core common helpers'.split(' '),
)

/** Packages without a module of their own, or only for tests, types and documentation. */
export const unimportable: RegExp =
  /^(?:types-|pytest-|nvidia-|flake8-|pylint-|sphinx-|mkdocs-|pulumi-|mypy-boto3-|pyobjc-|aws-cdk-|jupyterlab-|dbt-)|-stubs$|-cu\d\d$|-nspkg$|-bin$/

/** Less known names that the programs Kiln is made for import: agents, models, chats. */
export const interesting: RegExp =
  /agent|llm|gpt|chat|langchain|langgraph|(?:^|-)(?:ai|bot|mcp|rag|a2a|sdk|whisper|telegram|discord|slack)(?:$|-)|embed|vector|prompt|binance|letta|zep|pipecat|backtrader/

/** Builds for one platform, types, and plugins of build tools. */
export const npmUnimportable: RegExp =
  /^@types\/|(?:linux|darwin|win32|freebsd|android|netbsd|openbsd|sunos|openharmony|aix|wasm32)-?|^@babel\/(?:plugin|helper)-|^babel-plugin-|^@esbuild|^@rollup\/|^@swc\/|^postcss-(?!import)|^eslint-|^@aws-sdk\/(?:middleware|util|credential|token|nested)|^@smithy|^micromark-|^hast-|^mdast-|^@jest\/|^jest-|^@eslint/

export const npmInteresting: RegExp =
  /^@(?:langchain|ai-sdk|anthropic-ai|openai|google|google-cloud|modelcontextprotocol|mastra|hono|fastify|slack|huggingface|pinecone-database|qdrant|supabase|prisma|livekit|copilotkit|aws-sdk\/client|aws-sdk\/lib|azure)\b|^(?:langchain|langsmith|llamaindex|cohere-ai|ollama|discord\.js|telegraf|elysia|groq-sdk|replicate|chromadb|weaviate-client|whatsapp-web\.js|node-telegram-bot-api|openai-.*|twitter-api-v2|googleapis)$/
