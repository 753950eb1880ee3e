// The hard cases of Python's imports, one table for each kind: names that belong to somebody else, renamed modules, namespaces,
// split packages, extras, indirect needs, syntax and context, the standard library, eras.
import { describe, expect, test } from 'vitest'
import { inferPython } from '../../src/infer/python.ts'
import { knownPypi } from '../../src/infer/known.ts'
import { sourceOf } from './sources.ts'

type Files = Readonly<Record<string, string>>

function infer(files: Files | string, version = '3.11'): ReturnType<typeof inferPython> {
  return inferPython(sourceOf(typeof files === 'string' ? { 'main.py': files } : files), { unit: '.', version })
}

/** What is needed, as a requirements file would say it. */
function needs(files: Files | string, version?: string): string {
  return infer(files, version)
    .dependencies.map(({ name, extras, specifier }) => `${name}${extras ? `[${extras.join(',')}]` : ''}${specifier}`)
    .join(' ')
}

function unknown(files: Files | string, version?: string): string {
  return infer(files, version)
    .unresolved.map((one) => one.import)
    .join(' ')
}

/** `module -> requirements`, several separated by `;` */
function rows(text: string): [string, string][] {
  return text
    .split(/[;\n]/)
    .map((row) => row.trim())
    .filter((row) => row !== '')
    .map((row) => row.split(/\s*->\s*/) as [string, string])
}

describe('2.1 names that somebody else has on the index', () => {
  test.each(
    rows(`agents.Agent -> openai-agents; attr -> attrs; autogen -> ag2<1; bs4 -> beautifulsoup4; clip -> openai-clip; discord -> discord-py
      docx -> python-docx; dotenv -> python-dotenv; faiss -> faiss-cpu; fitz -> pymupdf; haystack -> haystack-ai; hubspot -> hubspot-api-client
      hydra -> hydra-core; jwt -> pyjwt; kafka -> kafka-python; pipecat -> pipecat-ai; serial -> pyserial; skimage -> scikit-image
      sklearn -> scikit-learn; slack -> slackclient; tavily -> tavily-python; telegram -> python-telegram-bot; usb -> pyusb
      whisper -> openai-whisper`),
  )('%s is %s', (module, expected) => {
    const [, top, name] = /^(\w+)(?:\.(\w+))?$/.exec(module)!
    expect(needs(name === undefined ? `import ${top}` : `from ${top} import ${name}`)).toBe(expected)
  })

  test.each(['azure', 'google', 'crypto', 'exceptions', 'agents', 'config', 'settings', 'utils'])('%s alone is nothing', (module) => {
    expect(needs(`import ${module}`)).toBe('')
    expect(infer(`import ${module}`).unresolved[0]?.grade).toMatch(/^[EF]$/)
  })

  test('what is not written has a grade too', () => {
    expect(infer('import google, nobody_has_this').unresolved.map(({ import: name, grade }) => [name, grade])).toEqual([
      ['google', 'E'],
      ['nobody_has_this', 'F'],
    ])
  })

  test('no squat is ever given, whatever is imported', () => {
    const squats =
      'agents attr azure bs4 clip crypto discord docx dotenv faiss fitz google haystack hubspot hydra jwt kafka pipecat serial skimage sklearn slack tavily telegram usb whisper'
    expect(squats.split(' ').filter((name) => knownPypi().has(name))).toEqual([])
  })
})

