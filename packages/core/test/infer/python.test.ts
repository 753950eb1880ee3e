import { describe, expect, test } from 'vitest'
import { inferPython } from '../../src/infer/python.ts'
import { reachablePython } from '../../src/infer/python-files.ts'
import { resolvePython } from '../../src/infer/python-packages.ts'
import { sourceOf } from './sources.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

/** What the files need, as a requirements file would say it. */
function needs(files: Files | string, version = '3.11', unit = '.'): string[] {
  return inferred(files, version, unit).dependencies.map(
    ({ name, extras, specifier }) => `${name}${extras ? `[${extras.join(',')}]` : ''}${specifier}`,
  )
}

function inferred(files: Files | string, version = '3.11', unit = '.'): ReturnType<typeof inferPython> {
  return inferPython(sourceOf(typeof files === 'string' ? { 'agent.py': files } : files), { unit, version })
}

function unknown(files: Files | string, version = '3.11'): string[] {
  return inferred(files, version).unresolved.map((one) => one.import)
}

test("the documented table's nine rows", () => {
  const text = `import openai\nfrom langchain import x\nimport anthropic\nimport requests\nimport stripe\nimport boto3\nfrom fastapi import FastAPI\nimport pandas\nimport numpy\n`
  expect(needs(text)).toEqual([
    'anthropic',
    'boto3',
    'fastapi[standard]',
    'langchain',
    'numpy',
    'openai>=1.0',
    'pandas',
    'requests',
    'stripe',
  ])
  expect(inferred(text).dependencies.map(({ grade }) => grade)).toEqual(Array(9).fill('A'))
})

test('a dependency says why: grade, rule, file and line', () => {
  const [yaml] = inferred({ 'a.py': 'import os\n\nimport yaml\n', 'b.py': 'from yaml import load\n' }).dependencies
  expect(yaml).toEqual({
    origin: 'inferred',
    ecosystem: 'pypi',
    name: 'pyyaml',
    specifier: '',
    group: 'default',
    grade: 'A',
    imports: ['yaml'],
    evidence: { rule: 'python.import.table', file: 'a.py', line: 3, says: 'imports yaml' },
  })
})

