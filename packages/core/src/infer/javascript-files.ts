import { below, chooseFiles, type Chosen, type Readable } from './files.ts'
import type { InferOptions } from './infer.ts'
import { readJson } from './javascript-json.ts'

/** The files of a unit that inference reads, by what they are for. */
export interface JavaScriptFiles extends Chosen {
  /** the given or chosen program's own */
  readonly program: readonly string[]
  /** tools' configuration, which is a program too */
  readonly config: readonly string[]
  readonly styles: readonly string[]
}

/** Read are the given files, or all of the unit that belong to the program. What only examples hold is read where there is nothing else. */
export function javascriptFiles(source: Readable, { unit, files }: InferOptions): JavaScriptFiles {
  if (files !== undefined) {
    const given = new Set(files)
    return sorted(chooseFiles(source, '.', (path) => given.has(path)))
  }
  const others = otherUnits(source, unit)
  const inUnit = (path: string): boolean => wanted.test(path) && !beside.test(`/${path}`) && !others.some((other) => path.startsWith(other))
  const chosen = sorted(chooseFiles(source, unit, (path) => inUnit(path) && !aside.test(`/${path}`)))
  return chosen.program.length > 0 ? chosen : sorted(chooseFiles(source, unit, inUnit))
}

const wanted = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx|css|scss|sass|less)$|(?:^|\/)\.?(?:eslintrc|babelrc|postcssrc)(?:\.json)?$/

/** Files of a project that are no part of its program, and copies of other people's. */
const beside =
  /\/(?:node_modules|bower_components|dist|build|out|vendor|vendors|third_party|coverage|tests?|__tests__|__mocks__|__fixtures__|fixtures|cypress|e2e|\.(?!vitepress\/)[^/]+)\/|\.(?:test|spec|stories|cy|min|bundle|chunk)\.[cm]?[jt]sx?$|\.d\.(?:[^/]{1,40}\.)?[cm]?ts$|\/public\/(?:[^/]+\/)*[^/]+\.[cm]?js$|\.min\.css$/

const aside = /\/(?:docs?|examples?|benchmarks?|scripts|templates?)\//

const configName =
  /(?:^|\/)(?:[\w-]+\.config\.[cm]?[jt]sx?|gatsby-(?:config|node|browser|ssr)\.[jt]sx?|\.?(?:eslintrc|babelrc|postcssrc)(?:\.(?:json|[cm]?js))?)$/

function sorted(chosen: Chosen): JavaScriptFiles {
  const config = chosen.files.filter((file) => configName.test(file))
  const styles = chosen.files.filter((file) => /\.(?:css|scss|sass|less)$/.test(file))
  const taken = new Set([...config, ...styles])
  return { ...chosen, config, styles, program: chosen.files.filter((file) => !taken.has(file)) }
}

/** Directories below the unit that have a package of their own: their imports are not this one's. */
function otherUnits(source: Readable, unit: string): readonly string[] {
  const found = source.entries.flatMap((entry) =>
    entry.kind === 'file' && entry.size < 1024 * 1024 && entry.path.endsWith('/package.json') && !entry.path.includes('node_modules/')
      ? [entry.path]
      : [],
  )
  const directories = found
    .slice(0, 1000)
    .map((path) => ({
      path,
      directory: unit === '.' || path.startsWith(`${unit}/`) ? below(path, unit).slice(0, -'package.json'.length) : '',
    }))
    .filter(({ directory }) => directory !== '')
  return directories
    .filter(({ path }) => {
      const json = readJson(source, path)
      return json.dependencies !== undefined || json.devDependencies !== undefined
    })
    .map(({ directory }) => directory)
}

/** Built by a bundler: its imports are those of programs that were put in it. */
export function isBundle(text: string): boolean {
  if (text.length < 2000) return false
  if (text.includes('__webpack_require__') || text.includes('webpackChunk')) return true
  const lines = text.split('\n', 200)
  return text.length > 10_000 && lines.some((line) => line.length > 5000 && (line.match(/[;,{}]/g)?.length ?? 0) > line.length / 50)
}