describe('2.2 renamed modules', () => {
  test.each(
    rows(`cv2 -> opencv-python-headless; PIL -> pillow; yaml -> pyyaml; sklearn -> scikit-learn; Crypto -> pycryptodome; Cryptodome -> pycryptodomex
      dateutil -> python-dateutil; git -> gitpython; pptx -> python-pptx; magic -> python-magic; OpenSSL -> pyopenssl; nacl -> pynacl
      MySQLdb -> mysqlclient; psycopg2 -> psycopg2-binary; psycopg -> psycopg[binary]; pkg_resources -> setuptools<82; dns -> dnspython
      websocket -> websocket-client; websockets -> websockets; socketio -> python-socketio; engineio -> python-engineio; zmq -> pyzmq
      ldap -> python-ldap; multipart -> multipart; jose -> python-jose[cryptography]; decouple -> python-decouple; factory -> factory-boy
      grpc -> grpcio; grpc_tools -> grpcio-tools; grpc_status -> grpcio-status; grpc_health -> grpcio-health-checking
      grpc_reflection -> grpcio-reflection; googleapiclient -> google-api-python-client; google_auth_oauthlib -> google-auth-oauthlib
      vertexai -> google-cloud-aiplatform; ee -> earthengine-api; firebase_admin -> firebase-admin; bson -> pymongo; gridfs -> pymongo
      opensearchpy -> opensearch-py; cassandra -> cassandra-driver; paho -> paho-mqtt; nats -> nats-py; nio -> matrix-nio; github -> pygithub
      gitlab -> python-gitlab; atlassian -> atlassian-python-api; ldclient -> launchdarkly-server-sdk; simple_salesforce -> simple-salesforce
      airflow -> apache-airflow; absl -> absl-py; clr -> pythonnet; jpype -> jpype1; Xlib -> python-xlib; gi -> pygobject; cairo -> pycairo
      wx -> wxpython; OpenGL -> pyopengl; Bio -> biopython; shapefile -> pyshp; osgeo -> gdal; fontTools -> fonttools
      pythonjsonlogger -> python-json-logger; graphql -> graphql-core; strawberry -> strawberry-graphql; hamcrest -> pyhamcrest; vcr -> vcrpy
      xmlrunner -> unittest-xml-reporting; argon2 -> argon2-cffi; saml2 -> pysaml2; onelogin -> python3-saml; socks -> pysocks
      nmap -> python-nmap; can -> python-can; RPi -> rpi-gpio; board -> adafruit-blinka; busio -> adafruit-blinka; mpl_toolkits -> matplotlib
      pylab -> matplotlib; umap -> umap-learn; imblearn -> imbalanced-learn; skopt -> scikit-optimize; community -> python-louvain; z3 -> z3-solver
      talib -> ta-lib; Levenshtein -> levenshtein; slugify -> python-slugify; speech_recognition -> speechrecognition; ffmpeg -> ffmpeg-python
      av -> av; readability -> readability-lxml; pdfminer -> pdfminer-six; PyPDF2 -> pypdf2; fpdf -> fpdf2; camelot -> camelot-py
      tabula -> tabula-py; markdown_it -> markdown-it-py; telebot -> pytelegrambotapi; linebot -> line-bot-sdk; wikipediaapi -> wikipedia-api
      newsapi -> newsapi-python; googletrans -> googletrans; binance -> python-binance; pynvml -> nvidia-ml-py; cpuinfo -> py-cpuinfo
      progressbar -> progressbar2; editor -> python-editor; snappy -> python-snappy; patoolib -> patool; barcode -> python-barcode
      elftools -> pyelftools; antlr4 -> antlr4-python3-runtime; newspaper -> lxml-html-clean newspaper3k`),
  )('%s is %s', (module, expected) => expect(needs(`import ${module}`)).toBe(expected))

  test.each(
    rows(`rest_framework -> djangorestframework; rest_framework_simplejwt -> djangorestframework-simplejwt; corsheaders -> django-cors-headers
      django_filters -> django-filter; debug_toolbar -> django-debug-toolbar; storages -> django-storages; allauth -> django-allauth
      crispy_forms -> django-crispy-forms; import_export -> django-import-export; oauth2_provider -> django-oauth-toolkit
      environ -> django-environ`),
  )('%s is %s, beside Django', (module, expected) => {
    expect(needs(`import django, ${module}`).split(' ')).toContain(expected)
    if (module !== 'rest_framework') expect(needs(`import ${module}`)).toBe('')
  })

  test('what else the program does decides between packages of one module', () => {
    expect(needs('import cv2\ncv2.imshow("x", y)')).toBe('opencv-python')
    expect(needs('import cv2\n# cv2.imshow("x", y)\ns = "cv2.imshow(x)"')).toBe('opencv-python-headless')
    expect(needs({ 'a.py': 'import multipart', 'b.py': 'import fastapi' })).toBe('fastapi[standard] python-multipart')
  })

  test.each([
    ['win32api', 'another operating system'],
    ['pythoncom', 'another operating system'],
    ['google.colab', 'Google Colab'],
    ['en_core_web_sm', 'spacy download'],
    ['detectron2', 'not on PyPI'],
    ['mypy_boto3_s3', 'types only'],
    ['backports.zoneinfo', 'standard library'],
  ])('%s is no package, and why', (module, says) => {
    expect(needs(`import ${module}`)).toBe('')
    expect(infer(`import ${module}`).unresolved[0]?.evidence.says).toContain(says)
  })
})

