import { describe, expect, test } from 'vitest'
import { plan } from '../../src/plan/make-plan.ts'
import { directory } from '../../src/source/directory.ts'
import { makeTree } from '../context/trees.ts'
import { ok, type Tree } from '../plan/planning.ts'

const main = { 'main.py': 'print(1)\n' }

describe('the name of the list that Kiln writes is one that the source does not have', () => {
  const list = { ...main, 'requirements.txt': '"flask"\n' }

  test.each<[string, Tree, string]>([
    ['nothing', {}, 'requirements.kiln.txt'],
    ['a file', { 'requirements.kiln.txt': 'rich\n' }, 'requirements.kiln2.txt'],
    ['a directory', { 'requirements.kiln.txt/a': 'rich\n' }, 'requirements.kiln2.txt'],
    ['two', { 'requirements.kiln.txt/a': '', 'requirements.kiln2.txt': '' }, 'requirements.kiln3.txt'],
    ['a file of a directory below', { 'a/requirements.kiln.txt': '' }, 'requirements.kiln.txt'],
  ])('%s is there', async (_, more, path) => {
    const { steps } = await ok({ ...list, ...more })
    expect(steps.slice(0, 2)).toEqual([`image write ${path} "flask\\n"`, `image pip ${path}`])
  })

  test('so that one that is included is read', async () => {
    const found = await ok({ ...main, 'requirements.txt': '"flask"\n-r requirements.kiln.txt\n', 'requirements.kiln.txt': 'rich\n' })
    expect(found.packages).toEqual(['flask', 'rich'])
    expect(found.steps.slice(0, 2)).toEqual([
      'image write requirements.kiln2.txt "flask\\n-r requirements.kiln.txt\\n"',
      'image pip requirements.kiln2.txt requirements.kiln.txt',
    ])
  })

  test('a link is there', async () => {
    await using source = await directory(makeTree({ ...list, 'requirements.kiln.txt': { link: 'main.py' } }))
    const answer = plan(source)
    expect(answer.ok && answer.plan.steps[0]).toMatchObject({ kind: 'write', path: 'requirements.kiln2.txt' })
  })

  test('from requirements.lock', async () => {
    const lock = { ...main, 'requirements.lock': '"flask"\n' }
    expect((await ok(lock)).steps[1]).toBe('image pip requirements.kiln.lock')
    expect((await ok({ ...lock, 'requirements.kiln.lock': '' })).steps[1]).toBe('image pip requirements.kiln2.lock')
  })

  test('of a directory of the source, where at the top of the context no file can be laid over a directory', async () => {
    const unit = { 'api/main.py': main['main.py'], 'api/requirements.txt': '"flask"\n' }
    const stepOf = async (more: Tree): Promise<string | undefined> => (await ok({ ...unit, ...more }, { unit: 'api' })).steps[1]
    expect(await stepOf({ 'requirements.kiln.txt': '' })).toBe('image pip requirements.kiln.txt')
    expect(await stepOf({ 'requirements.kiln.txt/a': '' })).toBe('image pip requirements.kiln2.txt')
    expect(await stepOf({ 'api/requirements.kiln.txt/a': '' })).toBe('image pip requirements.kiln2.txt')
  })
})

describe('so is that of every other list that is made for pip', () => {
  const taken = { 'requirements.kiln.txt': 'rich\n' }
  const project = '[project]\nname = "a"\nversion = "1"\ndependencies = ["six"]\n'
  const hash = `sha256:${'a'.repeat(64)}`
  const wheel = `{ name = "six-1-py3-none-any.whl", url = "https://x/six-1-py3-none-any.whl", hashes = { sha256 = "${'a'.repeat(64)}" } }`
  const file = `{file = "six-1-py3-none-any.whl", hash = "${hash}"}`

  test.each<[string, Tree]>([
    ['[project]', { 'pyproject.toml': project, 'requirements.txt/a': '' }],
    ['pylock.toml', { 'pylock.toml': `lock-version = "1.0"\n[[packages]]\nname = "six"\nversion = "1"\nwheels = [${wheel}]\n` }],
    [
      'poetry.lock',
      {
        'pyproject.toml': project,
        'poetry.lock': `[[package]]\nname = "six"\nversion = "1"\noptional = false\ngroups = ["main"]\nfiles = [${file}]\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.11"\ncontent-hash = "a"\n`,
      },
    ],
  ])('%s', async (_, tree) => {
    const before = await ok({ ...main, ...tree })
    expect(before.steps.filter((step) => / pip /.test(step))).toEqual([expect.stringMatching(/ pip requirements\.kiln\.txt$/)])
    const { steps } = await ok({ ...main, ...tree, ...taken })
    expect(steps.filter((step) => / pip /.test(step))).toEqual([expect.stringMatching(/ pip requirements\.kiln2\.txt$/)])
  })

  test('requirements of the configuration, which may include the one that is there', async () => {
    const tree = { ...main, ...taken, 'requirements.txt': 'six\n' }
    const found = await ok(tree, { requirements: '-r requirements.kiln.txt\nflask\n' })
    expect(found.packages).toEqual(['rich', 'flask'])
    expect(found.steps[1]).toBe('image pip requirements.kiln2.txt requirements.kiln.txt')
  })

  test('what the configuration adds and takes away', async () => {
    const tree = { ...main, ...taken, 'requirements.txt': '-r requirements.kiln.txt\nsix\n' }
    expect((await ok(tree, { dependencies: { add: ['httpx'] } })).steps.slice(0, 2)).toEqual([
      'image write requirements.kiln2.txt "-r requirements.txt\\nhttpx\\n"',
      'image pip requirements.kiln2.txt requirements.txt requirements.kiln.txt',
    ])
    expect((await ok(tree, { dependencies: { remove: ['six'] } })).steps[0]).toBe('image write requirements.kiln2.txt "rich\\n"')
  })
})
