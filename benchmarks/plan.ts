// How long a plan takes in process, after load:   npm run bench -- plan
// Sources are of memory, each round a new one, so that nothing of an earlier round is remembered; they are made before the clock starts.
import { files, plan, type Source } from '../packages/core/src/index.ts'
import { claimsTable, measure, samplesTable } from './measure.ts'

const rounds = 11

interface Case {
  readonly name: string
  readonly what: string
  readonly tree: Readonly<Record<string, string>>
  /** ms */
  readonly target: number
}

export default async function main(): Promise<boolean> {
  const cases: readonly Case[] = [
    { name: 'agent', what: 'a Python agent of 20 files', tree: agent(), target: 10 },
    { name: 'node agent', what: 'a TypeScript agent of 20 files', tree: nodeAgent(), target: 10 },
    { name: 'pnpm', what: 'a pnpm monorepo of 2,000 files, one app of 40 packages', tree: pnpm(), target: 150 },
    { name: 'several', what: 'the same with ten apps, to candidates', tree: pnpm(10), target: 150 },
    { name: 'uv', what: 'a uv workspace of 2,000 files', tree: uv(), target: 150 },
  ]
  for (const { name, tree } of cases) console.log(`${name}: ${Object.keys(tree).length} files, ${await answered(tree)}`)
  const sources = new Map(await Promise.all(cases.map(async ({ name, tree }) => [name, await copies(tree)] as const)))
  const samples = await measure(
    cases.map(({ name }) => ({ name, run: () => plan(sources.get(name)!.pop()!) })),
    rounds,
  )
  console.log(samplesTable(samples.values()))
  const { text, met } = claimsTable(cases.map(({ name, what, target }) => ({ what, ours: samples.get(name)!, target })))
  console.log(text)
  return met
}

async function answered(tree: Case['tree']): Promise<string> {
  const answer = plan(await files(tree))
  if (!answer.ok) return `${answer.code}, ${answer.candidates.length} candidates`
  return `${answer.plan.unit}, context ${answer.plan.context?.length ?? 'all'}, ${answer.plan.steps.length} steps`
}

/** One for each round, and for the one before. */
function copies(tree: Case['tree']): Promise<Source[]> {
  return Promise.all(Array.from({ length: rounds + 1 }, () => files(tree)))
}

function agent(): Record<string, string> {
  const tools = Array.from({ length: 16 }, (_, i) => [`app/tools/tool${i}.py`, pythonFile(i)] as const)
  return {
    ...Object.fromEntries(tools),
    'app/__init__.py': '',
    'app/tools/__init__.py': '',
    'app/main.py':
      'from fastapi import FastAPI\nfrom app.tools.tool0 import run0\n\napp = FastAPI()\n\n@app.get("/")\ndef index():\n    return run0("x")\n',
    'requirements.txt': 'fastapi\nuvicorn\nhttpx\npydantic\n',
  }
}

function nodeAgent(): Record<string, string> {
  const tools = Array.from({ length: 17 }, (_, i) => [`src/tools/tool${i}.ts`, typedFile(i)] as const)
  return {
    ...Object.fromEntries(tools),
    'package.json': JSON.stringify({
      name: 'agent',
      type: 'module',
      scripts: { build: 'tsc', start: 'node dist/server.js' },
      dependencies: { hono: '^4.0.0', '@hono/node-server': '^1.0.0' },
      devDependencies: { typescript: '^5.0.0' },
    }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { outDir: 'dist', rootDir: 'src' } }),
    'src/server.ts':
      "import { serve } from '@hono/node-server'\nimport { Hono } from 'hono'\nimport { run0 } from './tools/tool0.js'\nconst app = new Hono()\napp.get('/', (c) => c.text(run0('x')))\nserve({ fetch: app.fetch, port: 3000 })\n",
  }
}

