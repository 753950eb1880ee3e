/** A valid text for each kind of file that detection reads: what a property test then breaks. */
export const validFiles: Readonly<Record<string, string>> = {
  'requirements.txt': 'flask==3.0.0\nopenai>=1.0 ; python_version >= "3.9"\n-r more.txt\n--extra-index-url https://pypi.example/simple\n',
  'more.txt': 'httpx[http2]~=0.27\n-c constraints.txt\n',
  'pyproject.toml':
    '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.10,<3.14"\ndependencies = ["fastapi[standard]", "x @ git+https://h/x.git"]\n[project.scripts]\na = "a.main:run"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n[tool.poetry.dependencies]\npython = "^3.11"\n[build-system]\nrequires = ["hatchling"]\n',
  'package.json':
    '{"name":"a","type":"module","scripts":{"build":"tsc -p . && vite build","start":"node dist/index.js --port $PORT"},"dependencies":{"express":"^5","next":"15.0.0"},"devDependencies":{"typescript":"^5"},"engines":{"node":">=20 <25"},"workspaces":["packages/*"],"packageManager":"pnpm@9.1.0"}',
  'package-lock.json':
    '{"name":"a","lockfileVersion":3,"packages":{"":{"dependencies":{"express":"^5"}},"node_modules/express":{"version":"5.0.1"}}}',
  'pnpm-lock.yaml':
    "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      express:\n        specifier: ^5\n        version: 5.0.1\n",
  'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n  - '!packages/x'\n",
  'yarn.lock': '# yarn lockfile v1\n\n\nexpress@^5:\n  version "5.0.1"\n  resolved "https://registry.yarnpkg.com/express"\n',
  'uv.lock':
    'version = 1\nrequires-python = ">=3.10"\n\n[[package]]\nname = "a"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "fastapi" }]\n\n[[package]]\nname = "fastapi"\nversion = "0.115.0"\nwheels = [{ url = "https://f/fastapi-0.115.0-py3-none-any.whl" }]\n',
  'poetry.lock':
    '[[package]]\nname = "flask"\nversion = "3.0.0"\npython-versions = ">=3.8"\n\n[metadata]\nlock-version = "2.0"\npython-versions = "^3.11"\ncontent-hash = "x"\n',
  Pipfile: '[packages]\nflask = "*"\n[requires]\npython_version = "3.12"\n',
  'environment.yml': 'name: a\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy\n  - pip:\n      - openai\n',
  'setup.py': 'from setuptools import setup\nsetup(name="a", install_requires=["flask"], python_requires=">=3.9")\n',
  'langgraph.json': '{"dependencies":["."],"graphs":{"agent":"./agent/agent.py:graph"},"python_version":"3.12","env":".env"}',
  Procfile: 'web: gunicorn app:app --bind 0.0.0.0:$PORT\nworker: python worker.py\n',
  '.python-version': '3.12\n',
  '.nvmrc': 'lts/*\n',
  '.tool-versions': 'python 3.12.1\nnodejs 22.1.0\n',
  'tsconfig.json':
    '{ // comments\n "extends": "./base.json", "compilerOptions": {"outDir":"dist","paths":{"@/*":["./src/*"]},"jsx":"react-jsx"}, "include":["src"],\n}',
  'next.config.mjs': 'export default { output: "standalone", distDir: "out" }\n',
  'vite.config.ts':
    'import { defineConfig } from "vite"\nexport default defineConfig({ build: { outDir: "build" }, resolve: { alias: { "@": "/src" } } })\n',
  'deno.json': '{"tasks":{"start":"deno run -A main.ts"},"imports":{"hono":"npm:hono@4"}}',
  'go.mod': 'module example.com/a\n\ngo 1.23\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n)\n',
  'kiln.json': '{"port": 9000, "dependencies": {"add": ["httpx>=0.27"]}, "systemPackages": {"add": ["ffmpeg"]}}',
  'index.html': '<!doctype html><title>a</title><script type="module" src="/src/main.tsx"></script>',
  'main.py':
    'import os\nfrom fastapi import FastAPI\nimport azure.storage.blob, google.cloud.storage as s\ntry:\n    import ujson\nexcept ImportError:\n    ujson = None\napp = FastAPI()\nif __name__ == "__main__":\n    import uvicorn\n    uvicorn.run("main:app", host="0.0.0.0", port=int(os.getenv("PORT", "8000")))\n',
  'app.py': 'from flask import Flask\ndef create_app(cfg=None):\n    app = Flask(__name__)\n    return app\n',
  'agent/agent.py': 'from langgraph.graph import StateGraph\nb = StateGraph(dict)\ngraph = b.compile()\nroot_agent = graph\n',
  'agent/__init__.py': 'from .agent import graph\n',
  'src/index.ts':
    'import express from "express"\nimport type { A } from "./a"\nconst x = require("ws")\nexport default { fetch: () => new Response(`a${x}`) }\nexpress().listen(process.env.PORT ?? 3000)\n',
  'src/app.tsx': 'import { useState } from "react"\nexport const App = () => <div a={1}>{/a/.test("b") ? <b/> : `c${1}`}</div>\n',
  'server.js': 'const http = require("node:http")\nhttp.createServer((q, s) => s.end("a")).listen(8080)\n',
  'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n',
  'nb.ipynb': '{"cells":[{"cell_type":"code","source":["!pip install httpx\\n","import numpy as np\\n"]}],"nbformat":4,"metadata":{}}',
  'packages/a/package.json': '{"name":"@x/a","main":"index.js","dependencies":{"@x/b":"workspace:*"}}',
  'packages/b/package.json': '{"name":"@x/b","exports":{".":"./index.js"}}',
  'web/package.json': '{"name":"web","scripts":{"build":"vite build"},"devDependencies":{"vite":"^6"}}',
  'main.go': 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
}
