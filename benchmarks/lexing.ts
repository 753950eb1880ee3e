// How fast imports are found, beside the parsers of the languages, in the same run and on the same files:
//   npm run bench -- lexing; KILN_BENCH_PYTHON names another directory of .py files; KILN_BENCH_ONLY=javascript leaves Python out
// Python: CPython's `ast` over its own standard library. JavaScript: @babel/parser over what node_modules has, and TSX made of parts
// (KILN_BENCH_JSX names a directory of real pages).
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lexJavaScript } from '../packages/core/src/infer/javascript-lexer.ts'
import { parseProgram, walkImports } from '../packages/core/src/infer/javascript-syntax.ts'
import { lexPython, scanPython } from '../packages/core/src/infer/python-lexer.ts'

interface Row {
  readonly question: string
  readonly ours: number
  readonly theirs: number
  readonly target: number | undefined
}

const rounds = 5

export default function main(): boolean {
  const rows = [...(process.env['KILN_BENCH_ONLY'] === 'javascript' ? [] : python()), ...javascript()]
  console.log('| what | ours MB/s | peer MB/s | ratio | target | met |\n|---|---|---|---|---|---|')
  for (const { question, ours, theirs, target } of rows) {
    const ratio = ours / theirs
    const met = target === undefined ? '-' : ratio >= target ? 'yes' : 'NO'
    console.log(`| ${question} | ${ours.toFixed(1)} | ${theirs.toFixed(1)} | ${ratio.toFixed(1)}x | ${target ?? '-'} | ${met} |`)
  }
  return rows.every(({ ours, theirs, target }) => target === undefined || ours / theirs >= target)
}

/** Only `ast.parse`, without the walk over the tree that finding imports needs: the harder peer. The files are read before the clock starts. */
const cpython = `
import ast, json, sys, time, warnings
warnings.simplefilter("ignore")
texts = []
for name in sys.stdin.read().split("\\n"):
    with open(name, "rb") as file: texts.append(file.read())
done = 0
start = time.process_time()
for text in texts:
    try:
        ast.parse(text)
        done += len(text)
    except Exception: pass
print(json.dumps(done / 1e6 / (time.process_time() - start)))
`

function python(): Row[] {
  const version = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'], { encoding: 'utf8' })
  if (version.status !== 0) {
    console.log('python3 is not installed: CPython is left out')
    return []
  }
  const given = process.env['KILN_BENCH_PYTHON']
  const root = given ?? version.stdout.trim()
  const files = globSync('**/*.py', { cwd: root })
    .filter((file) => given !== undefined || !file.includes('site-packages'))
    .sort()
  const paths = files.filter((_, index) => index % Math.ceil(files.length / 1200) === 0).map((file) => join(root, file))
  const texts = paths.map((path) => ({ path, text: new TextDecoder().decode(readFileSync(path)) }))
  const ours: number[] = []
  const whole: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(rate(texts, ({ text, path }) => lexPython(text, path)))
    whole.push(rate(texts, ({ text, path }) => scanPython(text, path)))
    if (round < 3) theirs.push(Number(spawnSync('python3', ['-c', cpython], { input: paths.join('\n'), encoding: 'utf8' }).stdout))
  }
  const bytes = texts.reduce((sum, { text }) => sum + text.length, 0)
  console.log(`Python: ${texts.length} files, ${(bytes / 1e6).toFixed(1)} MB; peer: CPython's ast.parse alone, CPU time`)
  return [
    { question: 'Python, imports (lexPython)', ours: median(ours), theirs: median(theirs), target: 8 },
    { question: 'Python, imports and start (scanPython)', ours: median(whole), theirs: median(theirs), target: undefined },
  ]
}

function javascript(): Row[] {
  const root = join(import.meta.dirname, '../node_modules/.pnpm')
  const all = globSync(
    '{vitest,vite,valibot,fast-check,knip,yaml,semver,commander,execa,tsup,smol-toml}@*/node_modules/**/*.{js,mjs,ts,mts}',
    { cwd: root },
  )
  const own = globSync('packages/*/{src,test}/**/*.ts', { cwd: join(import.meta.dirname, '..') }).map((file) =>
    join(import.meta.dirname, '..', file),
  )
  const read = [...all.map((file) => join(root, file)), ...own]
    .filter((path) => !/\.d\.[cm]?ts$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
  const real = read.filter(({ text }) => text.length < 300_000)
  const plain = real.filter(({ text }) => !/require|Require|import\(/.test(text))
  return [
    beside('JavaScript and TypeScript, static imports', plain, 8),
    beside(
      'JavaScript and TypeScript, require and import()',
      real.filter((one) => !plain.includes(one)),
      8,
    ),
    beside('TSX and JSX', elements(), 8),
  ]
}

/** Pages like those of a front end: the workspace has hardly any, so they are made of parts. KILN_BENCH_JSX names a directory of real ones. */
function elements(): Text[] {
  const given = process.env['KILN_BENCH_JSX']
  if (given !== undefined)
    return globSync('**/*.{tsx,jsx}', { cwd: given, exclude: ['**/node_modules/**'] }).map((file) => ({
      path: file,
      text: readFileSync(join(given, file), 'utf8'),
    }))
  return Array.from({ length: 300 }, (_, index) => ({ path: `page-${index}.tsx`, text: page(index) }))
}

function page(index: number): string {
  const rows = Array.from(
    { length: 5 + (index % 20) },
    (_, row) => `
        <Row key={\`r\${index}-${row}\`} title="it's ${row}" onClick={(event) => set(event.target.value / ${row + 1})} {...rest}>
          {items.filter((one) => one.id > ${row} && /[a-z'"]+/.test(one.name)).map((one) => <li key={one.id}>{one.name} don't</li>)}
          <p className="text-sm text-gray-500">Row {${row}} of {items.length}: an ordinary sentence, as pages have them.</p>
        </Row>`,
  ).join('')
  return `import { useState, type ReactNode } from 'react'
import Link from 'next/link'
import { Row } from '@/components/row'
import type { Item } from './types'

interface Props<T extends Item> { readonly items: readonly T[]; readonly children?: ReactNode }

export default function Page${index}<T extends Item>({ items, ...rest }: Props<T>) {
  const [value, set] = useState<number | null>(null)
  const identity = <U,>(one: U) => one
  return (
    <main>
      <Link href={\`/x/\${identity(value)}\`}>Back</Link>${rows}
    </main>
  )
}
`
}

function beside(question: string, texts: readonly Text[], target: number | undefined): Row {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(rate(texts, ({ text, path }) => lexJavaScript(text, path)))
    if (round < 2) theirs.push(rate(texts, babel))
  }
  const bytes = texts.reduce((sum, { text }) => sum + text.length, 0)
  console.log(`${question}: ${texts.length} files, ${(bytes / 1e6).toFixed(1)} MB; peer: @babel/parser, parse and walk`)
  return { question, ours: median(ours), theirs: median(theirs), target }
}

interface Text {
  readonly path: string
  readonly text: string
}

function babel({ text, path }: Text): unknown {
  const program = parseProgram(text, path)
  return program === undefined ? undefined : walkImports(program, path)
}

/** MB/s of CPU time of this process. */
function rate(texts: readonly Text[], read: (text: Text) => unknown): number {
  const start = process.cpuUsage()
  let bytes = 0
  for (const text of texts) {
    read(text)
    bytes += text.text.length
  }
  const { user, system } = process.cpuUsage(start)
  return bytes / (user + system)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