describe('2.3 namespaces', () => {
  test.each(
    rows(`from google.cloud import secretmanager -> google-cloud-secret-manager; from google.cloud import resourcemanager_v3 -> google-cloud-resource-manager
      from azure.storage import filedatalake -> azure-storage-file-datalake; from google.cloud import storage -> google-cloud-storage
      from google import genai -> google-genai; from azure import identity -> azure-identity; from livekit import rtc -> livekit
      from livekit.plugins import openai, silero -> livekit-plugins-openai livekit-plugins-silero; import google.generativeai -> google-generativeai
      import google.adk.agents -> google-adk; import google.protobuf -> protobuf; import google.auth -> google-auth; import google.oauth2.credentials -> google-auth
      import google.api_core.retry -> google-api-core; import google.rpc.status_pb2 -> protobuf; import google.type.date -> googleapis-common-protos
      import google.longrunning.x -> googleapis-common-protos; import google.iam.v1 -> grpc-google-iam-v1; from google.cloud import exceptions -> google-cloud-core
      import google.cloud.iam_credentials_v1 -> google-cloud-iam; import google.cloud.sql.connector -> cloud-sql-python-connector
      import google.cloud.firestore_admin_v1 -> google-cloud-firestore; import google.ads.googleads -> google-ads; import google.appengine -> appengine-python-standard
      import google.cloud.aiplatform -> google-cloud-aiplatform; import azure.mgmt.containerservice -> azure-mgmt-containerservice
      import azure.storage.blob -> azure-storage-blob; import azure.ai.projects -> azure-ai-projects; import azure.keyvault.secrets -> azure-keyvault-secrets
      from opentelemetry import trace, metrics -> opentelemetry-api; import opentelemetry.sdk.trace -> opentelemetry-sdk
      import opentelemetry.semconv.trace -> opentelemetry-semantic-conventions
      import opentelemetry.exporter.otlp.proto.grpc.trace_exporter -> opentelemetry-exporter-otlp-proto-grpc
      import opentelemetry.exporter.otlp.proto.http -> opentelemetry-exporter-otlp-proto-http
      import opentelemetry.instrumentation.kafka -> opentelemetry-instrumentation-kafka-python; import ruamel.yaml -> ruamel-yaml
      import zope.interface -> zope-interface; import jaraco.functools -> jaraco-functools
      import airflow.providers.amazon.aws -> apache-airflow-providers-amazon; import mysql.connector -> mysql-connector-python
      import snowflake.connector -> snowflake-connector-python; import snowflake.snowpark -> snowflake-snowpark-python
      import snowflake.sqlalchemy -> snowflake-sqlalchemy; import databricks.sdk -> databricks-sdk; import databricks.sql -> databricks-sql-connector
      import aws_cdk -> aws-cdk-lib; from aws_cdk import aws_s3 -> aws-cdk-lib; import botbuilder.core -> botbuilder-core
      import haystack_integrations.components.generators.ollama -> ollama-haystack
      import haystack_integrations.document_stores.qdrant -> qdrant-haystack; from llama_index.llms.openai import OpenAI -> llama-index-llms-openai
      from llama_index.vector_stores.chroma import C -> llama-index-vector-stores-chroma; from livekit import api -> livekit-api
      import livekit.agents -> livekit-agents; import livekit.plugins.minimax -> livekit-plugins-minimax-ai
      import livekit.plugins.noise_cancellation -> livekit-plugins-noise-cancellation; import livekit.plugins.turn_detector -> livekit-plugins-turn-detector`),
  )('%s is %s', (statement, expected) => expect(needs(statement)).toBe(expected))

  test('the core of llama-index brings no client of a model', () => {
    expect(needs('from llama_index.core import VectorStoreIndex')).toBe('llama-index llama-index-core')
    expect(needs('from llama_index.core import Settings\nSettings.llm = mine')).toBe('llama-index-core')
    expect(needs('from llama_index.core import x\nfrom llama_index.llms.ollama import Ollama')).toBe(
      'llama-index-core llama-index-llms-ollama',
    )
  })

  test('members that nothing has are told, the others are found', () => {
    expect(needs('from google.cloud import storage, nonsense')).toBe('google-cloud-storage')
    expect(unknown('from google.cloud import storage, nonsense')).toBe('google.cloud.nonsense')
  })
})

