import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from '@lezer/python'
import { expect, test } from 'vitest'
import { lexPython } from '../../src/infer/python-lexer.ts'

const oracle = join(import.meta.dirname, 'python-oracle.py')
const found = spawnSync('python3', ['-c', 'import sys, sysconfig; print(sysconfig.get_path("stdlib"), sys.version_info >= (3, 9))'], {
  encoding: 'utf8',
})
const [library, able] = (found.stdout ?? '').trim().split(' ')
const reason = found.status !== 0 ? 'python3 is not installed' : able === 'True' ? undefined : 'python3 is older than 3.9'

/** Some of the files directly in these directories, spread evenly. */
function sample(root: string, count: number): string[] {
  const all = ['.', 'asyncio', 'email', 'importlib', 'json', 'unittest', 'test']
    .flatMap((directory) => globSync('*.py', { cwd: join(root, directory) }).map((file) => join(root, directory, file)))
    .filter((file) => statSync(file).size < 60_000)
    .sort()
  return all.filter((_, index) => index % Math.ceil(all.length / count) === 0)
}

test.skipIf(reason !== undefined)(
  `finds what CPython's ast finds${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    const files = sample(library!, 200)
    const answer = spawnSync('python3', [oracle], { input: files.join('\n'), encoding: 'utf8', maxBuffer: 2 ** 28 })
    let compared = 0
    for (const line of answer.stdout.trim().split('\n')) {
      const [file, truth] = JSON.parse(line) as [string, unknown[] | null]
      if (truth === null) continue
      compared++
      const ours = lexPython(read(file), file).map(({ module, level, line: at, names, optional }) => [module, level, at, names, optional])
      expect(sorted(ours), file).toEqual(sorted(truth))
    }
    expect(compared).toBeGreaterThan(100)
  },
  120_000,
)

// A second opinion, for machines without python3: @lezer/python on a file that holds what the grammar has.
test('finds what @lezer/python finds', () => {
  const text = readFileSync(join(import.meta.dirname, 'syntax.py'), 'utf8')
  const ours = lexPython(text).filter((one) => !text.split('\n')[one.line - 1]!.includes('import_module'))
  expect(ours.length).toBeGreaterThan(25)
  expect(ours.map(({ module, level }) => '.'.repeat(level) + module)).toEqual(byLezer(text))
})

function byLezer(text: string): string[] {
  const modules: string[] = []
  parser.parse(text).iterate({
    enter: ({ name, node }) => {
      if (name !== 'ImportStatement') return
      const source = text
        .slice(node.from, node.to)
        .replace(/#[^\n]*|\\\r?\n|[()\s]+/g, ' ')
        .trim()
      const from = /^from (.*?) ?import /.exec(source)
      if (from) modules.push(from[1]!.replace(/ /g, ''))
      else
        modules.push(
          ...source
            .slice(7)
            .split(',')
            .map((one) => one.trim().split(' as ')[0]!.replace(/ /g, '')),
        )
    },
  })
  return modules
}

function read(file: string): string {
  const bytes = readFileSync(file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function sorted(rows: unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}
