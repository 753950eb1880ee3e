import type { Grade, Notice } from '../detect/detection.ts'
import { shown } from '../failure/error.ts'
import { readText, type Readable } from './files.ts'
import type { Import, Inference, InferOptions } from './infer.ts'
import { scriptBlocks, styleBlocks, type Block } from './javascript-blocks.ts'
import { addCompanions, type Seen } from './javascript-companions.ts'
import { readConfigs } from './javascript-config.ts'
import { isBundle, javascriptFiles, type JavaScriptFiles } from './javascript-files.ts'
import { NpmNeeds, type Group } from './javascript-gather.ts'
import { readProgram, type Specifier } from './javascript-lexer.ts'
import { localSpecifiers, type Resolve } from './javascript-local.ts'
import { readSpecifier, type Asked } from './javascript-specifier.ts'
import { readStyles } from './javascript-styles.ts'
import { typesPackage } from './npm-table.ts'

/**
 * The packages that the JavaScript and TypeScript files of a unit need: what they import, and what that needs beside it. Local files
 * and aliases go before all packages. Only names on the shipped list become dependencies, in the version a specifier gives, else in
 * any (`*`, offline nothing better is known). Groups: `default`, `optional` (guarded by a `try`), `dev` (to build, and for types),
 * `tools` (beside the program: never installed by a build).
 */
export function inferJavaScript(source: Readable, options: InferOptions): Inference {
  const files = javascriptFiles(source, options)
  const reading = new Reading(localSpecifiers(source))
  for (const file of files.program) reading.program(readText(source, file), file, 'default')
  for (const file of files.config) if (/\.[cm]?[jt]sx?$/.test(file)) reading.program(readText(source, file), file, configGroup(file))
  for (const file of files.styles) reading.styles({ text: readText(source, file), as: file }, file)
  readConfigs(source, files.config, reading.needs)
  addCompanions(source, options.unit, reading.seen, reading.needs)
  return answer(reading, files, options.accept ?? 'D')
}

/** Next reads its file when it starts; the others are read while building, or by tools. */
function configGroup(file: string): Group {
  return /(?:^|\/)next\.config/.test(file)
    ? 'default'
    : /(?:vitest|jest|playwright|cypress|eslint|prettier|stylelint|commitlint|\.eslintrc)/.test(file)
      ? 'tools'
      : 'dev'
}

function answer({ needs, foreign, notices }: Reading, files: JavaScriptFiles, accept: Grade): Inference {
  const dependencies = needs.dependencies().filter(({ grade }) => grade <= accept)
  return { dependencies, unresolved: needs.unresolved(), imports: foreign, notices: [...files.notices, ...notices] }
}

class Reading {
  readonly needs = new NpmNeeds()
  readonly foreign: Import[] = []
  readonly notices: Notice[] = []
  readonly seen: Seen = { typescript: [], elements: [], sources: [], node: [] }
  readonly #resolve: Resolve

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  program(text: string, file: string, group: Group): void {
    if (isBundle(text)) {
      this.notices.push({ code: 'file_not_inferred', message: 'made by a bundler: what it holds is no import of this program', file })
      return
    }
    for (const block of scriptBlocks(text, file)) this.#block(block, file, group)
    const framework = /\.(vue|svelte|astro)$/.exec(file)?.[1]
    if (framework === undefined) return
    for (const block of styleBlocks(text)) this.styles(block, file)
    this.needs.add({
      ...by('javascript.file.kind', `${shown(file)} is ${framework}'s`, file, 1),
      name: framework,
      group: framework === 'svelte' ? 'dev' : 'default',
    })
  }

