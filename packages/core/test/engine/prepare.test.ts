import { fakeDriver } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { hashTree } from '../../src/context/hash.ts'
import type { DockerfileRecipe } from '../../src/dockerfile/recipe.ts'
import { prepare } from '../../src/prepare.ts'
import { files } from '../../src/source/files.ts'

test('what cannot be written down is found before the first upload, which nobody would wait for', async () => {
  await using source = await files({ Dockerfile: 'FROM scratch\n' })
  const driver = fakeDriver()
  const drivers = { drivers: [driver], untrusted: false, probe: (one: typeof driver) => one.probe({}) }
  let uploads = 0
  const blobs = { put: () => (uploads++, Promise.resolve('sha256:0')) }
  const added = { x: 1n } as unknown as DockerfileRecipe['added']
  const recipe: DockerfileRecipe = { kind: 'dockerfile', dialect: 'classic', text: 'FROM scratch\n', added, needs: [] }
  const wish = { kind: 'dockerfile', source, notices: [], recipe, needs: [] }
  const miss = { tenant: 'a', repository: 'r/a/x', request: { name: 'x', source }, wish, tree: await hashTree(source), parts: [], why: '' }
  const deps = { blobs, drivers, maxContext: 1e6, runMs: 1, silenceMs: 1, pushes: true, output: 'push', sharedBases: [] }
  await expect(prepare({ ...deps, registry: undefined } as never, miss as never)).rejects.toThrow(TypeError)
  expect(uploads).toBe(0)
})
