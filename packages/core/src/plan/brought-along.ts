/**
 * Packages that come with another one, so that importing them without declaring them works. Only to keep a notice quiet; where
 * there is a lock, the lock says it.
 */
const broughtAlong: Readonly<Record<string, readonly string[]>> = {
  aiohttp: ['multidict', 'yarl'],
  anthropic: ['anyio', 'httpx', 'pydantic', 'typing-extensions'],
  boto3: ['botocore', 's3transfer'],
  fastapi: ['anyio', 'pydantic', 'starlette', 'typing-extensions'],
  flask: ['click', 'itsdangerous', 'jinja2', 'markupsafe', 'werkzeug'],
  httpx: ['anyio', 'certifi', 'httpcore'],
  langchain: ['langchain-core', 'langchain-text-splitters', 'langgraph', 'pydantic', 'pyyaml'],
  'langchain-anthropic': ['anthropic', 'langchain-core', 'pydantic'],
  'langchain-community': ['langchain', 'langchain-core', 'sqlalchemy'],
  'langchain-openai': ['langchain-core', 'openai', 'tiktoken'],
  langgraph: ['langchain-core', 'pydantic'],
  mcp: ['anyio', 'httpx', 'pydantic', 'starlette', 'uvicorn'],
  openai: ['anyio', 'httpx', 'pydantic', 'typing-extensions'],
  pandas: ['numpy', 'python-dateutil', 'pytz'],
  'pydantic-settings': ['pydantic', 'python-dotenv'],
  requests: ['certifi', 'idna', 'urllib3'],
  'scikit-learn': ['joblib', 'numpy', 'scipy'],
  starlette: ['anyio'],
  transformers: ['huggingface-hub', 'numpy', 'pyyaml', 'requests', 'tokenizers'],
}

/** Names that some of these packages bring. */
export function alsoBrought(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((name) => (Object.hasOwn(broughtAlong, name) ? broughtAlong[name]! : [])))
}
