import { bin, saidBy, tool, type Facts, type Framework, type Refused, type Served } from './framework.ts'
import { readLooseJson } from '../../../infer/loose-json.ts'
import { lineOf } from '../../places.ts'
import { tableAt, textAt } from '../../toml.ts'

/** Frameworks for agents that bring the server themselves, `detection.md` 2.7 row 5. Others are files that start by themselves. */
export const agentFrameworks: readonly Framework[] = [
  { name: 'langgraph', packages: ['@langchain/langgraph', '@langchain/langgraph-cli', '@langchain/langgraph-api'], serve: langGraph },
  {
    name: 'mastra',
    packages: ['mastra', '@mastra/core'],
    serve: ({ tree, has, script }) => {
      const entry = ['src/mastra/index.ts', 'src/mastra/index.js', 'mastra/index.ts'].find((path) => tree.has(path))
      const builds = has('mastra') || /\bmastra build\b/.test(script('build') ?? '')
      // beside another server (Next, Hono) Mastra is a library
      const other = ['next', 'nuxt', 'astro', '@sveltejs/kit', 'express', 'hono', 'fastify'].some((name) => has(name))
      if (entry === undefined || !builds || (other && !/\bmastra build\b/.test(script('build') ?? ''))) return undefined
      return {
        kind: 'served',
        evidence: { rule: 'node.start.framework', file: entry, line: 1, says: 'mastra build makes a server of it' },
        build: [tool('mastra'), 'build'],
        start: () => ['.mastra/output/index.mjs'],
        port: 4111,
        env: { MASTRA_HOST: '0.0.0.0', MASTRA_TELEMETRY_DISABLED: '1' },
        alone: [{ from: '.mastra/output', to: '.mastra/output' }],
      }
    },
  },
  { name: 'xmcp', packages: ['xmcp'], serve: xmcp },
  {
    name: 'eliza',
    packages: ['@elizaos/cli'],
    serve: ({ script }) => ({
      kind: 'served',
      start: () => [bin('@elizaos/cli', 'dist/index.js'), 'start'],
      port: 3000,
      ...(script('build') === undefined ? { builds: false } : {}),
      outputs: [],
    }),
  },
]

/** Programs whose tasks run elsewhere: known last, where nothing of the source serves. */
export const elsewhere: readonly Framework[] = [
  {
    name: 'trigger.dev',
    packages: ['@trigger.dev/sdk'],
    serve: (facts): Refused | undefined =>
      facts.config('trigger.config') && {
        kind: 'refused',
        says: 'the tasks of Trigger.dev run on its own workers, and nothing else of the source starts',
        hint: 'Deploy them with `trigger deploy`. For a program beside them set "entrypoint" in kiln.json.',
      },
  },
]

function langGraph(facts: Facts): Served | undefined {
  const { tree, script } = facts
  const text = tree.text('langgraph.json')
  const graphs = Object.values(tableAt(readLooseJson(text ?? ''), 'graphs')).map((graph) =>
    typeof graph === 'string' ? graph : (textAt(graph, 'path') ?? ''),
  )
  if (text === undefined || !graphs.some((graph) => /\.[cm]?[jt]sx?(?::|$)/.test(graph))) return undefined
  const file = 'langgraph.json'
  const place = { file, line: lineOf(text, '"graphs"') ?? 1 }
  return {
    kind: 'served',
    evidence: { rule: 'node.start.framework', ...place, says: `graphs names ${graphs[0]!.slice(0, 100)}` },
    start: (port) => [
      ...[bin('@langchain/langgraph-cli', 'dist/cli/cli.mjs'), 'dev', '--no-browser', '--host', '0.0.0.0'],
      ...['--port', { env: 'PORT', default: port }],
    ],
    port: 2024,
    ...(script('build') === undefined ? { builds: false } : {}),
    outputs: [],
    needs: { name: '@langchain/langgraph-cli', specifier: '^1', says: 'langgraph.json is served by it' },
    notices: [
      {
        code: 'dev_server',
        message: "The graphs are served by LangGraph's server that keeps its state in memory: what runs is lost when the container ends.",
        ...place,
      },
    ],
  }
}

// Without `http` in its configuration it speaks through standard input, and nobody reaches it by a port.
function xmcp(facts: Facts): Served | undefined {
  const config = facts.config('xmcp.config')
  if (!config) return undefined
  const http = config.has('http') && config.literal('http') !== false
  const local = http && config.literal('host') === undefined
  const message = 'xmcp listens on 127.0.0.1 unless http.host says otherwise, so that nothing reaches it from outside the container.'
  return {
    kind: 'served',
    evidence: saidBy(config, http ? 'http' : 'stdio', http ? 'the transport is http' : 'the transport is stdio'),
    build: [tool('xmcp'), 'build'],
    start: () => [http ? 'dist/http.js' : 'dist/stdio.js'],
    port: http ? Number(config.literal('port')) || 3001 : null,
    outputs: ['dist'],
    ...(local ? { notices: [{ code: 'binds_locally', message, file: config.file, line: config.line('http') }] } : {}),
  }
}