describe('2.4 split packages and agent frameworks', () => {
  test.each(
    rows(`langchain_openai -> langchain-openai; langchain_anthropic -> langchain-anthropic; langchain_google_genai -> langchain-google-genai
      langchain_google_vertexai -> langchain-google-vertexai; langchain_community -> langchain-community; langchain_core -> langchain-core
      langchain_text_splitters -> langchain-text-splitters; langchain_experimental -> langchain-experimental; langchain_chroma -> langchain-chroma
      langchain_ollama -> langchain-ollama; langchain_groq -> langchain-groq; langchain_aws -> langchain-aws; langchain_mistralai -> langchain-mistralai
      langchain_huggingface -> langchain-huggingface; langchain_pinecone -> langchain-pinecone; langchain_postgres -> langchain-postgres
      langchain_mcp_adapters -> langchain-mcp-adapters; langchain_classic -> langchain-classic; langgraph -> langgraph; langgraph_sdk -> langgraph-sdk
      langsmith -> langsmith; langgraph.checkpoint.postgres -> langgraph-checkpoint-postgres; langgraph.checkpoint.sqlite -> langgraph-checkpoint-sqlite
      langgraph.checkpoint.redis -> langgraph-checkpoint-redis; langgraph.checkpoint.mongodb -> langgraph-checkpoint-mongodb
      langgraph.prebuilt -> langgraph; langgraph.checkpoint.memory -> langgraph; langgraph_supervisor -> langgraph-supervisor
      langgraph_swarm -> langgraph-swarm; autogen_agentchat -> autogen-agentchat; autogen_core -> autogen-core; autogen_ext -> autogen-ext
      crewai -> crewai; crewai_tools -> crewai-tools; smolagents -> smolagents; pydantic_ai -> pydantic-ai; strands -> strands-agents
      strands_tools -> strands-agents-tools; agno -> agno; phi -> phidata; semantic_kernel -> semantic-kernel; agent_framework -> agent-framework
      mcp -> mcp; fastmcp -> fastmcp; browser_use -> browser-use; a2a -> a2a-sdk; claude_agent_sdk -> claude-agent-sdk; dspy -> dspy
      mem0 -> mem0ai; e2b_code_interpreter -> e2b-code-interpreter; serpapi -> google-search-results; firecrawl -> firecrawl-py
      exa_py -> exa-py; ddgs -> ddgs; duckduckgo_search -> duckduckgo-search; llama_cpp -> llama-cpp-python; guardrails -> guardrails-ai
      interpreter -> open-interpreter; copilotkit -> copilotkit; ag_ui -> ag-ui-protocol; letta_client -> letta-client; zep_cloud -> zep-cloud
      graphiti_core -> graphiti-core; unstructured_client -> unstructured-client; linkup -> linkup-sdk; portkey_ai -> portkey-ai
      perplexity -> perplexityai`),
  )('%s is %s', (module, expected) => expect(needs(`import ${module}`)).toBe(expected))

  test('agents is a package only by its members, and never where the source has one', () => {
    expect(needs('from agents import Agent, Runner, function_tool')).toBe('openai-agents')
    expect(needs('from agents import billing')).toBe('')
    expect(needs({ 'main.py': 'from agents import Agent', 'agents/__init__.py': '' })).toBe('')
  })
})

describe('2.5 extras', () => {
  test.each(
    rows(`import fastapi -> fastapi[standard]; import uvicorn -> uvicorn[standard]
      from pipecat.services.deepgram.stt import X -> pipecat-ai[deepgram]; from pipecat.services.aws.nova_sonic import X -> pipecat-ai[aws-nova-sonic]
      from pipecat.transports.smallwebrtc.transport import X -> pipecat-ai[webrtc]; from pipecat.transports.daily.transport import X -> pipecat-ai[daily]
      from pipecat.transports.websocket.fastapi import X -> pipecat-ai[websocket]; from pipecat.runner.run import main -> pipecat-ai[runner]
      from pipecat.audio.vad.silero import X -> pipecat-ai[silero]; from pipecat.services.mcp_service import X -> pipecat-ai[mcp]
      from agents.extensions.models.litellm_model import X -> openai-agents[litellm]; from agents.voice import X -> openai-agents[voice]
      from agents.extensions.visualization import draw_graph -> openai-agents[viz]; from google.adk.a2a.utils import x -> google-adk[a2a]
      from google.adk.models.lite_llm import LiteLlm -> google-adk litellm; from smolagents import CodeAgent, LiteLLMModel -> litellm smolagents
      from smolagents import GradioUI -> smolagents[gradio]; from strands.models.anthropic import X -> strands-agents[anthropic]
      from strands.multiagent.a2a import A2AServer -> strands-agents[a2a]; from autogen_ext.models.openai import X -> autogen-ext[openai]
      from autogen_ext.tools.mcp import X -> autogen-ext[mcp]; from autogen_ext.code_executors.docker import X -> autogen-ext[docker]
      from sqlalchemy.ext.asyncio import create_async_engine -> sqlalchemy[asyncio]`),
  )('%s is %s', (statement, expected) => expect(needs(statement)).toBe(expected))

  test.each<[string, string]>([
    ['from passlib.context import CryptContext\nc = CryptContext(schemes=["bcrypt"])', 'passlib[bcrypt]'],
    ['import requests\np = {"https": "socks5://x:1080"}', 'requests[socks]'],
    ['import httpx\nc = httpx.AsyncClient(http2=True)', 'httpx[http2]'],
    ['from pymongo import MongoClient\nMongoClient("mongodb+srv://x/y")', 'pymongo[srv]'],
    ['from crewai import LLM\nllm = LLM(model="anthropic/claude-3")', 'crewai[anthropic]'],
    ['from crewai import LLM\nllm = LLM("gemini/gemini-pro")', 'crewai[google-genai]'],
    ['from crewai import LLM\nllm = LLM("groq/llama")', 'crewai[litellm]'],
    ['from flask import Flask\n@app.route("/")\nasync def index(): pass', 'flask[async]'],
  ])('%j needs %s', (text, expected) => expect(needs(text)).toContain(expected))
})

