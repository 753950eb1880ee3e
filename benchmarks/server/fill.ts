import { files, type Kiln, type StepEvent } from '@kiln/core'

const text = 'Collecting some-package==1.2.3 (from -r requirements.txt (line 4)) Downloading some_package-1.2.3-py3-none-any.whl'

/** What every build says: one step of a hundred lines. */
export const logEvents: readonly StepEvent[] = [
  { step: '1', type: 'step-started', title: 'RUN pip install', line: 2 },
  ...Array.from({ length: 100 }, (_, line): StepEvent => ({ step: '1', type: 'log', stream: 'out', text: `${line} ${text}` })),
  { step: '1', type: 'step-finished', cached: false },
]

/** Makes builds that have ended, each with a Run, a context and a log of its own, until there are `count`; their ids, the oldest first. */
export async function fill(kiln: Kiln, count: number): Promise<{ readonly ids: readonly string[] }> {
  let next = await kiln.count()
  const worker = async (): Promise<void> => {
    while (next < count) await one(kiln, next++)
  }
  await Promise.all(Array.from({ length: 64 }, worker))
  return { ids: (await kiln.list({ limit: 10_000, order: 'asc' })).map(({ id }) => id) }
}

async function one(kiln: Kiln, number: number): Promise<void> {
  await using source = await files({ Dockerfile: `FROM scratch\n# ${number}\nCOPY . .\n`, 'main.py': `print(${number})\n` })
  const build = await kiln.build({
    name: 'agent',
    source,
    how: { dockerfile: 'Dockerfile' },
    partition: 'us-west',
    attributes: {
      api: 'pipecat',
      region: 'us-west',
      contextHash: hashOf(number),
      dockerfilePath: 'Dockerfile',
      contextSizeBytes: '10485760',
    },
  })
  const { state } = await build.result()
  if (state !== 'succeeded') throw new Error(`build ${number} is ${state}`)
}

/** The hash of the context of a build by its number. */
export function hashOf(number: number): string {
  return number.toString(16).padStart(16, '0')
}
