import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lexJavaScript, lexSpecifiers } from '../../src/infer/javascript-lexer.ts'
import { lexOwn } from '../../src/infer/javascript-own.ts'
import { parseProgram, walkImports } from '../../src/infer/javascript-syntax.ts'

// Babel is the oracle: what it finds in a file is what there is. Every third file of what this workspace has installed, declarations
// too; all of them were compared once (docs/detection/inference.md).
test('our lexer finds what Babel finds in thousands of files', () => {
  const root = join(import.meta.dirname, '../../../../node_modules/.pnpm')
  const files = globSync('**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts}', { cwd: root })
    .sort()
    .filter((_, index) => index % 3 === 0)
  const sum = { files: 0, imports: 0, unsound: 0 }
  for (const file of files) {
    const path = join(root, file)
    const stat = statSync(path)
    if (!stat.isFile() || stat.size > 150_000) continue
    const text = readFileSync(path, 'utf8')
    const truth = oracle(text, path)
    // What Babel cannot read is broken: nothing to compare with, and nothing may be thrown.
    if (truth === undefined) {
      expect(lexJavaScript(text, path)).toBeInstanceOf(Array)
      continue
    }
    const { found, sound } = own(text, path)
    sum.unsound += sound ? 0 : 1
    expect(found, path).toEqual(truth)
    expect(whole(text, path), path).toEqual(truth)
    sum.files++
    sum.imports += truth.length
  }
  expect(sum.files).toBeGreaterThan(2000)
  expect(sum.imports).toBeGreaterThan(4000)
  expect(sum.unsound).toBe(0)
})

const mark = `\nimport 'end'\nrequire('last')\n`