describe('2.6 indirect needs', () => {
  test.each(
    rows(`from agno.models.openai import OpenAIChat -> agno openai; from agno.models.google import Gemini -> agno google-genai
      from agno.models.anthropic import Claude -> agno anthropic; from agno.models.groq import Groq -> agno groq; from agno.models.aws import X -> agno boto3
      from agno.tools.duckduckgo import D -> agno ddgs; from agno.tools.exa import E -> agno exa-py; from agno.vectordb.lancedb import L -> agno lancedb pyarrow
      from agno.db.sqlite import S -> agno sqlalchemy; from agno.knowledge.reader.pdf_reader import P -> agno pypdf; from phi.model.groq import G -> groq phidata
      from langchain_community.vectorstores import FAISS -> faiss-cpu langchain-community
      from langchain_community.vectorstores.chroma import Chroma -> chromadb langchain-community
      from langchain_community.document_loaders import PyPDFLoader, WebBaseLoader -> beautifulsoup4 langchain-community pypdf
      from langchain_community.document_loaders import PyMuPDFLoader -> langchain-community pymupdf
      from langchain_community.document_loaders import YoutubeLoader -> langchain-community youtube-transcript-api
      from langchain_community.tools import DuckDuckGoSearchRun -> ddgs langchain-community
      from langchain_community.tools import WikipediaQueryRun -> langchain-community wikipedia
      from langchain_community.embeddings import HuggingFaceEmbeddings -> langchain-community sentence-transformers
      from crewai_tools import FirecrawlSearchTool -> crewai-tools firecrawl-py; from diffusers import X -> accelerate diffusers torch transformers
      from pydantic import BaseModel, EmailStr -> email-validator pydantic; from torch.utils.tensorboard import SummaryWriter -> tensorboard torch
      from fastapi.responses import ORJSONResponse -> fastapi[standard] orjson; from starlette.middleware.sessions import S -> itsdangerous starlette uvicorn[standard]`),
  )('%s needs %s', (statement, expected) => expect(needs(statement)).toBe(expected))

  const pandas = (code: string): string => `import pandas as pd\n${code}`
  test.each<[string, string]>([
    [pandas('pd.read_excel("a.xlsx")'), 'openpyxl pandas'],
    [pandas('df.to_excel("a.xlsx", engine="xlsxwriter")'), 'pandas xlsxwriter'],
    [pandas('df.to_parquet("a")'), 'pandas pyarrow'],
    [pandas('pd.read_html(x)'), 'lxml pandas'],
    [pandas('pd.HDFStore("x")'), 'pandas tables'],
    [pandas('df.to_markdown()'), 'pandas tabulate'],
    [pandas('df.style.format("x")'), 'jinja2 pandas'],
    [pandas('df.plot(kind="bar")'), 'matplotlib pandas'],
    [pandas('pd.read_csv("s3://b/x")'), 'pandas s3fs'],
    [pandas('# pd.read_excel("a.xlsx")\ns = "pd.read_excel(x)"\n"""\npd.read_excel(x)\n"""'), 'pandas'],
    ['x.read_excel("a")', ''],
    ['from google.cloud import bigquery\nc.query(q).to_dataframe()', 'db-dtypes google-cloud-bigquery pandas'],
    ['from bs4 import BeautifulSoup\nBeautifulSoup(html, "lxml")', 'beautifulsoup4 lxml'],
    ['from bs4 import BeautifulSoup\nBeautifulSoup(html, "html.parser")', 'beautifulsoup4'],
    ['from celery import Celery\nCelery("x", broker="redis://localhost")', 'celery redis'],
    [
      'from transformers import AutoModelForCausalLM\nm = AutoModelForCausalLM.from_pretrained(x, device_map="auto", load_in_4bit=True)',
      'accelerate bitsandbytes torch transformers',
    ],
    ['import plotly.express as px\nfig.write_image("x.png")', 'kaleido plotly'],
    ['import networkx as nx\nnx.draw(g)', 'matplotlib networkx'],
    ['from langchain.chat_models import init_chat_model\nm = init_chat_model("anthropic:claude")', 'langchain langchain-anthropic'],
    ['from langchain.chat_models import init_chat_model\nm = init_chat_model("x", model_provider="groq")', 'langchain langchain-groq'],
    ['from mem0 import Memory\nc = {"llm": {"provider": "groq"}}', 'groq mem0ai'],
    ['from sqlalchemy import create_engine\ncreate_engine("mysql+pymysql://x")', 'pymysql sqlalchemy'],
    ['from sqlalchemy import create_engine\ncreate_engine(f"postgresql+asyncpg://{x}")', 'asyncpg sqlalchemy'],
    ['from sqlalchemy import create_engine\ncreate_engine("sqlite:///x.db")', 'sqlalchemy'],
    ['from sqlalchemy import create_engine\ncreate_engine("postgresql://x")', 'psycopg[binary] sqlalchemy>=2.1'],
    ['import psycopg2\nfrom sqlalchemy import create_engine\ncreate_engine("postgresql://x")', 'psycopg2-binary sqlalchemy<2.1'],
    ['url = "postgresql://x"', ''],
  ])('%j needs %j', (text, expected) => expect(needs(text)).toBe(expected))

  test('addresses in an example of the environment count', () => {
    expect(needs({ 'main.py': 'import sqlalchemy', '.env.example': 'DB=mysql://x' })).toBe('mysqlclient sqlalchemy')
  })

  test("Django's settings name modules by texts", () => {
    const settings = `
INSTALLED_APPS = [
    'django.contrib.admin',
    'rest_framework',  # the API
    # 'allauth',
    'polls.apps.PollsConfig',
]
MIDDLEWARE = ['corsheaders.middleware.CorsMiddleware', 'whitenoise.middleware.WhiteNoiseMiddleware']
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}
CACHES = {'default': {'BACKEND': 'django_redis.cache.RedisCache'}}
`
    const files = {
      'site/settings.py': settings,
      'manage.py': 'from django.core.management import x',
      'polls/models.py': 'from django.db import models\nx = models.ImageField()',
    }
    expect(needs(files)).toBe('django django-cors-headers django-redis djangorestframework pillow psycopg[binary] whitenoise')
    expect(unknown(files)).toBe('')
  })

  test('a file that one package alone reads, at the top of the unit', () => {
    expect(needs({ 'bot.py': 'import flask', 'pcc-deploy.toml': 'agent_name = "x"' })).toBe('flask pipecatcloud')
    expect(needs({ 'app.py': 'import flask', 'gunicorn.conf.py': 'workers = 2  # postgresql://' })).toBe('flask gunicorn')
    expect(needs({ 'app.py': 'import sqlalchemy', 'alembic.ini': 'sqlalchemy.url = postgresql+asyncpg://' })).toBe(
      'alembic asyncpg sqlalchemy',
    )
    expect(needs({ 'bot.py': 'import flask', 'deploy/pcc-deploy.toml': '', 'pcc-deploy.toml.bak': '', constructor: '' })).toBe('flask')
    const found = infer({ 'bot.py': 'import flask', 'pcc-deploy.toml': '' }).dependencies[1]
    expect(found).toMatchObject({ grade: 'A', evidence: { rule: 'python.indirect.file', file: 'pcc-deploy.toml', line: 1 } })
  })

  test.each(
    rows(`from litellm.proxy import proxy_server -> litellm[proxy]; from arize.otel import register -> arize-otel
      from vercel.queue import send -> vercel-queue; from vercel.sandbox import Sandbox -> vercel`),
  )('%s', (text, expected) => expect(needs(text)).toBe(expected))

  test('what two packages may have is told, with a name that is meant', () => {
    const { dependencies, unresolved } = infer('from vercel.cache import RuntimeCache')
    expect(dependencies).toEqual([])
    expect(unresolved).toMatchObject([{ import: 'vercel.cache' }])
    expect(unresolved[0]?.near[0]).toBe('vercel')
  })

  test('commands of a Procfile and a start script', () => {
    expect(needs({ 'app.py': 'import flask', Procfile: 'web: gunicorn app:app\n# celery' })).toBe('flask gunicorn')
    expect(needs({ 'app.py': 'import django', 'start.sh': '#!/bin/sh\npython celery.py\nexec daphne x:y' })).toBe('daphne django')
  })

  test('says which rule, on which line', () => {
    const [, openpyxl] = infer(`import os\nimport pandas\n\npandas.read_excel(x)\n`).dependencies.toReversed()
    expect(openpyxl).toMatchObject({
      name: 'openpyxl',
      grade: 'A',
      imports: [],
      evidence: { rule: 'python.indirect.use', file: 'main.py', line: 4 },
    })
    expect(infer('from agno.models.openai import X').dependencies[1]).toMatchObject({
      name: 'openai',
      evidence: { rule: 'python.indirect.submodule', line: 1, says: 'imports agno.models.openai.X, which needs it' },
    })
  })
})

