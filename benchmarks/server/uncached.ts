import { join } from 'node:path'
import { median } from '../measure.ts'
import type { Settings } from '../server.ts'
import { start } from './child.ts'
import { bearer } from './look-ups.ts'
import type { OurFacts } from './ours.ts'
import { answerTo, busy, wrk, type Load } from './wrk.ts'

/** ms of p99, from the request to its 202 */
const target = 300
/** how many ask at once, and for how many ms each thinks between two requests */
const ways = [
  { connections: 1, think: 50 },
  { connections: 10, think: 200 },
] as const

/** RunAgents' POST of 20 files that nobody has sent before: planned, kept and queued before its answer; builds run beside it, as they come. */
export async function uncachedPosts({ scratch, rounds, seconds }: Settings): Promise<readonly string[]> {
  await using ours = await start<OurFacts>('ours', [join(scratch, 'uncached')])
  const load = {
    url: `${ours.facts.address}/api/builds`,
    headers: bearer(ours.facts),
    body: JSON.stringify(agentOfFiles(20)),
    numbered: true,
  }
  const missed: string[] = []
  console.log('\nRunAgents POST of 20 files, each time with others')
  console.log(`the first, right after the start: ${(await msOf(load)).toFixed(0)} ms`)
  for (const way of ways) {
    const p99s: number[] = []
    for (let round = 0; round < rounds; round++) p99s.push(await one({ ...load, ...way, seconds: Math.max(seconds, 5) }))
    const p99 = median(p99s)
    if (p99 > target) missed.push(`RunAgents POST, uncached, ${way.connections} at once: p99 ${p99.toFixed(0)} ms, not at most ${target}`)
  }
  return missed
}

async function one(load: Load): Promise<number> {
  const { requests, p50, p99, max, bad } = await wrk(load).seen
  if (bad > 0) throw new Error(`${bad} of ${requests} requests failed`)
  const figures = `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms`
  console.log(`${load.connections} at once: ${requests} requests, ${figures}, load ${busy()}`)
  return p99
}

async function msOf(load: Pick<Load, 'url' | 'headers' | 'body'>): Promise<number> {
  const begun = performance.now()
  await answerTo(load)
  return performance.now() - begun
}

function agentOfFiles(count: number): object {
  const modules = Array.from({ length: count - 2 }, (_, i) => [`agent/tools/tool_${i}.py`, tool(i)] as const)
  const files = { 'agent.py': agent, 'requirements.txt': 'flask==3.0.3\nrequests==2.32.3\n', ...Object.fromEntries(modules) }
  return { name: 'my-agent', files, entry_point: 'agent.py' }
}

const agent = `import flask\n\nfrom agent.tools import tool_0\n\napp = flask.Flask("NUMBER")\n\n\n@app.get("/")\ndef index():\n    return tool_0.run({})\n\n\napp.run(host="0.0.0.0")\n`

/** some 2 kB */
function tool(i: number): string {
  const functions = Array.from(
    { length: 8 },
    (_, n) =>
      `def step_${n}(state: dict) -> dict:\n    """Asks for what is missing, and notes the answer."""\n    reply = requests.get(f"https://example.com/{i}/${n}", timeout=10)\n    return {**state, "step_${n}": json.loads(reply.text), "made": os.environ.get("STAGE", "NUMBER")}\n`,
  )
  return `import json\nimport os\n\nimport requests\n\n\n${functions.join('\n\n')}\n\ndef run(state: dict) -> dict:\n    return step_0(state)\n`.replaceAll(
    '{i}',
    String(i),
  )
}
