import { expect, test } from 'vitest'
import { world } from './world.ts'

// Without a registry the images of all tenants are in one builder, some under names that can be guessed: `agent:latest`.

const theirs = 'localhost/kiln/other/agent:latest'

test.each([
  ['FROM', `FROM ${theirs}\n`],
  ['a FROM with a variable', `ARG OF=other\nFROM localhost/kiln/$OF/agent:latest\n`],
  ['COPY --from', `FROM scratch\nCOPY --from=${theirs} / /\n`],
  ['a mount', `FROM alpine\nRUN --mount=type=bind,from=${theirs},target=/x cat /x/app.py\n`],
  ['a later build', `FROM scratch\nONBUILD COPY --from=${theirs} / /\n`],
])("another tenant's image is not to be had by %s", async (_by, Dockerfile) => {
  await using at = world({ engine: { worker: false } })
  const answer = await at.ask('POST', '/builds', { json: { name: 'web', source: { files: { Dockerfile } }, dockerfile: 'Dockerfile' } })
  expect([answer.status, (await answer.json()).code]).toEqual([400, 'invalid_reference'])
})

test("one's own images are bases, and so is what is called alike", async () => {
  await using at = world({ engine: { worker: false } })
  for (const base of ['localhost/kiln/acme/agent:latest', 'localhost/kilnx/other/agent', 'docker.io/localhost/kiln'])
    for (const Dockerfile of [`FROM ${base}\n`, `FROM scratch\nCOPY --from=${base} / /\n`]) {
      const answer = await at.ask('POST', '/builds', { json: { name: 'web', source: { files: { Dockerfile } }, dockerfile: 'Dockerfile' } })
      expect(answer.status).toBe(201)
    }
})