describe('2.7 syntax and context', () => {
  test.each<[string, string, string]>([
    ['in a function', 'def f():\n    import requests', 'requests'],
    ['of a try the first that is known', 'try:\n  import tomllib\nexcept ImportError:\n  import tomli', ''],
    ['below TYPE_CHECKING', 'if TYPE_CHECKING:\n  import requests\nelse:\n  import httpx', 'httpx'],
    ['of another system', 'if sys.platform == "win32":\n  import requests', ''],
    [
      'of an older Python',
      'if sys.version_info < (3, 8):\n  import importlib_metadata\nelif sys.version_info[0] == 2:\n  import yaml\nelse:\n  import requests',
      'requests',
    ],
    ['of a newer Python', 'if sys.version_info < (3, 11):\n  import tomli', 'tomli'],
    ['relative', 'from . import requests\nfrom .httpx import x', ''],
    [
      'by name',
      'import importlib\nimportlib.import_module("requests.x")\n__import__("httpx")\nimportlib.import_module(name)',
      'httpx requests',
    ],
    ['in texts and comments', '"""\nimport requests\n"""\n# import httpx\nx = "import yaml"\nexec("import boto3")', ''],
    ['star', 'from requests import *', 'requests'],
    ['joined, bracketed, several', 'import requests.a as b, \\\n  httpx; from yaml import (a, # c\n  d as e,\n)', 'httpx pyyaml requests'],
    ['in f-strings of 3.12', 'x = f"{a["import"]}"\nimport requests', 'requests'],
    ['after an unclosed bracket', 'x = [1,\nimport requests\n', 'requests'],
    ['with CRLF, BOM, form feed', '\uFEFFimport requests\r\n\fimport httpx\r\n', 'httpx requests'],
    ['generated code that is missing', 'import agent_pb2, agent_pb2_grpc', 'grpcio protobuf'],
  ])('%s', (_, text, expected) => expect(needs(text)).toBe(expected))

  test('generated code that is there is local', () => {
    expect(needs({ 'main.py': 'import agent_pb2', 'agent_pb2.py': '' })).toBe('')
  })

  test('a script block speaks for its file, and for no other', () => {
    const script =
      '# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n#   "httpx[http2]>=0.27",\n#   "a-name-of-ours",\n# ]\n# ///\nimport requests\n'
    expect(needs({ 'tool.py': script, 'main.py': 'import yaml' })).toBe('a-name-of-ours httpx[http2]>=0.27 pyyaml')
    expect(infer({ 'tool.py': script }).dependencies[1]).toMatchObject({
      name: 'httpx',
      evidence: { rule: 'python.declared.script-block', file: 'tool.py', line: 4 },
    })
    expect(needs('# /// script\n# dependencies = [\n# ///\nimport requests')).toBe('requests')
  })
})