  #block({ text, as }: Block, file: string, group: Group): void {
    const { specifiers, elements } = readProgram(text, as)
    if (elements && group === 'default' && !/\.(?:vue|svelte|astro|mdx)$/.test(file)) this.seen.elements.push(file)
    if (/\.[cm]?tsx?$/.test(as) && as !== 'astro.ts') this.seen.typescript.push(file)
    if (nodeGlobals.test(text)) this.seen.node.push(file)
    for (const specifier of specifiers) this.#specifier({ ...specifier, file }, group)
    if (text.includes('@jsxImportSource'))
      for (const [, name] of text.slice(0, 3000).matchAll(/@jsxImportSource\s{1,9}([@\w./-]{1,100})/g))
        this.seen.sources.push({ name: name!, file })
    this.#references(text, file)
  }

  /** `/// <reference types>` and `import()` in a comment's types: for the checker alone. */
  #references(text: string, file: string): void {
    const named = [
      ...(text.includes('<reference') ? text.matchAll(/^\/\/\/\s{0,9}<reference\s{1,9}types=["']([^"'\n]{1,200})["']/gm) : []),
      ...(text.includes('{import(') || text.includes(' import(')
        ? text.matchAll(/@\w{1,20}\s{1,9}\{[^{}\n]{0,200}?\bimport\(["']([^"'\n]{1,200})["']\)/g)
        : []),
    ]
    for (const { 1: module, index } of named.slice(0, 100)) {
      const asked = readSpecifier(module!)
      const line = text.slice(0, index).split('\n').length
      if (asked?.kind === 'package' && this.#resolve(module!, asked.name, file) === undefined)
        this.#types(asked.name, { file, line, module: module! })
    }
  }

  #specifier(specifier: Specifier, group: Group): void {
    if (specifier.kind === 'prefix') return this.#prefix(specifier, group)
    const asked = this.#follow(specifier.module, specifier.file)
    if (asked === undefined) return
    if (asked.kind === 'provided') {
      if (/^(?:node:|[a-z_]+(?:\/[a-z]+)?$)/.test(specifier.module)) this.seen.node.push(specifier.file)
      if (asked.by !== undefined)
        this.needs.add({
          ...by('javascript.import.framework', `imports ${shown(specifier.module)}`, specifier.file, specifier.line),
          name: asked.by,
          group: asked.by === '@sveltejs/kit' ? 'dev' : 'default',
        })
      return
    }
    if (specifier.kind !== 'mock') this.foreign.push(plain(specifier))
    if (asked.kind === 'jsr')
      this.needs.miss(asked.name, specifier, `${shown(asked.name)} is on jsr.io, which npm does not ask: npx jsr add writes it`)
    else this.#settle(asked, specifier, groupOf(specifier, group))
  }

  /** Through the source's own files and aliases to what they stand for; undefined for the source's own. */
  #follow(module: string, file: string): Asked | undefined {
    let at = module
    for (let steps = 0; steps < 5; steps++) {
      const asked = readSpecifier(at)
      const found = this.#resolve(at.replace(/[?!].*$/s, ''), asked?.kind === 'package' ? asked.name : undefined, file)
      if (found === undefined) return asked
      if (found === 'local') return undefined
      at = found.alias
    }
    return undefined
  }

  #settle({ name, version }: Extract<Asked, { kind: 'package' }>, specifier: Specifier, group: Group): void {
    const { module, file, line } = specifier
    if (specifier.typeOnly && group === 'dev') return this.#types(name, specifier)
    const says =
      specifier.kind === 'mock'
        ? `mocks ${shown(module)}`
        : specifier.guarded
          ? `imports ${shown(module)} in a try`
          : `imports ${shown(module)}`
    const known = this.needs.add({ name, version, group, grade: 'C', rule: 'javascript.import.name', says, file, line, module })
    if (!known && group === 'default') this.needs.miss(name, specifier, `${shown(name)} is no known package`)
  }

  /** Types come with their package, or under a name of their own. */
  #types(name: string, { file, line, module }: { readonly file: string; readonly line: number; readonly module: string }): void {
    const says = `imports types of ${shown(module)}`
    this.needs.add({
      ...by('javascript.import.types', says, file, line),
      name: typesPackage(name) ?? name,
      group: 'dev',
      grade: 'C',
      module,
    })
  }

  /** The start of a template names a package when it goes beyond the name. */
  #prefix(specifier: Specifier, group: Group): void {
    const { module, file, line } = specifier
    const asked = this.#follow(module, file)
    if (asked?.kind === 'package' && asked.rest.startsWith('/')) return this.#specifier({ ...specifier, kind: 'dynamic' }, group)
    if (asked !== undefined || module === '')
      this.notices.push({ code: 'dynamic_import', message: 'what this imports is only known when it runs', file, line })
  }

  styles({ text, as }: Block, file: string): void {
    if (/\.(?:scss|sass|less)$/.test(as))
      this.needs.add({
        ...by('javascript.file.kind', `${shown(file)} has ${/\.(\w+)$/.exec(as)![1]!}`, file, 1),
        name: as.endsWith('.less') ? 'less' : 'sass',
        group: 'dev',
      })
    for (const { module, line, word } of readStyles(text)) {
      const asked = this.#follow(module, file)
      if (
        asked?.kind !== 'package' ||
        (word && !/^(?:tailwindcss|bootstrap|animate\.css|normalize\.css|modern-normalize|bulma)$/.test(module))
      )
        continue
      const era = /@tailwind\s/.test(text) && module === 'tailwindcss' ? '^3' : '*'
      this.needs.add({
        ...by('javascript.style.name', `names ${shown(module)}`, file, line),
        name: asked.name,
        version: era,
        group: 'dev',
        grade: 'C',
        module,
      })
    }
  }
}

const nodeGlobals = /\b(?:process|Buffer)\s?\.\s?\w/

function groupOf({ kind, typeOnly, guarded }: Specifier, group: Group): Group {
  if (group !== 'default') return group
  return kind === 'mock' ? 'tools' : typeOnly ? 'dev' : guarded ? 'optional' : 'default'
}

function plain({ module, names, level, file, line, optional }: Specifier): Import {
  return { module, names, level, file, line, optional }
}

function by(
  rule: string,
  says: string,
  file: string,
  line: number,
): { rule: string; says: string; file: string; line: number; grade: 'A'; version: '*' } {
  return { rule, says, file, line, grade: 'A', version: '*' }
}
