import satisfies from 'semver/functions/satisfies.js'
import type { Notice } from '../detection.ts'
import type { Server } from '../project.ts'
import type { Tree } from '../tree.ts'
import { isTypeScript, type NodeFiles } from './files.ts'
import type { PackageJson } from './package-json.ts'
import { notErasable, type NotErasable, type TsConfig } from './typescript.ts'

/** How node is brought to run a file that it cannot run as it is. */
export interface Runner {
  readonly options: readonly string[]
  /** the loader, where the source does not declare it */
  readonly needs?: Server
  readonly groups: readonly string[]
  readonly notices: readonly Notice[]
}

/** TypeScript without a build: Node's own type stripping from 22.18 on, else tsx. */
export function runnerFor(
  tree: Tree,
  files: NodeFiles,
  file: string,
  { manifest, tsConfig, version }: { manifest: PackageJson | undefined; tsConfig: TsConfig | undefined; version: string },
): Runner | undefined {
  if (!isTypeScript(file)) return undefined
  const why = stripsTypes(version) ? notErasable(tree, files, file, tsConfig) : { file, says: `Node ${version} does not run TypeScript` }
  return why ? withTsx(manifest, why) : undefined
}

function stripsTypes(version: string): boolean {
  return version.includes('.') ? satisfies(version, '^22.18.0 || >=23.6.0') : Number(version) >= 22
}

function withTsx(manifest: PackageJson | undefined, { file, line, says }: NotErasable): Runner {
  const declared = manifest?.dependencies.find(({ name }) => name === 'tsx')
  const place = { file, ...(line === undefined ? {} : { line }) }
  const notice = {
    code: 'typescript_loader',
    message: `${says}, so the program runs with tsx. A build step would make it start faster.`,
    ...place,
  }
  const options = ['--import', 'tsx']
  if (declared) return { options, groups: declared.group === 'default' ? [] : [declared.group], notices: [notice] }
  const needs = { name: 'tsx', specifier: '^4', evidence: { rule: 'node.runner.tsx', ...place, says } }
  return { options, needs, groups: [], notices: [notice] }
}