describe('2.7 notebooks', () => {
  const notebook = (cells: readonly (readonly string[])[], language = 'python'): string =>
    JSON.stringify(
      {
        cells: cells.map((source) => ({ cell_type: 'code', source: source.map((line) => `${line}\n`) })),
        metadata: { language_info: { name: language } },
      },
      null,
      1,
    )

  test('code cells are read, pip lines are declared, magics are passed over', () => {
    const cells = [
      ['!pip install -q "httpx>=0.27" yfinance --index-url https://evil/ our-own[x]==1', '%pip install -r more.txt git+https://x/y'],
      ['%matplotlib inline', 'import requests', 'files = !ls', 'if x:', '    !echo', 'import yaml?'],
      ['%%bash', 'uv pip install rich', 'import boto3'],
      ['%%javascript', 'import stripe'],
      ['%%time', 'import numpy'],
    ]
    const found = infer({ 'a.ipynb': notebook(cells) })
    expect(needs({ 'a.ipynb': notebook(cells) })).toBe('httpx>=0.27 numpy our-own[x]==1 pyyaml requests rich yfinance')
    expect(found.notices).toEqual([expect.objectContaining({ code: 'manifest_not_read', file: 'a.ipynb' })])
    const line =
      notebook(cells)
        .split('\n')
        .findIndex((text) => text.includes('import requests')) + 1
    expect(found.dependencies.find(({ name }) => name === 'requests')?.evidence).toMatchObject({ file: 'a.ipynb', line })
  })

  test('markdown, other languages, broken ones and a program beside', () => {
    expect(needs({ 'a.ipynb': notebook([['import requests']], 'R') })).toBe('')
    expect(needs({ 'a.ipynb': '{"cells": [{"cell_type": "markdown", "source": "import requests"}]}' })).toBe('')
    expect(needs({ 'a.ipynb': '{"cells": [{"cell_type": "code", "source": "import requests\\nimport yaml"}]}' })).toBe('pyyaml requests')
    expect(needs({ 'a.ipynb': '{"cells": [' })).toBe('')
    expect(needs({ 'a.ipynb': notebook([['import requests']]), 'main.py': 'import yaml' })).toBe('pyyaml')
  })
})

describe('2.8 the standard library by version', () => {
  test.each<[string, string, string]>([
    ['asyncore', '3.11', ''],
    ['asyncore', '3.12', 'pyasyncore'],
    ['asynchat', '3.12', 'pyasynchat'],
    ['distutils', '3.12', 'setuptools'],
    ['cgi', '3.13', 'legacy-cgi'],
    ['audioop', '3.13', 'audioop-lts'],
    ['telnetlib', '3.13', 'standard-telnetlib'],
    ['imghdr', '3.13', 'standard-imghdr'],
    ['pipes', '3.13', 'standard-pipes'],
    ['nntplib', '3.13', 'standard-nntplib'],
    ['crypt', '3.13', 'standard-crypt'],
    ['xdrlib', '3.13', 'standard-xdrlib'],
    ['enum', '3.11', ''],
    ['concurrent.futures', '3.11', ''],
    ['_thread', '3.11', ''],
  ])('%s on %s', (module, version, expected) => expect(needs(`import ${module}`, version)).toBe(expected))

  test.each(['urllib2', 'ConfigParser', 'StringIO', 'Queue', 'cPickle', 'httplib', 'Tkinter', 'commands', 'HTMLParser'])(
    '%s is of Python 2',
    (module) => {
      expect(needs(`import ${module}`)).toBe('')
      expect(infer(`import ${module}`).unresolved[0]?.evidence.says).toContain('Python 2')
    },
  )

  test('what needs a display is said', () => {
    expect(infer('import tkinter').notices).toEqual([expect.objectContaining({ code: 'no_display', file: 'main.py', line: 1 })])
    expect(infer('try:\n  import tkinter\nexcept ImportError:\n  pass').notices).toEqual([])
  })
})

