// Links that leave a unit: a source has them from a directory or an archive alone.
import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/plan/config.ts'
import { plan } from '../../src/plan/make-plan.ts'
import type { Planned } from '../../src/plan/plan.ts'
import { archive } from '../../src/source/archive.ts'
import { partOf } from '../../src/source/part.ts'
import { end, file, link } from '../source/tar-bytes.ts'

const json = (value: object): string => JSON.stringify(value)
const server = "import { createServer } from 'node:http'\ncreateServer(() => {}).listen(8080)\n"
const workspace = {
  'package.json': json({ name: 'root', workspaces: ['apps/*'] }),
  'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
  'apps/api/package.json': json({ name: '@t/api', scripts: { start: 'node server.js' } }),
  'apps/api/server.js': server,
  'apps/web/page.js': 'x',
  'assets/v1/logo.svg': 'x',
  'assets/v2/logo.svg': 'x',
  'docs/terms.md': 'x',
}
const usual = ['apps/api', 'package-lock.json', 'package.json']

type Ok = Extract<Planned, { ok: true }>

async function planned(
  links: Readonly<Record<string, string>>,
  config: Config = {},
  tree: Readonly<Record<string, string>> = workspace,
): Promise<Ok> {
  const parts = [
    ...Object.entries(tree).map(([path, text]) => file(path, text)),
    ...Object.entries(links).map(([path, to]) => link(path, to)),
  ]
  await using source = await archive(Buffer.concat([...parts, end]))
  const answer = plan(source, config)
  if (!answer.ok) throw new Error(answer.message)
  const seen = answer.plan.context === null ? source : partOf(source, answer.plan.context)
  for (const { path } of source.entries.filter(({ kind, path: at }) => kind === 'link' && at.startsWith('apps/api/')))
    expect(seen.entry(path)?.kind).toBe('link')
  return answer
}

const codes = ({ notices }: Ok): readonly string[] => notices.map(({ code }) => code)

describe('what a link of the unit leads to comes with it', () => {
  test('a directory, a file, and what links there lead to', async () => {
    const links = { 'apps/api/assets': '../../assets/v2', 'apps/api/terms.md': '../../docs/terms.md', 'assets/v2/old': '../v1/logo.svg' }
    const answer = await planned(links)
    expect(answer.plan.context).toEqual([...usual, 'assets/v1/logo.svg', 'assets/v2', 'docs/terms.md'].toSorted())
    expect(codes(answer)).not.toContain('link_not_followed')
    const copied = answer.plan.steps.flatMap((step) => (step.kind === 'copy' ? [`${step.paths.join(' ')} ${step.to}`] : []))
    expect(copied).toContain('assets/v2 assets/v2')
  })

  test('links on the way, which lead somewhere too', async () => {
    const { plan: found } = await planned({ 'apps/api/assets': '../../assets/now/logo.svg', 'assets/now': 'v2' })
    expect(found.context).toEqual([...usual, 'assets/now', 'assets/v2'].toSorted())
  })

  test('a directory and a file of it come as the directory', async () => {
    const { plan: found } = await planned({ 'apps/api/all': '../../assets/v2', 'apps/api/logo.svg': '../../assets/v2/logo.svg' })
    expect(found.context).toEqual([...usual, 'assets/v2'].toSorted())
  })

  test('one inside of the unit, or to nothing, changes nothing', async () => {
    const { plan: found } = await planned({ 'apps/api/main.js': 'server.js', 'apps/api/gone': '../../gone' })
    expect(found.context).toEqual(usual)
  })

  test('one of another member is none of it, nor one among installed packages', async () => {
    const { plan: found } = await planned({ 'apps/web/assets': '../../assets', 'apps/api/node_modules/x': '../../../assets' })
    expect(found.context).toEqual(usual)
  })

  test('one in what the configuration adds is followed too', async () => {
    const { plan: found } = await planned({ 'docs/logo.svg': '../assets/v1/logo.svg' }, { context: { add: ['docs'] } })
    expect(found.context).toEqual([...usual, 'assets/v1/logo.svg', 'docs'].toSorted())
  })

  test('of a unit without a workspace: both lie as in the source', async () => {
    const tree = { 'agent/main.py': 'print(1)\n', 'agent/requirements.txt': 'idna\n', 'prompts/a.txt': 'x', 'other/b.txt': 'x' }
    const { plan: found } = await planned({ 'agent/prompts': '../prompts' }, { unit: 'agent' }, tree)
    expect(found).toMatchObject({ unit: 'agent', workspace: '.', context: ['agent', 'prompts'] })
  })
})

describe('what is not followed is said', () => {
  test.each(['../..', '../../apps'])('a link to what holds the unit: %s', async (to) => {
    const answer = await planned({ 'apps/api/all': to })
    expect(answer.plan.context).toEqual(usual)
    const said = answer.notices.find(({ code }) => code === 'link_not_followed')
    expect(said).toMatchObject({ file: 'apps/api/all' })
    expect(said?.message).toContain('holds the unit itself: what else lies there is not in the image.')
  })

  test('more links than a person lays out', async () => {
    const many = Array.from({ length: 60 }, (_, at) => at)
    const tree = { ...workspace, ...Object.fromEntries(many.map((at) => [`pool/${at}/a.txt`, 'x'])) }
    const links = Object.fromEntries(many.map((at) => [`apps/api/${at}`, `../../pool/${at}`]))
    const answer = await planned(links, {}, tree)
    expect(answer.plan.context!.filter((path) => path.startsWith('pool/'))).toHaveLength(50)
    expect(codes(answer)).toContain('link_not_followed')
  })
})
