// Planning apart: the same answer as here for every kind of source, and an end for what takes too long.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { archive, directory, files, plan, type Source } from '@kiln/core'
import { afterAll, expect, test } from 'vitest'
import { planApart } from '../../src/planner.ts'
import { warmUp } from '../../src/threads/warm-up.ts'
import { threadCount } from '../../src/threads/threads.ts'

const home = mkdtempSync(join(tmpdir(), 'kiln-planner-'))
writeFileSync(join(home, 'agent.py'), 'import yaml\nprint(yaml)\n')
writeFileSync(join(home, '.dockerignore'), 'kiln.json\n')
writeFileSync(join(home, 'kiln.json'), '{ "port": 9000 }\n')
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('gives what planning here gives, of directories, maps and archives', async () => {
  const planner = planApart(20_000)
  const tar = execFileSync('tar', ['-C', home, '-cf', '-', '.'])
  const sources = [await directory(home), await files({ 'agent.py': 'import yaml\n', 'kiln.json': '{ "port": 9000 }' }), await archive(tar)]
  try {
    for (const source of sources) {
      const here = plan(source)
      expect(here).toMatchObject({ ok: true, plan: { port: 9000, entrypoint: 'agent.py' } })
      expect(await planner.plan(source, {})).toEqual(here)
      await source[Symbol.asyncDispose]()
    }
  } finally {
    planner.close()
  }
})

test('is ended when the budget is over, and goes on with the next source', async () => {
  const slow = planApart(1)
  await using source = await files({ 'agent.py': 'import yaml\n' })
  await expect(slow.plan(source, {})).rejects.toMatchObject({ code: 'plan_timeout' })
  await expect(slow.plan(source, {}, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  slow.close()
})

test('its threads are there before a source comes, and again when one was ended', async () => {
  const before = threadCount()
  const planner = planApart(1)
  await using source = await files({ 'agent.py': 'import yaml\n' })
  await expect.poll(() => threadCount() - before, { timeout: 20_000 }).toBe(2)
  await expect(planner.plan(source, {})).rejects.toMatchObject({ code: 'plan_timeout' })
  expect(threadCount() - before).toBe(2)
  planner.close()
  expect(threadCount()).toBe(before)
})

test('a thread outlives a source that cannot be read, and no failure of its own', async () => {
  const gone = mkdtempSync(join(tmpdir(), 'kiln-gone-'))
  writeFileSync(join(gone, 'agent.py'), 'import yaml\n')
  await using unreadable = await directory(gone)
  rmSync(gone, { recursive: true })
  await using good = await files({ 'agent.py': 'import yaml\n' })
  // what the engine itself has lost is no fault of a source
  const broken: Source = { ...good, access: { kind: 'spool', file: join(gone, 'spool'), offsets: new Map([['agent.py', 0]]) } }
  let begun = 0
  const count = (): void => void (begun += 1)
  await turn() // the event comes at the next turn
  process.on('worker', count)
  const planner = planApart(20_000)
  try {
    for (let i = 0; i < 5; i++) await expect(planner.find(unreadable)).rejects.toMatchObject({ code: 'source_changed' })
    expect(await planner.plan(good, {})).toMatchObject({ ok: true })
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(2)
    await expect(planner.find(broken)).rejects.toMatchObject({ code: 'internal' })
    expect(await planner.plan(good, {})).toMatchObject({ ok: true })
    await turn()
    expect(begun).toBe(3)
  } finally {
    planner.close()
    process.off('worker', count)
  }
})

test('what warms a thread goes through the whole planner', async () => {
  const answers = (await warmUp()).map(
    (answer) => answer.ok && [answer.plan.language, answer.plan.port, answer.plan.dependencies.length > 0],
  )
  expect(answers).toEqual([
    ['python', 8080, true],
    ['javascript', 3000, true],
  ])
})

test('a source that takes long does not keep the next one waiting', async () => {
  const planner = planApart(20_000)
  const many = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`m${i}.py`, `import requests\nx = """${'a'.repeat(2000)}"""\n`.repeat(4)]),
  )
  await using large = await files({ ...many, 'main.py': 'import m1\n' })
  await using small = await files({ 'agent.py': 'import yaml\n' })
  const ended: string[] = []
  try {
    await Promise.all([planner.plan(small, {}), planner.plan(small, {})]) // both threads are there
    const both = [planner.plan(large, {}).then(() => ended.push('large')), planner.plan(small, {}).then(() => ended.push('small'))]
    await Promise.all(both)
    expect(ended).toEqual(['small', 'large'])
  } finally {
    planner.close()
  }
})