describe('2.9 eras, each seen in the wheels', () => {
  test.each(
    rows(`from mcp.server.fastmcp import FastMCP -> mcp<2; import pkg_resources -> setuptools<82; from langchain.chains import X -> langchain<1
      from langchain.memory import X -> langchain-community langchain<1; from langchain.agents import create_agent -> langchain; from openai import OpenAI -> openai>=1.0
      import openai.error -> openai<1; from pydantic import BaseSettings -> pydantic<2; from flask import Markup -> flask<3
      from werkzeug.urls import url_quote -> werkzeug<3; from sqlalchemy.orm import mapped_column -> sqlalchemy>=2; from moviepy.editor import X -> moviepy<2
      from PyPDF2 import PdfFileReader -> pypdf2<3; from tweepy import StreamListener -> tweepy<4; from elasticsearch import RequestsHttpConnection -> elasticsearch<8
      from mistralai.client import MistralClient -> mistralai<1; from telegram.ext import Updater, Filters -> python-telegram-bot<20
      from llama_index import VectorStoreIndex -> llama-index<0.10; from autogen import AssistantAgent -> ag2<1; from agno.storage.sqlite import X -> agno<2 sqlalchemy
      from agno.playground import Playground -> agno<2 fastapi uvicorn; from agno.tools.googlesearch import X -> agno<2.3 googlesearch-python pycountry
      from crewai.memory.short_term import X -> crewai<1; from langchain import hub, PromptTemplate -> langchain<1
      from langchain.agents import AgentExecutor, create_react_agent -> langchain<1; from langchain.agents import AgentState, middleware -> langchain
      from langchain.embeddings import OpenAIEmbeddings -> langchain-community langchain<1 openai tiktoken
      from langchain.chat_models import ChatOpenAI -> langchain-community langchain<1 openai; from langchain.chat_models import init_chat_model -> langchain
      from langchain.tools import tool, BaseTool -> langchain; from langchain.tools import Tool -> langchain<1
      from langchain.tools import DuckDuckGoSearchRun -> ddgs langchain-community langchain<1
      from agno.tools.google_drive import X -> agno<3 google-api-python-client`),
  )('%s is %s', (statement, expected) => {
    expect(needs(statement).split(' ').toSorted().join(' ')).toBe(expected.split(' ').toSorted().join(' '))
  })

  test.each<[string, string]>([
    ['import openai\nopenai.ChatCompletion.create()', 'openai<1'],
    ['import openai\nfrom openai import OpenAI\nopenai.ChatCompletion.create()', 'openai>=1.0'],
    ['import openai\nimport openai.error\nfrom openai import OpenAI', 'openai>=1.0'],
    ['import numpy as np\nx = np.float(1)', 'numpy<1.24'],
    ['import numpy as np\nx = np.float32(1)', 'numpy'],
    ['import pinecone\npinecone.init(api_key=x)', 'pinecone pinecone-client<3'],
    ['from selenium import webdriver\nd.find_element_by_id("x")', 'selenium<4.3'],
  ])('%j is %s', (text, expected) => expect(needs(text)).toBe(expected))

  test('an era says why', () => {
    expect(infer('import mcp\nfrom mcp.server.fastmcp import FastMCP').dependencies[0]?.evidence).toEqual({
      rule: 'python.import.table',
      file: 'main.py',
      line: 2,
      says: 'imports mcp.server.fastmcp.FastMCP, which mcp<2 has',
    })
    expect(infer('import langchain\nfrom langchain.chains import X').dependencies[0]?.evidence.line).toBe(2)
  })
})

test('grades below the accepted one are told and not written', () => {
  const given = (accept: 'A' | 'B' | 'C' | 'D'): string[] =>
    inferPython(sourceOf({ 'main.py': 'import yaml\nfrom google.cloud import storage\nimport crewai, finnhub' }), {
      unit: '.',
      version: '3.11',
      accept,
    }).dependencies.map(({ name }) => name)
  expect(given('D')).toEqual(['crewai', 'finnhub-python', 'google-cloud-storage', 'pyyaml'])
  expect(given('C')).toEqual(['crewai', 'google-cloud-storage', 'pyyaml'])
  expect(given('B')).toEqual(['google-cloud-storage', 'pyyaml'])
  expect(given('A')).toEqual(['pyyaml'])
})