describe('modules to packages', () => {
  test.each<[string, string | undefined]>([
    // names on the index that belong to somebody else
    ['attr', 'attrs A'],
    ['bs4', 'beautifulsoup4 A'],
    ['discord', 'discord-py A'],
    ['docx', 'python-docx A'],
    ['dotenv', 'python-dotenv A'],
    ['faiss', 'faiss-cpu A'],
    ['fitz', 'pymupdf A'],
    ['haystack', 'haystack-ai A'],
    ['hydra', 'hydra-core A'],
    ['jwt', 'pyjwt A'],
    ['kafka', 'kafka-python A'],
    ['multipart', 'multipart A'],
    ['pipecat', 'pipecat-ai A'],
    ['serial', 'pyserial A'],
    ['skimage', 'scikit-image A'],
    ['sklearn', 'scikit-learn A'],
    ['tavily', 'tavily-python A'],
    ['telegram', 'python-telegram-bot A'],
    ['usb', 'pyusb A'],
    ['whisper', 'openai-whisper A'],
    ['psycopg2', 'psycopg2-binary A'],
    ['cv2', 'opencv-python-headless A'],
    ['PIL', 'pillow A'],
    ['git', 'gitpython A'],
    ['agents.Agent', 'openai-agents A'],
    ['agents.billing', undefined],
    // namespaces
    ['google', undefined],
    ['google.cloud', undefined],
    ['google.cloud.storage', 'google-cloud-storage B'],
    ['google.cloud.secretmanager_v1', 'google-cloud-secret-manager B'],
    ['google.cloud.exceptions', 'google-cloud-core A'],
    ['google.cloud.sql.connector', 'cloud-sql-python-connector A'],
    ['google.genai', 'google-genai B'],
    ['google.protobuf', 'protobuf A'],
    ['google.oauth2.service_account', 'google-auth A'],
    ['google.colab', undefined],
    ['azure', undefined],
    ['azure.identity.aio', 'azure-identity B'],
    ['azure.storage.filedatalake', 'azure-storage-file-datalake B'],
    ['opentelemetry.trace', 'opentelemetry-api A'],
    ['opentelemetry.sdk.trace', 'opentelemetry-sdk B'],
    ['opentelemetry.instrumentation.fastapi', 'opentelemetry-instrumentation-fastapi B'],
    ['llama_index.core', 'llama-index-core B'],
    ['llama_index.llms.openai', 'llama-index-llms-openai B'],
    ['livekit.rtc', 'livekit A'],
    ['livekit.plugins.silero', 'livekit-plugins-silero B'],
    ['livekit.plugins.minimax', 'livekit-plugins-minimax-ai A'],
    ['airflow.providers.google.cloud', 'apache-airflow-providers-google B'],
    ['langgraph.checkpoint.postgres', 'langgraph-checkpoint-postgres B'],
    ['langgraph.graph', 'langgraph A'],
    ['ruamel.yaml', 'ruamel-yaml B'],
    ['aws_cdk.aws_s3', 'aws-cdk-lib A'],
    // names
    ['langchain_openai', 'langchain-openai C'],
    ['langchain_google_genai.chat_models', 'langchain-google-genai C'],
    ['langchain_nobody', undefined],
    ['crewai', 'crewai C'],
    ['smolagents', 'smolagents C'],
    ['crypto', undefined],
    ['config', undefined],
    ['utils', undefined],
    ['a_name_nobody_has', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
    ['toString', undefined],
  ])('%s', (module, expected) => {
    const found = resolvePython(module)
    expect(found === undefined ? undefined : `${found.name} ${found.grade}`).toBe(expected)
  })

  test('names of a from-import decide inside namespaces', () => {
    expect(
      needs('from google.cloud import storage, bigquery\nfrom google import genai\nfrom livekit.plugins import openai, silero\n'),
    ).toEqual(['google-cloud-bigquery', 'google-cloud-storage', 'google-genai', 'livekit-plugins-openai', 'livekit-plugins-silero'])
    expect(unknown('from google.cloud import storage, nonsense\n')).toEqual(['google.cloud.nonsense'])
  })

  test('what several imports ask of one package is added up', () => {
    expect(needs('import mcp.client\nfrom mcp.server.fastmcp import FastMCP\nimport pkg_resources\n')).toEqual(['mcp<2', 'setuptools<82'])
    expect(inferred('import mcp.client\nimport mcp.server.fastmcp\n').dependencies[0]).toMatchObject({ grade: 'A', evidence: { line: 2 } })
  })
})

describe('modules of the source come first', () => {
  test.each<[string, Files]>([
    ['a file beside', { 'agent.py': 'import openai', 'openai.py': '' }],
    ['a package beside', { 'agent.py': 'from agents import Agent', 'agents/__init__.py': '' }],
    ['a directory without __init__', { 'agent.py': 'from agents.Agent import x', 'agents/Agent.py': '' }],
    ['src layout', { 'main.py': 'import requests', 'src/requests/__init__.py': '' }],
    ['a package above', { 'app/api/routes.py': 'from openai import x', 'openai/__init__.py': '' }],
    ['beside a script in a directory', { 'jobs/run.py': 'import stripe', 'jobs/stripe.py': '' }],
    ['relative', { 'pkg/__init__.py': 'from . import openai\nfrom .stripe import x', 'pkg/openai.py': '' }],
    ['a compiled module', { 'agent.py': 'import numpy', 'numpy.cpython-311-x86_64-linux-gnu.so': '' }],
  ])('%s', (_, files) => expect(needs(files)).toEqual([]))

  test('a sibling inside a package does not shadow', () => {
    expect(needs({ 'pkg/__init__.py': '', 'pkg/openai.py': '', 'pkg/a.py': 'import openai' })).toEqual(['openai>=1.0'])
  })

  test('a directory that only has the name of a package does not shadow it', () => {
    expect(needs({ 'agent.py': 'import docker', 'docker/healthcheck.py': '' })).toEqual(['docker'])
    expect(unknown({ 'agent.py': 'import mine', 'mine/part.py': '' })).toEqual([])
  })

  test('only the unit is read, and its own modules count', () => {
    const files = { 'a/main.py': 'import helper, requests', 'a/helper.py': '', 'b/main.py': 'import stripe' }
    expect(needs(files, '3.11', 'a')).toEqual(['requests'])
  })

  test('only the given files are read', () => {
    const source = sourceOf({
      'main.py': 'import used\nfrom lib import deep',
      'used.py': 'import requests',
      'lib/deep.py': 'import stripe',
      'other.py': 'import boto3',
    })
    const files = reachablePython(source, '.', 'main.py')
    expect(files).toEqual(['main.py', 'used.py', 'lib/deep.py'])
    expect(inferPython(source, { unit: '.', version: '3.11', files }).dependencies.map(({ name }) => name)).toEqual(['requests', 'stripe'])
  })

  test('tests, examples and environments are no part of the program', () => {
    const beside = [
      'tests/a.py',
      'test_a.py',
      'a_test.py',
      'conftest.py',
      'docs/conf.py',
      'examples/a.py',
      'scripts/a.py',
      'setup.py',
      '.venv/x.py',
      'venv/lib/x.py',
    ]
    expect(needs({ 'main.py': '', ...Object.fromEntries(beside.map((path) => [path, 'import requests'])) })).toEqual([])
    expect(needs({ 'scripts/only.py': 'import requests' })).toEqual(['requests'])
  })
})

describe('the standard library, by version', () => {
  test.each<[string, string, string[], string[]]>([
    ['import os, asyncio, __future__, _thread\nimport xml.etree.ElementTree', '3.11', [], []],
    ['import tomllib', '3.11', [], []],
    ['import distutils.core', '3.11', [], []],
    ['import distutils.core', '3.12', ['setuptools'], []],
    ['import cgi', '3.13', ['legacy-cgi'], []],
    ['import imp', '3.13', [], ['imp']],
    ['import annotationlib', '3.14.2', [], []],
    ['import urllib2, ConfigParser', '3.11', [], ['ConfigParser', 'urllib2']],
  ])('%s on %s', (text, version, packages, missing) => {
    expect(needs(text, version)).toEqual(packages)
    expect(unknown(text, version)).toEqual(missing)
  })
})

describe('imports a program runs without', () => {
  const guarded = (one: string, other: string): string => `try:\n  import ${one}\nexcept ImportError:\n  ${other}\n`

  test('are listed and not installed', () => {
    const found = inferred(`${guarded('torch', 'torch = None')}if TYPE_CHECKING:\n  import stripe\n`)
    expect(found.dependencies).toEqual([])
    expect(found.imports.map(({ module, optional }) => [module, optional])).toEqual([
      ['torch', true],
      ['stripe', true],
    ])
  })

  test('of alternatives the first known one counts', () => {
    expect(needs(guarded('ujson', 'import json'))).toEqual([])
    expect(needs(guarded('langchain_openai', 'import langchain_community'))).toEqual(['langchain-openai'])
    expect(needs(guarded('nobody_has_this', 'import requests'))).toEqual(['requests'])
    expect(needs(guarded('tomllib', 'import tomli as tomllib'))).toEqual([])
    expect(needs(guarded('tomllib', 'import tomli as tomllib'), '3.10')).toEqual(['tomli'])
    expect(unknown(guarded('nobody_has_this', 'import nor_that'))).toEqual(['nobody_has_this'])
  })

  test('another operating system has no packages here', () => {
    expect(needs('import win32api\n')).toEqual([])
    expect(inferred('import win32api\n').unresolved[0]?.evidence.says).toContain('another operating system')
  })
})

describe('nothing is guessed into existence', () => {
  test('unknown names are reported with names that look alike', () => {
    const [first] = inferred('import os\nimport reqeusts\n').unresolved
    expect(first).toEqual({
      import: 'reqeusts',
      ecosystem: 'pypi',
      grade: 'F',
      near: ['requests'],
      evidence: { rule: 'python.import.unknown', file: 'agent.py', line: 2, says: 'no known package provides reqeusts' },
    })
  })

  test('what is no import is nothing', () => {
    const found = inferred('import os; import __proto__; import -evil\nimport evil-pkg\n')
    expect(found.dependencies).toEqual([])
    expect(found.unresolved.map((one) => one.import)).toEqual(['__proto__', 'evil'])
  })

  test('a name with strange letters is safe to show', () => {
    const found = inferred('import a\u202Eb\n')
    expect(found.unresolved[0]?.evidence.says).not.toContain('\u202E')
  })
})

test('an ASGI application gets a server when it has none', () => {
  expect(needs('from starlette.applications import Starlette')).toEqual(['starlette', 'uvicorn[standard]'])
  expect(needs('from starlette.applications import Starlette\nimport hypercorn')).toEqual(['hypercorn', 'starlette'])
  expect(needs('from fastapi import FastAPI\nimport starlette')).toEqual(['fastapi[standard]', 'starlette'])
})

test('files beyond the budget are left out with a notice', () => {
  const found = inferred({ 'big.py': `import stripe\n${'#'.repeat(2 * 2 ** 20)}`, 'main.py': 'import requests' })
  expect(found.dependencies.map(({ name }) => name)).toEqual(['requests'])
  expect(found.notices).toEqual([expect.objectContaining({ code: 'file_not_inferred', file: 'big.py' })])
})

test('a hundred thousand imports of one package are one dependency', () => {
  const found = inferred('import requests.a;'.repeat(100_000))
  expect(found.dependencies.map(({ name, imports }) => [name, imports])).toEqual([['requests', ['requests.a']]])
})

test('bytes that are not UTF-8 are read', () => {
  const bytes = Uint8Array.from([...new TextEncoder().encode('# caf'), 0xe9, ...new TextEncoder().encode('\nimport requests\n')])
  expect(needs({ 'main.py': bytes })).toEqual(['requests'])
})

test.each([
  ['import a\ndef f(:\n    return g(1)\n', 2],
  ['x = [\n  1,\nimport requests\nprint(1)\n', 1],
  ['x = 1\ny = (2))\n', 2],
  ['def f():\n    return {"a": 1\n', 2],
  ['import a\nx = """one\nimport b\n', 2],
])('a bracket without its other half, or a text without an end: %j', (text, line) => {
  const found = inferred({ 'main.py': text, 'fine.py': 'x = {"(": f"{a[1]}"} # (\ny = """(\n"""\n' })
  expect(found.notices).toEqual([expect.objectContaining({ code: 'file_not_inferred', file: 'main.py', line })])
})