test.each<[string, string]>([
  // regular expression or division
  ['a.js', `a = b / c; d = /import 'x'/g; e = f() / g[0] / {}.x`],
  ['a.js', `if (a) /['"]/.test(b); while (c) /"/.exec(d); x = (e) / 2 / "f"`],
  ['a.js', `return1: { } /'/.test(x); ({}) / 1; x = {} / 2; y = [] / '3'`],
  ['a.js', `const f = () => {}\n/'/.test(x)`],
  ['a.js', `a++ / 2; b-- / "c"; d = !/'/.test(e); typeof /"/; void /'/; a = b ? /"/ : /'/`],
  ['a.js', `x = a.return / 2 / 1; y = a.typeof\n/ '3'.length; z = [.../'/.exec(q)]`],
  ['a.js', `x = /[/'"]/; y = /\\/'/; z = /[\\]/"]/; w = /=/`],
  ['a.js', `switch (a) { case /'/.test(b): c; default: /"/.test(d) }`],
  ['a.js', `x = 1 /2/ 3; y = 0x1f / 2; z = 1. / 2; w = 1..toFixed() / 3; v = .5 / "1"`],
  ['a.js', `do /'/.test(a); while (/"/.test(b)) /'/.test(c)`],
  ['a.js', `yield1 = function* () { yield /'/ }; async () => { await /"/ }`],
  ['a.ts', `let a = b! / 2 / "c".length; let d = (e as any)! / 3; if (!/'/.test(f)) g`],
  ['a.ts', `const a = <any>/'/; function f(): Promise<string> { return /"/ as never }`],
  // templates, strings, comments
  ['a.js', "x = `a ${`b ${c} import 'x'`} d`; y = `\\``; z = `${{ a: '}' }.a}`; w = tag`'`"],
  ['a.js', `x = 'a\\'b'; y = "a\\\nimport 'x'"; /* ' */ // "\n`],
  ['a.js', `#!/usr/bin/env node '\nx`],
  ['a.js', "x = `${a ? `/` : '/'}`; y = `${/`/.test(z)}`"],
  // statements of import
  ['a.ts', `import type from 'a'; import type, { b } from 'b'; import type from1 from 'c'; import type from from 'd'`],
  ['a.ts', `import type { a } from 'a'; import { type b, type c as d } from 'b'; import { type as e } from 'c'; import { type } from 'd'`],
  [
    'a.ts',
    `import { type as as f } from 'a'; import { type as as } from 'b'; import { type as } from 'e'; import x, { type y } from 'c'; import {} from 'd'`,
  ],
  ['a.ts', `import type a = require('a'); import b = require("b"); import c = D.e; export import f = require('f')`],
  ['a.ts', `export type { a } from 'a'; export type * from 'b'; export { type c } from 'c'; export type d = 'e'; export * as f from 'f'`],
  ['a.js', `import a, * as b from 'a'; import c, { d as e, default as f, "g" as h } from 'b' with { type: 'json' }`],
  ['a.js', `import/* x */'a'; import{b}from'b';import*as c from"c";export{d}from'd';export*from'e'`],
  ['a.js', `import '\\x61'; import "\\u{62}c"; require('d\\'e')`],
  ['a.js', `export { a, b }; export default function () {}; export const c = 'from'; export { d as default } from 'd'`],
  // calls
  ['a.js', `import('a'); import(/* c */ "b"); import('c', { with: {} }); import(d); import('e' + f); import.meta.url; x.import('g')`],
  [
    'a.js',
    `require('a'); x.require('b'); require(c); require('d' + e); require.resolve('f'); require.cache['g']; new require('h'); require?.('i')`,
  ],
  [
    'a.js',
    `import { createRequire } from 'module'; createRequire(import.meta.url)('a'); module.createRequire(b)("c"); createRequire(d).resolve('e')`,
  ],
  [
    'a.js',
    `try { require('a'); try { require('b') } finally {} } catch { require('c') }\ntry { f(() => { import('d') }) } catch (e) {} finally {}`,
  ],
  [
    'a.js',
    `x = { import: 'a', require: 'b', try: { }, if: /'/, export: c, return: 1 }; class A { import() {} require(a) {} static if() {} }`,
  ],
  [
    'a.ts',
    `type A = import('a').B; let c: typeof import("d"); let e: Array<import('f').G>; const h = import('i'); j(() => import('k').then())`,
  ],
  ['a.ts', `declare module 'x' { import a from 'a'; export { b } from 'b' }`],
  // JSX
  ['a.jsx', `const a = <p title="it's" {...b} c={<i>'</i>} d='"'>don't {"import 'x'"} {/* ' */} <b.c/><d:e-f/></p>`],
  ['a.jsx', `x = a ? <b>'</b> : <></>; return1(<p>{list.map(i => <li key={i}>it's {i} / 2</li>)}</p>); y = a < b; z = a > c / 2`],
  ['a.jsx', `const a = () => <p>\n  import 'x'\n  {b && <i>"</i>}\n</p>\nconst c = <a>{\`\${<b>'</b>}\`}</a>`],
  ['a.jsx', `x = <A render={() => { return <B>'</B> }}>{function () { if (a) { return <C/> } }}</A> / 2`],
  ['a.tsx', `const f = <T,>(x: T) => x; const g = <T extends unknown>(x: T) => <p>'{x}</p>; const h = <const T,>(x: T) => x`],
  ['a.tsx', `type F = <T>(x: T) => T; interface I { <T>(x: T): '"'; new <T>(x: T): T; m<T>(x: T): void }\nconst a = <p>it's</p>`],
  [
    'a.tsx',
    `const a = <Foo<string> b="'" c={d as Array<'"'>}>'</Foo>; const [e] = useState<'"' | null>(null); const x: A<B<C>> = <p>'</p>`,
  ],
  ['a.tsx', `class A<T> extends B<T> { x = <T,>(y: T) => y; z?: <T>(a: T) => void; w = <p>'</p> }`],
  ['a.tsx', `let f: <T>(x: T) => T = null!; const a = cond! && <p>"</p>; return1 = (x as <U>(y: U) => U)`],
])('%s: %s', (file, text) => {
  const all = text + mark
  const truth = oracle(all, file)
  expect(truth).toBeDefined()
  expect(truth).toEqual(expect.arrayContaining([expect.stringContaining(' end'), expect.stringContaining(' last')]))
  expect(own(all, file)).toEqual({ found: truth, sound: true })
  expect(whole(all, file)).toEqual(truth)
})

function oracle(text: string, file: string): readonly string[] | undefined {
  const program = parseProgram(text, file)
  return program && walkImports(program, file).map(told).sort()
}

/** Our lexer alone, without es-module-lexer before it and Babel behind. */
function own(text: string, file: string): { readonly found: readonly string[]; readonly sound: boolean } {
  const { found, sound } = lexOwn(text, { typed: !/\.[cm]?jsx?$/.test(file), jsx: !/\.[cm]?ts$/.test(file) })
  const line = (at: number): number => text.slice(0, at).split(/\r\n|[\n\r\u2028\u2029]/).length
  const told_ = found
    .filter(({ kind }) => isTold(kind))
    .map(({ module, at, typeOnly, guarded }) => told({ module, line: line(at), optional: typeOnly || guarded }))
  return { found: told_.sort(), sound }
}

function whole(text: string, file: string): readonly string[] {
  return lexSpecifiers(text, file)
    .filter(({ kind }) => isTold(kind))
    .map(told)
    .sort()
}

/** Babel's walk does not look for these. */
function isTold(kind: string): boolean {
  return kind !== 'prefix' && kind !== 'mock' && kind !== 'created'
}

function told({ module, line, optional }: { readonly module: string; readonly line: number; readonly optional: boolean }): string {
  return `${line}${optional ? '?' : ''} ${module}`
}