/** Forty packages of 50 files; the first app needs every fourth. */
function pnpm(apps = 1): Record<string, string> {
  const tree: Record<string, string> = {
    'package.json': JSON.stringify({
      name: 'root',
      private: true,
      packageManager: 'pnpm@10.1.0',
      scripts: { build: 'turbo run build' },
      devDependencies: { turbo: '^2.0.0', typescript: '^5.0.0' },
    }),
    'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n',
    'turbo.json': '{ "tasks": { "build": { "dependsOn": ["^build"], "outputs": ["dist/**"] } } }',
    'pnpm-lock.yaml': lock(),
    'tsconfig.base.json': '{ "compilerOptions": { "strict": true } }',
  }
  for (let i = 0; i < 40; i++) {
    const app = i < apps
    const directory = app ? `apps/app${i}` : `packages/lib${i}`
    const needs = app
      ? Array.from({ length: 9 }, (_, n) => 4 * (n + 1)).filter((n) => n >= apps)
      : i > 10
        ? [i - 1].filter((n) => n >= apps && n % 4 !== 0)
        : []
    tree[`${directory}/package.json`] = JSON.stringify({
      name: app ? `@r/app${i}` : `@r/lib${i}`,
      version: '1.0.0',
      ...(app ? {} : { main: 'dist/index.js' }),
      scripts: { build: 'tsc', test: 'vitest', ...(app ? { start: 'node dist/server.js' } : {}) },
      dependencies: { zod: '^4.0.0', express: '^5.0.0', ...Object.fromEntries(needs.map((n) => [`@r/lib${n}`, 'workspace:*'])) },
      devDependencies: { typescript: '^5.0.0' },
    })
    tree[`${directory}/tsconfig.json`] =
      '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "outDir": "dist", "rootDir": "src" } }'
    for (let n = 0; n < 47; n++) tree[`${directory}/src/part${n}.ts`] = typedFile(n)
    tree[`${directory}/src/${app ? 'server' : 'index'}.ts`] = app
      ? "import express from 'express'\nimport './part0.js'\nexpress().listen(3000)\n"
      : "export * from './part0.js'\n"
  }
  return tree
}

function uv(): Record<string, string> {
  const packages = Array.from({ length: 40 }, (_, i) => i)
  const project = (name: string, needs: readonly string[]): string =>
    `[project]\nname = "${name}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = [${needs.map((one) => `"${one}"`).join(', ')}]\n\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n`
  const tree: Record<string, string> = {
    'pyproject.toml': '[tool.uv.workspace]\nmembers = ["apps/*", "libs/*"]\n',
    'uv.lock': `version = 1\nrequires-python = ">=3.11"\n${packages.map((i) => `[[package]]\nname = "${i === 0 ? 'app0' : `lib${i}`}"\nversion = "0.1.0"\nsource = { editable = "${i === 0 ? 'apps/app0' : `libs/lib${i}`}" }\n`).join('')}`,
  }
  for (const i of packages) {
    const directory = i === 0 ? 'apps/app0' : `libs/lib${i}`
    const name = i === 0 ? 'app0' : `lib${i}`
    tree[`${directory}/pyproject.toml`] = project(
      name,
      i === 0 ? ['fastapi', 'uvicorn', ...packages.filter((n) => n > 0 && n % 4 === 0).map((n) => `lib${n}`)] : ['httpx'],
    )
    for (let n = 0; n < 47; n++) tree[`${directory}/src/${name}/part${n}.py`] = pythonFile(n)
    tree[`${directory}/src/${name}/__init__.py`] = ''
    if (i === 0) tree[`${directory}/src/app0/main.py`] = 'from fastapi import FastAPI\nfrom app0.part0 import run0\n\napp = FastAPI()\n'
  }
  return tree
}

function lock(): string {
  const packages = Array.from({ length: 800 }, (_, i) => `  package${i}@1.${i}.0:\n    resolution: {integrity: sha512-${'a'.repeat(80)}}\n`)
  return `lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\npackages:\n\n${packages.join('\n')}\nsnapshots:\n`
}

/** About 40 lines each, as agents have them. */
function pythonFile(i: number): string {
  const body = Array.from(
    { length: 6 },
    (_, n) =>
      `def step${n}(text: str) -> str:\n    """One of the steps."""\n    if not text:\n        return ""\n    return json.dumps({"n": ${n}, "text": text.strip()})\n`,
  )
  return `import json\nimport os\n\nimport httpx\nfrom pydantic import BaseModel\n\n\nclass Tool${i}(BaseModel):\n    name: str = "tool"\n\n\n${body.join('\n\n')}\n\ndef run${i}(text: str) -> str:\n    return step0(text) + os.environ.get("SUFFIX", "")\n`
}

function typedFile(i: number): string {
  const body = Array.from(
    { length: 6 },
    (_, n) =>
      `export function step${n}(text: string): string {\n  // one of the steps\n  if (text === '') return ''\n  return JSON.stringify({ n: ${n}, text: text.trim() })\n}\n`,
  )
  return `import { readFileSync } from 'node:fs'\nimport { z } from 'zod'\n\nexport interface Tool${i} {\n  readonly name: string\n}\n\nexport const schema = z.object({ name: z.string() })\n\n${body.join('\n')}\nexport function run${i}(text: string): string {\n  return step0(text) + readFileSync('suffix.txt', 'utf8')\n}\n`
}
