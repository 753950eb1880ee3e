import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('dockerfile/ runs in a browser: no node:*, no Buffer, no process', () => {
  const room = new URL('../../src/dockerfile/', import.meta.url)
  for (const file of readdirSync(room))
    expect(readFileSync(new URL(file, room), 'utf8'), file).not.toMatch(/from 'node:|\bBuffer\.|\bprocess\./)
})
