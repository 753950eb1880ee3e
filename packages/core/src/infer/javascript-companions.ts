import { below, isBelow, type Readable } from './files.ts'
import { readTsConfigNames } from './javascript-config.ts'
import type { Group, NpmNeeds } from './javascript-gather.ts'
import { isName } from './javascript-specifier.ts'
import { typesPackage } from './npm-table.ts'
import { npmCompanions } from './tables/npm-companions.ts'

/** What the files of a unit are, beside what they import. Files in the order they were read. */
export interface Seen {
  readonly typescript: string[]
  /** files with elements of JSX */
  readonly elements: string[]
  /** packages that a comment names for them */
  readonly sources: { readonly name: string; readonly file: string }[]
  /** files that import a module of Node, or name its globals */
  readonly node: string[]
}

/** Adds what no import says: the runtime of JSX, what a framework asks for beside it, and the tools of TypeScript. */
export function addCompanions(source: Readable, unit: string, seen: Seen, needs: NpmNeeds): void {
  const sources = tsConfigs(source, unit).flatMap((file) => {
    const name = readTsConfigNames(source, file, needs)
    return name === undefined ? [] : [{ name, file }]
  })
  addKnownFiles(source, unit, needs)
  addPeers(needs)
  addElements(source, unit, seen, sources, needs)
  addPeers(needs)
  addTypeScript(source, unit, seen, needs)
}

function tsConfigs(source: Readable, unit: string): readonly string[] {
  return source.entries
    .flatMap((entry) => (entry.kind === 'file' && entry.size < 1024 * 1024 && isBelow(entry.path, unit) ? [entry.path] : []))
    .filter((path) => /^(?:[^/]+\/)?[tj]sconfig(?:\.[\w-]+)?\.json$/.test(below(path, unit)))
    .slice(0, 50)
}

const knownFiles: readonly (readonly [RegExp, string, Group])[] = [
  [/^prisma\/schema\.prisma$/, '@prisma/client', 'default'],
  [/^angular\.json$/, '@angular/cli', 'dev'],
  [/^nest-cli\.json$/, '@nestjs/cli', 'dev'],
  [/^(?:src\/)?app\/(?:layout|page)\.[jt]sx?$/, 'next', 'default'],
]

function addKnownFiles(source: Readable, unit: string, needs: NpmNeeds): void {
  for (const { kind, path } of source.entries)
    for (const [pattern, name, group] of knownFiles)
      if (kind === 'file' && isBelow(path, unit) && pattern.test(below(path, unit)) && !(name === 'next' && otherFramework(needs)))
        add(needs, name, group, 'A', 'javascript.tool.file', `${below(path, unit)} is ${name}'s`, path)
}

function otherFramework(needs: NpmNeeds): boolean {
  return ['@remix-run/react', 'react-router', 'astro', 'nuxt', '@angular/core', 'expo-router', 'waku', '@solidjs/start', 'hono'].some(
    (name) => needs.has(name),
  )
}

/** Each package's own, then theirs. */
function addPeers(needs: NpmNeeds): void {
  const done = new Set<string>()
  for (let names = needs.names(); names.length > done.size; names = needs.names())
    for (const name of names) {
      if (done.has(name)) continue
      done.add(name)
      const because = needs.first(name)!
      for (const peer of npmCompanions.get(name) ?? []) {
        const builds = peer.startsWith('+')
        const group = because.group === 'tools' ? 'tools' : builds || because.group === 'dev' ? 'dev' : because.group
        add(needs, builds ? peer.slice(1) : peer, group, 'A', 'javascript.peer', `${name} needs it beside it`, because.file, because.line)
      }
    }
}

/** The package that makes elements: a comment's or tsconfig's word, the framework that is there, else React. */
function addElements(source: Readable, unit: string, seen: Seen, sources: Seen['sources'], needs: NpmNeeds): void {
  const [file] = seen.elements
  for (const one of [...seen.sources, ...(file === undefined ? [] : sources)]) {
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(one.name)?.[0] ?? ''
    if (isName(name)) add(needs, name, 'default', 'A', 'javascript.jsx.source', `jsxImportSource is ${name}`, one.file)
  }
  if (file === undefined || seen.sources.length + sources.length > 0) return
  const runtimes = ['react', 'preact', 'solid-js', '@builder.io/qwik', 'vue', '@stencil/core', 'hono', 'astro']
  if (runtimes.some((name) => needs.runs(name))) return
  const entry = domEntry(source, unit)
  add(needs, 'react', 'default', 'B', 'javascript.jsx.default', `${file} has elements of JSX`, file)
  if (entry !== undefined) add(needs, 'react-dom', 'default', 'B', 'javascript.jsx.default', `${entry} is a page`, entry)
}

function domEntry(source: Readable, unit: string): string | undefined {
  return source.entries.find(
    ({ kind, path }) => kind === 'file' && isBelow(path, unit) && /^(?:public\/)?index\.html$/.test(below(path, unit)),
  )?.path
}

/** The compiler, Node's types, and those of packages without types of their own. */
function addTypeScript(source: Readable, unit: string, seen: Seen, needs: NpmNeeds): void {
  const [file] = seen.typescript
  if (file === undefined) return
  const dev = (name: string, says: string): void => add(needs, name, 'dev', 'A', 'javascript.tool.typescript', says, file)
  dev('typescript', `${file} is TypeScript`)
  const forNode = needs.has('@types/bun') ? undefined : seen.node[0]
  if (forNode !== undefined) dev('@types/node', `${forNode} uses Node`)
  for (const name of needs.names()) {
    const because = needs.first(name)!
    const types = because.group === 'tools' || (because.module === undefined && name !== 'react') ? undefined : typesPackage(name)
    if (types !== undefined) dev(types, `${name} has no types of its own`)
  }
  const manifest = source.entries.some(({ path }) => isBelow(path, unit) && below(path, unit) === 'package.json')
  if (!manifest && !bundlers.some((name) => needs.has(name)))
    add(needs, 'tsx', 'tools', 'A', 'javascript.tool.typescript', 'no bundler and no package.json: tsx runs it where node cannot', file)
}

const bundlers =
  'next nuxt astro vite gatsby expo webpack rollup tsup esbuild parcel @sveltejs/kit @remix-run/dev @angular/cli @nestjs/cli @solidjs/start'.split(
    ' ',
  )

function add(needs: NpmNeeds, name: string, group: Group, grade: 'A' | 'B', rule: string, says: string, file: string, line = 1): void {
  needs.add({ name, version: '*', group, grade, rule, says, file, line })
}
