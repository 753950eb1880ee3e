import { setImmediate as turn } from 'node:timers/promises'
import { plan } from '../plan/make-plan.ts'
import type { Planned } from '../plan/plan.ts'
import { files } from '../source/files.ts'

/** A program of Python and one of JavaScript, as they come: with an import of its own, a manifest, and a port. */
const samples: readonly Readonly<Record<string, string>>[] = [
  {
    'main.py': `import os\n\nimport flask\n\nfrom tools import search\n\napp = flask.Flask(__name__)\n\n\n@app.get("/")\ndef index() -> str:\n    """Answers."""\n    return search.run(os.environ.get("STAGE", ""))\n\n\nif __name__ == "__main__":\n    app.run(host="0.0.0.0", port=8080)\n`,
    'tools/search.py': `import json\n\nimport requests\n\n\ndef run(stage: str) -> str:\n    reply = requests.get(f"https://example.com/{stage}", timeout=10)\n    return json.dumps({**reply.json(), "stage": stage})\n`,
    'requirements.txt': 'flask==3.0.3\nrequests\n',
  },
  {
    'package.json': `{ "name": "agent", "type": "module", "scripts": { "start": "node index.js" }, "dependencies": { "express": "^5.1.0" } }\n`,
    'index.js': `import express from 'express'\nimport { run } from './tools.js'\n\nconst app = express()\napp.get('/', async (_request, response) => response.json(await run()))\napp.listen(process.env.PORT ?? 3000)\n`,
    'tools.js': `export async function run() {\n  const reply = await fetch('https://example.com/')\n  return { text: await reply.text() }\n}\n`,
  },
]

/** Plans something once: the first plan of a thread takes ten times the next one. A source that is there already comes first. */
export async function warmUp(): Promise<readonly Planned[]> {
  const answers: Planned[] = []
  for (const sample of samples) {
    await turn()
    await using source = await files(sample)
    answers.push(plan(source))
  }
  return answers
}
