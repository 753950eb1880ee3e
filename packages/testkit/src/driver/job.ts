import type { BuildError, DockerfileRecipe, Job } from '@kiln/core'
import { createHash } from 'node:crypto'

export interface JobParts extends Partial<Omit<Job, 'recipe' | 'context' | 'output'>> {
  /** the Dockerfile; it lies in the context as `Dockerfile` when `own`, else it travels beside the source */
  readonly dockerfile: string
  readonly own?: boolean
  /** names and texts of the source; default one file */
  readonly files?: Readonly<Record<string, string>>
  readonly needs?: readonly string[]
  readonly target?: string
  readonly output?: Job['output']['kind']
  readonly ref?: string
  /** the context breaks with this error after its first file */
  readonly broken?: BuildError
}

/** A job for a driver under test, with a small source in memory and an attempt reference of its own. */
export function testJob(parts: JobParts): Job {
  const { dockerfile, own, files = { 'hello.txt': 'hello\n' }, needs = [], target, output = 'load', ref, broken, ...more } = parts
  const run = more.run ?? `run-${crypto.randomUUID().slice(0, 13)}`
  const attempt = more.attempt ?? 1
  const source = own ? { ...files, Dockerfile: dockerfile } : files
  const recipe: DockerfileRecipe = {
    kind: 'dockerfile',
    dialect: needs.includes('buildkit') ? 'buildkit' : 'classic',
    text: dockerfile,
    added: {},
    needs,
    ...(own ? { path: 'Dockerfile' } : {}),
    ...(target === undefined ? {} : { target }),
  }
  return {
    tenant: 'suite',
    platforms: ['linux/amd64'],
    args: {},
    labels: {},
    epoch: 1_700_000_000,
    limits: {},
    cacheScope: 'suite/app',
    cache: 'use',
    pull: false,
    secret: async () => new Uint8Array(),
    credential: async () => undefined,
    ...more,
    run,
    attempt,
    recipe,
    output: { kind: output === 'archive' ? 'load' : output, ref: ref ?? `localhost/kiln/suite/app:attempt-${run}-${attempt}` },
    context: {
      digest: `sha256:${createHash('sha256').update(JSON.stringify(source)).digest('hex')}`,
      async *tar({ added = {} } = {}) {
        for (const [name, text] of Object.entries({ ...source, ...added }).sort(([a], [b]) => (a < b ? -1 : 1))) {
          yield tarEntry(name, text)
          if (broken !== undefined) throw broken
        }
        yield new Uint8Array(1024)
      },
    },
  }
}

/** One regular file in the ustar format (POSIX.1-1988), names up to 100 bytes. */
function tarEntry(name: string, text: string): Uint8Array {
  const body = Buffer.from(text)
  const entry = Buffer.alloc(512 + Math.ceil(body.length / 512) * 512)
  const octal = (value: number, at: number, width: number): void =>
    void entry.write(value.toString(8).padStart(width - 1, '0'), at, 'latin1')
  entry.write(name, 0, 100, 'utf8')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(body.length, 124, 12)
  octal(0, 136, 12)
  entry.write('        0', 148, 'latin1')
  entry.write('ustar\u000000', 257, 'latin1')
  octal(
    entry.subarray(0, 512).reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  body.copy(entry, 512)
  return entry
}
