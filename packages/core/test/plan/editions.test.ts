import { describe, expect, test } from 'vitest'
import { planChanges } from '../../src/plan/changes.ts'
import { defaultEdition, editionOf, editions } from '../../src/plan/editions.ts'
import { ok, planned, refused } from './planning.ts'

const bare = { 'main.py': 'import cv2\n', 'requirements.txt': 'opencv-python==4.0\n' }
const next = editionOf('next').name

describe('editions', () => {
  test('are named by month, oldest first, each once; the default is released', () => {
    const names = editions.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)].toSorted())
    for (const name of names) expect(name).toMatch(/^\d{4}\.\d{2}$/)
    expect(defaultEdition.state).toBe('released')
    expect(editionOf(undefined)).toBe(defaultEdition)
  })

  test('2026.11 never changes', () => {
    expect(editionOf('2026.11')).toMatchObject({
      name: '2026.11',
      state: 'released',
      python: { standard: '3.11', supported: ['3.14', '3.13', '3.12', '3.11', '3.10'], others: ['3.15', '3.9', '3.8', '3.7'] },
      node: { standard: '24', supported: ['24', '22'], others: ['26', '25', '23', '20', '21', '18', '16'] },
      distro: 'bookworm',
      tools: { uv: '0.13', pnpm: '10' },
    })
  })

  test('a default of a runtime is one that is chosen by itself', () => {
    for (const { python, node } of editions) for (const { standard, supported } of [python, node]) expect(supported).toContain(standard)
  })

  test('one that is pinned decides the defaults, and says so', async () => {
    const { plan, evidence, codes } = await ok({ ...bare, 'kiln.json': `{"edition": "${next}"}` })
    expect(codes.includes('edition_preview')).toBe(editionOf(next).state === 'preview')
    expect(plan).toMatchObject({ edition: next, runtime: { version: '3.13' }, base: { distro: 'trixie' } })
    expect(plan.systemPackages).toContain('libglib2.0-0t64')
    expect(evidence.values.find(({ field }) => field === 'edition')?.evidence.rule).toBe('config.edition')
  })

  test('Node and its managers', async () => {
    const node = { 'index.js': 'console.log(1)', 'package.json': '{"main":"index.js","packageManager":"pnpm","dependencies":{"zod":"^4"}}' }
    const { plan } = await ok({ ...node, 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n\npackages:\n\n  'zod@4.0.0':\n" }, { edition: next })
    expect(plan).toMatchObject({ runtime: { version: '26' }, toolchains: [{ name: 'pnpm', version: '11' }] })
  })

  test('an unknown one is an answer with the known ones', async () => {
    const answer = await refused(bare, { edition: '2026.10' })
    expect(answer).toMatchObject({ code: 'unknown_edition', message: expect.stringContaining('did you mean 2026.11?') as unknown })
    expect(answer.hint).toContain(editions.map(({ name }) => name)[0])
    expect((await refused(bare, { edition: 'next' })).code).toBe('invalid_config') // what moves pins nothing
  })
})

describe('what a newer edition changes', () => {
  const changes = async (tree: Record<string, string>): Promise<readonly string[]> => {
    const [before, after] = [await planned(tree), await planned(tree, { edition: next })]
    if (!before.ok || !after.ok) throw new Error('no plan')
    return planChanges(before, after).map(({ field, from, to, evidence }) => `${field} ${from} ${to} ${evidence.rule}`)
  }

  test('each value with its reason; lists by what comes and goes', async () => {
    expect(await changes(bare)).toEqual([
      `edition 2026.11 ${next} config.edition`,
      'runtime.version 3.11 3.13 python.version.default',
      'base bookworm trixie base.default',
      'systemPackages libglib2.0-0 null system.package',
      'systemPackages null libglib2.0-0t64 system.package',
    ])
  })

  test('is nothing but its name for a source that says all by itself', async () => {
    const pinned = { ...bare, '.python-version': '3.12\n', 'kiln.json': '{"base": {"distro": "bookworm"}}' }
    expect(await changes(pinned)).toEqual([`edition 2026.11 ${next} config.edition`])
  })
})
