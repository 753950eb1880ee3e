import { expect, test } from 'vitest'
import { create, world } from './world.ts'

test('an image name with a registry or a path says that the server decides where images go', async () => {
  await using one = world()
  for (const image_name of ['ghcr.io/web', 'team/web']) {
    const { status, body } = await one.post(create({ image_name }))
    expect([status, body.code, body.detail[0].loc]).toEqual([422, 'registry_not_allowed', ['body', 'image_name']])
  }
})
